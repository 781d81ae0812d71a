-- Accounts, their rights, their sessions, and the audit log.

create table accounts (
    -- acc_…
    id text primary key not null,
    email text not null,
    -- the folded address
    email_key text not null,
    name text not null,
    role text not null check (role in ('staff-admin', 'staff', 'tenant-admin', 'tenant-viewer')),
    -- argon2id, as a PHC string
    password_hash text not null,
    created_at bigint not null,
    disabled_at bigint,
    enabled_at bigint,
    -- when the sessions or the rights changed last: on SQLite other processes notice it by this
    access_changed_at bigint not null default 0
);
create unique index accounts_by_email on accounts (email_key);
create index accounts_by_access_change on accounts (access_changed_at);

create table account_organizations (
    organization_id text not null references organizations (id),
    account_id text not null references accounts (id),
    -- the directory user that the account belonged to when it got access; null: no user had its address. A later change of the
    -- address changes nothing about that.
    user_id text,
    -- what the directory said before access was given takes nothing away
    granted_at bigint not null default 0,
    primary key (organization_id, account_id)
);
create index account_organizations_by_account on account_organizations (account_id);
create index account_organizations_by_user on account_organizations (organization_id, user_id) where user_id is not null;

create table sessions (
    -- SHA-256 of the cookie's token, in base64: a stolen database signs no person in
    token_hash text primary key not null,
    account_id text not null references accounts (id),
    -- the absolute limit is counted from here
    created_at bigint not null,
    -- the last use, to the minute; the idle limit is counted from here
    used_at bigint not null
);
create index sessions_by_account on sessions (account_id);
create index sessions_by_age on sessions (created_at);

-- How often sign-ins failed lately. Each row is one limit of one source, e-mail address or device. A row has no effect after
-- `full_at`, and is removed then.
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

-- Rows are only ever added: triggers hold this (src/db/append_only.rs).
create table audit_log (
    -- empty: about the installation, not about one organization
    organization_id text not null,
    id text not null,
    -- the name at that time: of a person, of the user of the command line, or of a job
    actor text not null,
    -- acc_…: the account of the person; null for the command line and for jobs
    actor_id text,
    action text not null,
    -- the id of the target, if the target is not the organization itself
    target_id text,
    -- the target's name at that time; if there is no such target, the name that was asked for
    target text,
    outcome text not null check (outcome in ('done', 'refused')),
    before_value text,
    after_value text,
    -- why it was done, or why it was refused
    reason text,
    -- the client's address and the id of the request (it is in the log, too); null for the command line and for jobs
    address text,
    request_id text,
    at bigint not null,
    primary key (organization_id, id)
);
create index audit_log_by_time on audit_log (at, id);
create index audit_log_of_organization on audit_log (organization_id, at, id);
