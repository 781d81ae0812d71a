-- Webhook deliveries, replays of dead letters, and the backfill from Scalekit's event log.

-- A delivery is unique within its organization: a message with the ids of another one and with another organization is not the
-- same message.
create table deliveries (
    -- that the body names, or that owns the group that the body names; empty: none that can be read
    organization_id text not null,
    id text not null,
    -- the header's msg_…: the same for every retry of a message
    webhook_id text not null,
    -- the body's evt_…; the webhook id if the body has none
    event_id text not null,
    kind text not null,
    occurred_at bigint not null,
    received_at bigint not null,
    outcome text not null check (outcome in ('admitted', 'blocked', 'released', 'updated', 'removed', 'duplicate', 'stale',
        'ignored', 'mismatch', 'archived', 'dead')),
    -- the first of its kind; later ones with the same ids are duplicates
    original boolean not null,
    -- the same id came with a different body
    suspicious boolean not null,
    -- a sentence, for dead letters
    why text,
    -- as it came; null for duplicates, and after retention has removed it
    body bytea,
    -- SHA-256 of the body, in hex
    body_hash text not null,
    -- the organization's revision that the delivery led to
    revision bigint,
    -- also the order in which a page reads the deliveries of an organization
    primary key (organization_id, received_at, id)
);
-- These two end with the organization's id: new ids are the largest, so that the entries of a batch stay together on few pages, and
-- a search that names no organization uses the indexes, too.
create unique index deliveries_by_webhook on deliveries (webhook_id, organization_id) where original;
create unique index deliveries_by_event on deliveries (event_id, kind, organization_id) where original;
create index deliveries_repeats on deliveries (webhook_id) where not original;
create index deliveries_repeated_events on deliveries (event_id) where not original;
-- for addresses of pages, which name no organization
create index deliveries_by_id on deliveries (id);
create index deliveries_by_time on deliveries (received_at, id);
create index deliveries_by_kind on deliveries (kind, received_at);
create index deliveries_dead on deliveries (received_at, id) where outcome = 'dead';
create index deliveries_dead_by_organization on deliveries (organization_id, received_at, id) where outcome = 'dead';
create index deliveries_dead_by_kind on deliveries (kind, received_at, id) where outcome = 'dead';
create index deliveries_replayable on deliveries (received_at, id) where outcome = 'dead' and body is not null;
create index deliveries_replayable_by_organization on deliveries (organization_id, received_at, id)
    where outcome = 'dead' and body is not null;
create index deliveries_replayable_by_kind on deliveries (kind, received_at, id) where outcome = 'dead' and body is not null;
create index deliveries_suspicious on deliveries (received_at, id) where suspicious;
create index deliveries_remarkable on deliveries (outcome, received_at, id)
    where outcome = 'mismatch' or outcome = 'archived' or outcome = 'ignored' or outcome = 'stale';

-- What people did with a delivery: they replayed it, or had its personal data shown.
create table delivery_history (
    -- of the delivery
    organization_id text not null,
    delivery_id text not null,
    id text not null,
    action text not null check (action in ('replayed', 'shown')),
    actor text not null,
    -- null: the command line
    account_id text,
    -- the outcome of a replay, and a sentence if the delivery stayed dead
    outcome text,
    why text,
    at bigint not null,
    primary key (organization_id, delivery_id, id)
);

create table bulk_replays (
    -- rpl_…
    id text primary key not null,
    state text not null check (state in ('running', 'finished', 'cancelled')),
    -- the filter; null: all organizations, all types
    organization_id text,
    kind text,
    -- alerts that open meanwhile send their e-mails
    sends_emails boolean not null,
    started_by text not null,
    account_id text,
    started_at bigint not null,
    -- the dead letters at the start
    total bigint not null,
    succeeded bigint not null,
    still_dead bigint not null,
    -- the dead letter that was replayed last
    last_received_at bigint not null,
    last_delivery_id text not null,
    -- the lease on this row (src/store/lease.rs): how often it was taken, how many heartbeats its holders sent, and for how
    -- many milliseconds after a heartbeat it is held (0: it is free)
    claim bigint not null default 0,
    heartbeats bigint not null default 0,
    lease_millis bigint not null default 0,
    ended_at bigint,
    -- the person who cancelled it
    ended_by text
);
create unique index bulk_replays_running on bulk_replays (state) where state = 'running';
create index bulk_replays_by_time on bulk_replays (started_at);

-- One row: the state of the backfill.
create table event_log (
    id text primary key not null check (id = 'event_log'),
    -- the lease on this row (src/store/lease.rs): how often it was taken, how many heartbeats its holders sent, and for how
    -- many milliseconds after a heartbeat it is held (0: it is free)
    claim bigint not null default 0,
    heartbeats bigint not null default 0,
    lease_millis bigint not null default 0,
    checked_at bigint,
    -- when an event was missing the last time, and what was done about it
    closed_at bigint,
    found bigint not null,
    by_resync boolean not null,
    error_code text,
    error_message text
);
