-- Every change of a seat state, with its reason. Rows are only ever added.

create table decisions (
    organization_id text not null references organizations (id),
    -- the organization's revision that this decision is part of, and its position within the revision
    revision bigint not null,
    ordinal bigint not null,
    user_id text not null,
    -- null: the user was not known before
    from_state text,
    to_state text not null,
    reason text not null,
    -- the limit and the used seats that the decision saw
    limit_kind text not null,
    limit_seats bigint,
    used bigint not null,
    -- the event's type, or the name of the command
    cause text not null,
    -- evt_…, if an event is the cause
    event_id text,
    -- the person, if a person is the cause
    actor text,
    decided_at bigint not null,
    primary key (organization_id, revision, ordinal)
);
create index decisions_by_user on decisions (organization_id, user_id, revision, ordinal);
