-- How often sign-ins failed lately. Each row is one limit of one source, e-mail address or device. A row is worth nothing once
-- `full_at` has passed, and is removed then.
create table sign_in_counters (
    -- SHA-256 of what is counted: people mistype passwords into the e-mail field
    key text primary key not null,
    -- when all attempts are free again; each failure moves it on by the same span
    full_at bigint not null
);
create index sign_in_counters_by_time on sign_in_counters (full_at);

-- Browsers in which an account has signed in: a stranger's failures elsewhere do not count for them.
create table known_devices (
    -- SHA-256 of the cookie's token
    token_hash text not null,
    account_id text not null references accounts (id),
    -- SHA-256 of the account's address and the network of its last sign-in
    network_key text not null,
    seen_at bigint not null,
    primary key (token_hash, account_id)
);
create index known_devices_by_account on known_devices (account_id, seen_at);
create index known_devices_by_network on known_devices (network_key);
create index known_devices_by_time on known_devices (seen_at);
