-- The customers of the SaaS product, here tenants, and their directories.
--
-- In all migrations: every primary key of an organization's data begins with the organization's id, every unique index contains it,
-- and no foreign key cascades on update, so that the tables can be distributed by organization. Times are nanoseconds since 1970. A pair `…_at` and `…_tie` is a version: when a fact happened, and which of
-- two facts of the same moment wins. Text that an id refers to is kept as Scalekit wrote it.

create table organizations (
    -- Scalekit's org_…
    id text primary key not null,
    name text not null,
    -- folded name and id, for the search field
    search_key text not null,
    external_id text,
    limit_kind text not null check (limit_kind in ('not_set', 'seats', 'unlimited')),
    limit_seats bigint check (limit_seats between 0 and 10000000),
    -- counts the changes of the limit; a form names the version that it was made from
    limit_version bigint not null,
    limit_set_by text,
    limit_reason text,
    limit_set_at bigint,
    -- the numbers of provisioned and of blocked users; equal to the rows at every commit
    used bigint not null check (used >= 0),
    waiting bigint not null check (waiting >= 0),
    -- the arrivals on the waitlist so far are numbered from first to last; a move to the front is one, too
    first_position bigint not null,
    last_position bigint not null,
    -- who gets a free seat: the person who has waited longest, the highest of the groups first, or a person chosen by hand
    policy text not null check (policy in ('first_come', 'groups', 'by_hand')),
    -- the groups that come first, the highest first, as a JSON list
    policy_groups text,
    -- counts the changes of the policy; a form names the version that it was made from
    policy_version bigint not null,
    -- deleted in Scalekit; the history stays
    archived boolean not null,
    -- counts the changes to anything of this organization; to change it is also the lock
    revision bigint not null,
    -- of the newest event about the organization itself (created, updated, deleted)
    version_at bigint,
    version_tie bigint,
    -- the newest deletion, also if the organization exists again
    deleted_at bigint,
    deleted_tie bigint,
    -- the oldest event after the newest deletion by which the organization exists again
    revived_at bigint,
    -- a resync is needed since then
    resync_wanted_at bigint,
    -- single memberships were added or removed, so `membership_updates` has rows
    has_membership_updates boolean not null default false,
    created_at bigint not null,
    changed_at bigint not null,
    check ((limit_kind = 'seats') = (limit_seats is not null)),
    check ((policy = 'groups') = (policy_groups is not null))
);

-- The times of the events by which an organization existed: it was created or changed.
create table organization_seen (
    organization_id text not null references organizations (id),
    seen_at bigint not null,
    primary key (organization_id, seen_at)
);

create table directories (
    organization_id text not null references organizations (id),
    id text not null,
    -- OKTA, GOOGLE, MICROSOFT_AD …
    provider text,
    state text not null check (state in ('created', 'enabled', 'disabled', 'deleted')),
    version_at bigint not null,
    version_tie bigint not null,
    primary key (organization_id, id)
);
