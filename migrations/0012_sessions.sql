-- Sessions begin anew: their tokens have 256 bits now, and every person signs in once more.
drop table sessions;

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

-- When the account's sessions or rights changed last: on SQLite other processes notice it by this.
alter table accounts add column access_changed_at bigint not null default 0;
create index accounts_by_access_change on accounts (access_changed_at);
