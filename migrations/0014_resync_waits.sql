-- What runs wait for, what they set aside, and leases that no clock on a wall decides.

-- counted up with each sign of life; whoever sees the same number for as long as the lease lasts may take the run over
alter table resyncs add column beat bigint not null default 0;
-- how long that is, in milliseconds
alter table resyncs add column lease_millis bigint not null default 45000;
-- failed or cancelled: automatic runs rest a while after it
alter table resyncs add column rests boolean not null default true;
-- the organization's wish for a resync that this run fulfils
alter table resyncs add column wanted_at bigint;
-- waits for Scalekit until then, and why
alter table resyncs add column waits_until bigint;
alter table resyncs add column waits_for text;
-- entries of lists that could not be read; such a run removes no person
alter table resyncs add column set_aside bigint not null default 0;
create index resyncs_to_confirm on resyncs (planned_at) where state = 'waiting';

-- how often its list was begun again because Scalekit refused a page token
alter table resync_directories add column restarts bigint not null default 0;

create table resync_set_aside (
    organization_id text not null,
    resync_id text not null,
    -- of the entry, so that a list that is read again adds nothing
    fingerprint text not null,
    -- empty: the list of directories
    directory_id text not null,
    kind text not null check (kind in ('directory', 'user', 'group', 'membership', 'duplicate')),
    -- as far as it has one that can be shown
    entry_id text,
    why text not null,
    primary key (organization_id, resync_id, fingerprint),
    foreign key (organization_id, resync_id) references resyncs (organization_id, id)
);

-- counted up with each sign of life
alter table event_log add column beat bigint not null default 0;
