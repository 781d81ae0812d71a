-- Resyncs: what the Directory API listed, the plan, and what was applied.

create table resyncs (
    organization_id text not null references organizations (id),
    -- rsn_…
    id text not null,
    state text not null check (state in ('queued', 'listing', 'waiting', 'applying', 'done', 'cancelled', 'failed')),
    -- ends when the plan is made
    dry_run boolean not null,
    cause text not null,
    -- the person who asked for it, if a person did
    started_by text,
    created_at bigint not null,
    -- when Scalekit was asked first; a user who became known later is not removed
    started_at bigint,
    -- the same by Scalekit's clock
    since bigint,
    planned_at bigint,
    finished_at bigint,
    -- the lease on this row (src/store/lease.rs): how often it was taken, how many heartbeats its holders sent, and for how
    -- many milliseconds after a heartbeat it is held (0: it is free)
    claim bigint not null default 0,
    heartbeats bigint not null default 0,
    lease_millis bigint not null default 0,
    -- how often the run was claimed since it last made progress
    stalled_attempts bigint not null default 0,
    -- all directories are enabled, so users who are not listed are gone
    is_complete boolean not null,
    listed bigint not null,
    total bigint,
    applied bigint not null,
    -- calls of Scalekit's API
    calls bigint not null,
    -- entries of lists that could not be read; such a run removes no user
    set_aside bigint not null default 0,
    -- the plan in numbers
    created bigint not null,
    updated bigint not null,
    reactivated bigint not null,
    deactivated bigint not null,
    removed bigint not null,
    blocked bigint not null,
    groups bigint not null,
    -- why a person has to confirm the plan
    warning text,
    confirmed_by text,
    error_code text,
    error_message text,
    -- the run waits for Scalekit until then, and why
    waits_until bigint,
    waits_for text,
    -- the organization's request that this run fulfils
    wanted_at bigint,
    -- automatic runs pause for a while after this failed or cancelled one
    delays_next boolean not null default true,
    -- cleanup: the lists are removed; the plan is kept (0), is being removed (1) or removed (2)
    listing_removed boolean not null default false,
    plan_removal bigint not null default 0,
    primary key (organization_id, id)
);
create unique index resyncs_open on resyncs (organization_id) where state in ('queued', 'listing', 'waiting', 'applying');
create index resyncs_due on resyncs (created_at) where state in ('queued', 'listing', 'applying');
create index resyncs_to_confirm on resyncs (planned_at) where state = 'waiting';
create index resyncs_listing_left on resyncs (finished_at) where not listing_removed;
create index resyncs_plan_left on resyncs (finished_at) where plan_removal < 2;

create table resync_directories (
    organization_id text not null,
    resync_id text not null,
    id text not null,
    provider text,
    enabled boolean not null,
    -- what is listed next
    step text not null check (step in ('users', 'groups', 'done')),
    -- where the next page begins; null: at the first page
    next_token text,
    -- how often its users were listed; they are listed again if the list changed meanwhile
    pass bigint not null,
    again boolean not null default false,
    -- how often its list was begun again because Scalekit refused a page token
    restarts bigint not null default 0,
    primary key (organization_id, resync_id, id),
    foreign key (organization_id, resync_id) references resyncs (organization_id, id)
);
create index resync_directories_seen on resync_directories (organization_id, id);

create table resync_people (
    organization_id text not null,
    resync_id text not null,
    user_id text not null,
    directory_id text,
    pass bigint not null,
    -- as listed; null says nothing
    active boolean,
    email text,
    name text,
    external_id text,
    -- a JSON list of role names
    roles text,
    -- a JSON list of [group, name]
    groups text,
    -- when the page was asked for
    asked_at bigint not null,
    -- the planned change; null: none, or not planned yet
    change text,
    -- the order of applying: releases 0, everything else 1
    apply_order bigint,
    from_state text,
    blocked boolean not null,
    -- the placeholder that is merged into this user
    placeholder_id text,
    -- the result of applying
    outcome text,
    primary key (organization_id, resync_id, user_id),
    foreign key (organization_id, resync_id) references resyncs (organization_id, id)
);
create index resync_people_to_apply on resync_people (organization_id, resync_id, apply_order, user_id) where outcome is null;
create index resync_people_merging on resync_people (organization_id, resync_id, placeholder_id) where placeholder_id is not null;

create table resync_groups (
    organization_id text not null,
    resync_id text not null,
    id text not null,
    directory_id text,
    name text,
    asked_at bigint not null,
    change text not null check (change in ('listed', 'changed', 'removed')),
    primary key (organization_id, resync_id, id),
    foreign key (organization_id, resync_id) references resyncs (organization_id, id)
);

-- Entries of lists that could not be read.
create table resync_set_aside (
    organization_id text not null,
    resync_id text not null,
    -- of the entry, so that a list that is read again adds nothing
    fingerprint text not null,
    -- empty: the list of directories
    directory_id text not null,
    kind text not null check (kind in ('directory', 'user', 'group', 'membership', 'duplicate')),
    -- if it has one that can be shown
    entry_id text,
    why text not null,
    primary key (organization_id, resync_id, fingerprint),
    foreign key (organization_id, resync_id) references resyncs (organization_id, id)
);

create table resync_schedule (
    organization_id text primary key not null references organizations (id),
    due_at bigint not null
);
create index resync_schedule_due on resync_schedule (due_at);
