-- One set for SQLite and Postgres: text, bigint, boolean, bytea; times are nanoseconds since 1970 in UTC; no defaults
-- that ask the engine for anything. Tenant data has the organization's id first in its primary key.

create table organizations (
    -- Scalekit's org_…
    id text primary key not null,
    name text not null,
    -- lower case name and id, for the search field
    search_key text not null,
    external_id text,
    limit_kind text not null check (limit_kind in ('not_set', 'seats', 'unlimited')),
    limit_seats bigint check (limit_seats between 0 and 10000000),
    -- counts every change of the limit; a form names the version it was made from
    limit_version bigint not null,
    limit_set_by text,
    limit_reason text,
    limit_set_at bigint,
    -- stored counts: equal to the number of provisioned and of blocked people at every commit
    used bigint not null check (used >= 0),
    waiting bigint not null check (waiting >= 0),
    -- the places handed out so far reach from first_place to last_place
    first_place bigint not null,
    last_place bigint not null,
    -- freed seats are filled from the line without asking
    automatic boolean not null,
    -- deleted in Scalekit; history stays
    archived boolean not null,
    -- counts every change to anything of this organization; changing it is also the lock
    revision bigint not null,
    -- the newest news of the organization itself (created, updated, deleted): when, and what wins at the same moment
    news_at bigint,
    news_tie bigint,
    -- somebody has to ask the directory: since when
    resync_wanted_at bigint,
    created_at bigint not null,
    changed_at bigint not null,
    check ((limit_kind = 'seats') = (limit_seats is not null))
);
create index organizations_by_change on organizations (changed_at);

create table directories (
    organization_id text not null references organizations (id),
    id text not null,
    -- OKTA, GOOGLE, MICROSOFT_AD …
    provider text,
    state text not null check (state in ('created', 'enabled', 'disabled', 'deleted')),
    news_at bigint not null,
    news_tie bigint not null,
    primary key (organization_id, id)
);

create table directory_users (
    organization_id text not null references organizations (id),
    -- Scalekit's diruser_…, or email:… until the first real id is known
    id text not null,
    state text not null check (state in ('provisioned', 'blocked', 'dismissed', 'inactive', 'removed')),
    email text,
    -- lower case, trimmed: finds twins and people without an id
    email_key text,
    name text,
    -- lower case name and address, for the search field
    search_key text not null,
    external_id text,
    -- a JSON list of role names
    roles text not null,
    -- the place in the waiting line; smaller is nearer to a seat
    place bigint,
    -- when the present state began
    since bigint not null,
    -- the news each part holds: when it happened, and what wins at the same moment
    activity_at bigint not null,
    activity_tie bigint not null,
    profile_at bigint not null,
    profile_tie bigint not null,
    groups_at bigint not null,
    groups_tie bigint not null,
    roles_at bigint not null,
    roles_tie bigint not null,
    primary key (organization_id, id),
    check ((state = 'blocked') = (place is not null))
);
create unique index directory_users_line on directory_users (organization_id, place) where place is not null;
create index directory_users_by_email on directory_users (organization_id, email_key);
create index directory_users_by_state on directory_users (organization_id, state, search_key, id);

create table directory_groups (
    organization_id text not null references organizations (id),
    -- Scalekit's dirgroup_…
    id text not null,
    directory_id text,
    name text,
    -- a tombstone, so that a late older event stays out
    deleted boolean not null,
    news_at bigint not null,
    news_tie bigint not null,
    primary key (organization_id, id)
);

create table memberships (
    organization_id text not null,
    user_id text not null,
    group_id text not null,
    primary key (organization_id, user_id, group_id),
    foreign key (organization_id, user_id) references directory_users (organization_id, id) on update cascade
);
create index memberships_by_group on memberships (organization_id, group_id);

-- The inbox: every verified delivery.
create table deliveries (
    id text primary key not null,
    -- the header, msg_…: the same for every retry of one message
    webhook_id text not null,
    -- the body's id, evt_…; the webhook-id where the body has none
    event_id text not null,
    kind text not null,
    -- null where the body names none that we could read
    organization_id text,
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
    -- as it came; null for duplicates, and once retention has taken it
    body bytea,
    -- SHA-256 of the body, in hex
    body_hash text not null
);
create unique index deliveries_by_webhook on deliveries (webhook_id) where original;
create unique index deliveries_by_event on deliveries (event_id, kind) where original;
create index deliveries_by_organization on deliveries (organization_id, received_at);
create index deliveries_by_time on deliveries (received_at);

-- Everything that touched a seat or the line, kept for ever.
create table decisions (
    organization_id text not null references organizations (id),
    -- the organization's revision that this decision is part of, and its place within
    revision bigint not null,
    ordinal bigint not null,
    user_id text not null,
    -- null: nobody knew them before
    from_state text,
    to_state text not null,
    reason text not null,
    -- the limit and the seats taken that the decision saw
    limit_kind text not null,
    limit_seats bigint,
    used bigint not null,
    -- the event's type, or the name of the command
    cause text not null,
    -- evt_…, where an event caused it
    event_id text,
    -- who did it, where it was a person
    actor text,
    decided_at bigint not null,
    primary key (organization_id, revision, ordinal)
);
create index decisions_by_user on decisions (organization_id, user_id, revision, ordinal);

-- Who changed what, and why.
create table audit (
    organization_id text not null references organizations (id),
    id text not null,
    actor text not null,
    action text not null,
    before_value text,
    after_value text,
    reason text,
    at bigint not null,
    primary key (organization_id, id)
);

create table alert_episodes (
    organization_id text not null references organizations (id),
    id text not null,
    kind text not null,
    began_at bigint not null,
    ended_at bigint,
    primary key (organization_id, id)
);
create unique index alert_episodes_open on alert_episodes (organization_id, kind) where ended_at is null;

-- Everything that still has to leave, written in the transaction that caused it.
create table outbox (
    id text primary key not null,
    organization_id text,
    -- one letter for each episode and recipient
    episode_id text not null,
    recipient text not null,
    subject text not null,
    text_body text not null,
    html_body text not null,
    created_at bigint not null,
    -- not before
    due_at bigint not null,
    attempts bigint not null,
    -- somebody is at it until then
    lease_until bigint not null,
    sent_at bigint,
    -- given up
    failed_at bigint,
    last_error text
);
create unique index outbox_once on outbox (episode_id, recipient);
create index outbox_due on outbox (due_at) where sent_at is null and failed_at is null;
