-- Comparisons with the directory: the job, how far it has come, what was listed, and what is to become of it.

create table resyncs (
    organization_id text not null references organizations (id),
    -- rsn_…
    id text not null,
    state text not null check (state in ('queued', 'listing', 'waiting', 'applying', 'done', 'cancelled', 'failed')),
    -- ends when the plan is made
    dry_run boolean not null,
    cause text not null,
    -- who asked for it, where it was a person
    started_by text,
    created_at bigint not null,
    -- when Scalekit was asked first; nobody heard of later than that is removed
    started_at bigint,
    planned_at bigint,
    finished_at bigint,
    -- counts everybody who took it up; whoever holds an older number has lost it
    claim bigint not null,
    -- somebody is at it until then
    lease_until bigint not null,
    -- all directories are enabled: whoever is not listed is gone
    whole boolean not null,
    listed bigint not null,
    total bigint,
    applied bigint not null,
    -- calls made to Scalekit
    calls bigint not null,
    created bigint not null,
    updated bigint not null,
    reactivated bigint not null,
    deactivated bigint not null,
    removed bigint not null,
    blocked bigint not null,
    groups bigint not null,
    -- why somebody has to look at the plan
    doubt text,
    confirmed_by text,
    error_code text,
    error_message text,
    primary key (organization_id, id)
);
create unique index resyncs_open on resyncs (organization_id) where state in ('queued', 'listing', 'waiting', 'applying');
create index resyncs_due on resyncs (created_at) where state in ('queued', 'listing', 'applying');

create table resync_directories (
    organization_id text not null,
    resync_id text not null,
    id text not null,
    provider text,
    enabled boolean not null,
    -- what is listed next: users, then groups
    step text not null check (step in ('users', 'groups', 'done')),
    -- where the next page begins; null: at the first
    next_token text,
    -- how often its people were gone through; again where it changed underway
    pass bigint not null,
    primary key (organization_id, resync_id, id),
    foreign key (organization_id, resync_id) references resyncs (organization_id, id)
);
create index resync_directories_seen on resync_directories (organization_id, id);

-- Everybody listed; once the plan is made, whoever is in it.
create table resync_people (
    organization_id text not null,
    resync_id text not null,
    user_id text not null,
    directory_id text,
    pass bigint not null,
    -- as the page has them; null says nothing
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
    -- what becomes of them; null: nothing, or not planned yet
    change text,
    -- releases 0, everything else 1
    turn bigint,
    from_state text,
    blocked boolean not null,
    -- the stand-in that this id takes over from
    adopts text,
    -- what it came to
    outcome text,
    primary key (organization_id, resync_id, user_id),
    foreign key (organization_id, resync_id) references resyncs (organization_id, id)
);
create index resync_people_to_do on resync_people (organization_id, resync_id, turn, user_id) where outcome is null;
create index resync_people_adopting on resync_people (organization_id, resync_id, adopts) where adopts is not null;

create table resync_groups (
    organization_id text not null,
    resync_id text not null,
    id text not null,
    directory_id text,
    name text,
    asked_at bigint not null,
    -- as listed; new or renamed; gone
    change text not null check (change in ('listed', 'changed', 'removed')),
    primary key (organization_id, resync_id, id),
    foreign key (organization_id, resync_id) references resyncs (organization_id, id)
);

-- When each organization's next comparison is due by itself.
create table resync_schedule (
    organization_id text primary key not null references organizations (id),
    due_at bigint not null
);
create index resync_schedule_due on resync_schedule (due_at);

-- How the event log is followed; one row.
create table event_log (
    id text primary key not null check (id = 'event_log'),
    lease_until bigint not null,
    checked_at bigint,
    -- the last time something was missing, and what was done about it
    closed_at bigint,
    found bigint not null,
    by_resync boolean not null,
    error_code text,
    error_message text
);
