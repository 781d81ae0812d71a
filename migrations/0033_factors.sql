-- What a person shows besides the password: an authenticator app and recovery codes; and the steps of a sign-in that are
-- under way.

create table authenticator_apps (
    account_id text primary key not null references accounts (id),
    -- the secret that the app has, too: without it no code can be checked
    secret bytea not null,
    added_at bigint not null,
    -- the 30 seconds of the last code that was accepted, counted from 1970: that code and older ones are refused
    last_step bigint not null
);

create table recovery_codes (
    account_id text not null references accounts (id),
    -- SHA-256 of the code, in base64
    code_hash text not null,
    -- null: it works
    used_at bigint,
    primary key (account_id, code_hash)
);

-- What a browser has begun and not ended: the second step of a sign-in, or the set-up of a factor.
create table factor_steps (
    -- SHA-256 of the cookie's token, in base64: a stolen database ends no sign-in
    token_hash text primary key not null,
    kind text not null,
    account_id text not null references accounts (id),
    -- SHA-256 of the password hash that was right: the step ends with another password
    password_mark text,
    -- the secret of a new app, in base64; empty for a second step
    state text not null,
    expires_at bigint not null
);
create index factor_steps_by_expiry on factor_steps (expires_at);
create index factor_steps_by_account on factor_steps (account_id);
