-- Periodic jobs, and the findings of the invariant checks.

create table jobs (
    -- check, retention, search_keys, room
    name text primary key not null,
    -- the lease on this row (src/store/lease.rs): how often it was taken, how many heartbeats its holders sent, and for how
    -- many milliseconds after a heartbeat it is held (0: it is free)
    claim bigint not null default 0,
    heartbeats bigint not null default 0,
    lease_millis bigint not null default 0,
    -- how often it was finished, and when the last time
    finished bigint not null default 0,
    finished_at bigint,
    -- JSON: what the job found, or how far it has come
    notes text not null
);

create table violations (
    kind text not null,
    -- the organization's id; empty: the whole installation
    subject text not null,
    since bigint not null,
    -- as it was seen last
    sentence text not null,
    seen_at bigint not null,
    ended_at bigint,
    primary key (kind, subject, since)
);
create unique index violations_open on violations (kind, subject) where ended_at is null;
