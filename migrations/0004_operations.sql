-- What this installation does by itself now and then, one row for each duty.
create table duties (
    -- check, retention
    name text primary key not null,
    -- somebody is at it until then
    lease_until bigint not null,
    finished_at bigint,
    -- JSON: what was found, or how far it has come
    notes text not null
);

-- What the check found not to hold, for as long as it did not.
create table violations (
    kind text not null,
    -- the organization's id; nothing where it is about the whole installation
    subject text not null,
    since bigint not null,
    -- as it was seen last
    sentence text not null,
    seen_at bigint not null,
    ended_at bigint,
    primary key (kind, subject, since)
);
create unique index violations_open on violations (kind, subject) where ended_at is null;

-- Alert episodes that are about this installation rather than one organization.
create table if not exists house_episodes (
    id text primary key not null,
    kind text not null,
    began_at bigint not null,
    ended_at bigint
);
create unique index if not exists house_episodes_open on house_episodes (kind) where ended_at is null;

create index if not exists deliveries_dead on deliveries (received_at, id) where outcome = 'dead';
create index outbox_failed on outbox (failed_at) where failed_at is not null;
