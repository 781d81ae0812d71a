-- Passkeys (WebAuthn): keys in a phone, a computer or a password manager, each of which opens an account without its
-- password; and what a browser has begun with one.

-- 16 random bytes in base64 by which passkeys know the account: they say nothing about it. Null: it never had one.
alter table accounts add column passkey_handle text;
create unique index accounts_by_passkey_handle on accounts (passkey_handle) where passkey_handle is not null;

create table passkeys (
    account_id text not null references accounts (id),
    id text not null,
    -- what its owner calls it
    name text not null,
    -- in base64: what the browser names it by
    credential_id text not null,
    -- the public key, the counter and the backup flags, as JSON of webauthn-rs
    credential text not null,
    added_at bigint not null,
    -- null: never after it was added
    used_at bigint,
    primary key (account_id, id)
);
-- no passkey opens two accounts
create unique index passkeys_by_credential on passkeys (credential_id);

-- What a browser was asked to sign. Each is used once: it is deleted when it is read.
create table passkey_ceremonies (
    -- SHA-256 of the cookie's token, in base64
    token_hash text primary key not null,
    kind text not null,
    -- null: it is not known who signs in
    account_id text references accounts (id),
    -- the challenge, as JSON of webauthn-rs
    state text not null,
    expires_at bigint not null
);
create index passkey_ceremonies_by_expiry on passkey_ceremonies (expires_at);
create index passkey_ceremonies_by_account on passkey_ceremonies (account_id) where account_id is not null;
