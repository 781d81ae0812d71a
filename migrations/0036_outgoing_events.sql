-- What Seatkeeper tells the product: the outgoing events. A transaction that changes seats writes its events without a number,
-- and the sequencer numbers committed events, one transaction after the other.

create table outgoing_events (
    organization_id text not null,
    -- the organization's revision that this event is part of, and its position within the revision
    revision bigint not null,
    ordinal bigint not null,
    id text not null,
    -- such as seat.admitted
    type text not null,
    occurred_at bigint not null,
    -- what the event says, as JSON
    data text not null,
    -- the number in the feed of the installation, without gaps; null: not numbered yet
    sequence bigint,
    primary key (organization_id, revision, ordinal)
);
-- what the sequencer numbers next: in an organization in the order of its commits
create index outgoing_events_unnumbered on outgoing_events (revision, organization_id, ordinal) where sequence is null;
-- the feed of the installation, and that of one organization
create index outgoing_events_by_sequence on outgoing_events (sequence) where sequence is not null;
create index outgoing_events_of_organization on outgoing_events (organization_id, sequence) where sequence is not null;

-- One row, which the sequencer locks: two of them never number at the same time.
create table event_sequence (
    id text primary key not null,
    -- the newest number; it stays when old events are removed
    last bigint not null
);
insert into event_sequence (id, last)
values ('event_sequence', 0);
