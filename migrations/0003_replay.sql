-- The inspector's ways into the inbox, however large it is. Whatever is rare has an index of its own that holds nothing else,
-- so that taking a delivery hardly pays for it.
drop index deliveries_by_time;
-- the whole order: with less, SQLite may think that another index and sorting everything is cheaper
create index deliveries_by_time on deliveries (received_at, id);
create index deliveries_by_kind on deliveries (kind, received_at);
create index deliveries_dead on deliveries (received_at, id) where outcome = 'dead';
create index deliveries_dead_by_organization on deliveries (organization_id, received_at, id) where outcome = 'dead';
create index deliveries_dead_by_kind on deliveries (kind, received_at, id) where outcome = 'dead';
create index deliveries_suspicious on deliveries (received_at, id) where suspicious;
create index deliveries_remarkable on deliveries (outcome, received_at, id)
    where outcome = 'mismatch' or outcome = 'archived' or outcome = 'ignored' or outcome = 'stale';
create index deliveries_repeats on deliveries (webhook_id) where not original;
create index deliveries_repeated_events on deliveries (event_id) where not original;
create index decisions_by_event on decisions (organization_id, event_id);

-- What people did with a delivery: replayed it, looked at the personal data in it.
create table delivery_history (
    delivery_id text not null,
    id text not null,
    -- replayed or shown
    action text not null check (action in ('replayed', 'shown')),
    actor text not null,
    -- null: the command line
    account_id text,
    -- the outcome of a replay, and the sentence where it stayed dead
    outcome text,
    why text,
    at bigint not null,
    primary key (delivery_id, id)
);

-- Replays of many dead letters: from the oldest to the newest that was there at the start.
create table replays (
    -- rpl_…
    id text primary key not null,
    state text not null check (state in ('running', 'finished', 'cancelled')),
    -- which dead letters; null: all of them
    organization_id text,
    kind text,
    -- alerts that begin meanwhile send their letters
    letters boolean not null,
    started_by text not null,
    account_id text,
    started_at bigint not null,
    -- counted at the start
    total bigint not null,
    succeeded bigint not null,
    still_dead bigint not null,
    -- the last one that was replayed; its place in the order
    at_received bigint not null,
    at_id text not null,
    -- somebody is at it until then
    lease_until bigint not null,
    ended_at bigint,
    -- who cancelled it
    ended_by text
);
-- one at a time
create unique index replays_running on replays (state) where state = 'running';
create index replays_by_time on replays (started_at);

-- Alert episodes that are about this installation rather than one organization.
create table house_episodes (
    id text primary key not null,
    kind text not null,
    began_at bigint not null,
    ended_at bigint
);
create unique index house_episodes_open on house_episodes (kind) where ended_at is null;
