create table accounts (
    -- acc_…
    id text primary key not null,
    email text not null,
    -- lower case, trimmed
    email_key text not null,
    name text not null,
    role text not null check (role in ('staff-admin', 'staff', 'tenant-admin', 'tenant-viewer')),
    -- argon2id, as a PHC string
    password_hash text not null,
    created_at bigint not null
);
create unique index accounts_by_email on accounts (email_key);

-- What a tenant's account may see. Staff see everything.
create table account_organizations (
    organization_id text not null references organizations (id),
    account_id text not null references accounts (id),
    primary key (organization_id, account_id)
);
create index account_organizations_by_account on account_organizations (account_id);

create table sessions (
    -- SHA-256 of the cookie's token, in hex: a stolen database signs nobody in
    token_hash text primary key not null,
    account_id text references accounts (id),
    data bytea not null,
    expires_at bigint not null
);
create index sessions_by_account on sessions (account_id);
create index sessions_by_expiry on sessions (expires_at);
