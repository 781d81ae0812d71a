-- The users and groups of directories.

create table directory_users (
    organization_id text not null references organizations (id),
    -- Scalekit's diruser_…, or email:… for a placeholder without a real id
    id text not null,
    state text not null check (state in ('provisioned', 'blocked', 'dismissed', 'inactive', 'removed')),
    email text,
    -- the folded address: finds duplicate e-mails, and users without an id
    email_key text,
    name text,
    -- folded name and address, for the search field
    search_key text not null,
    external_id text,
    -- a JSON list of role names
    roles text not null,
    -- the place in the waitlist; the smallest rank gets the next seat, and inside a rank the smallest position. 0 is the rank of
    -- the users who were moved to the front; otherwise it is the number of the user's highest group in the policy
    waitlist_rank bigint,
    -- the number of the arrival times 2^24; a user who was moved is between two others
    waitlist_position bigint,
    -- an admin moved the user: the rank does not follow the user's groups
    waitlist_by_hand boolean not null default false,
    -- when the present state began
    since bigint not null,
    -- the versions of the facts: active or not, address, name, external id, groups, roles
    activity_at bigint not null,
    activity_tie bigint not null,
    email_at bigint not null,
    email_tie bigint not null,
    name_at bigint not null,
    name_tie bigint not null,
    external_id_at bigint not null,
    external_id_tie bigint not null,
    groups_at bigint not null,
    groups_tie bigint not null,
    roles_at bigint not null,
    roles_tie bigint not null,
    -- the oldest event about the user, as long as no event has said whether the user is active; 0: long ago
    known_since bigint not null default 0,
    primary key (organization_id, id),
    check ((state = 'blocked') = (waitlist_position is not null)),
    check ((waitlist_rank is null) = (waitlist_position is null))
);
-- not unique: one statement may give users each other's positions
create index directory_users_waitlist on directory_users (organization_id, waitlist_rank, waitlist_position, id)
    where waitlist_position is not null;
create index directory_users_by_email on directory_users (organization_id, email_key);
create index directory_users_without_seat on directory_users (organization_id, state) where state <> 'provisioned';

-- Addresses that a user had and has no longer: a late event that names its user by address alone still finds the user.
create table former_addresses (
    organization_id text not null references organizations (id),
    email_key text not null,
    user_id text not null,
    -- the newest event by which the user had the address, and the event by which the user had another one
    last_at bigint not null,
    until_at bigint not null,
    primary key (organization_id, email_key, user_id)
);

create table directory_groups (
    organization_id text not null references organizations (id),
    -- Scalekit's dirgroup_…
    id text not null,
    directory_id text,
    name text,
    -- the name came with the group itself, not with one of its members
    name_is_own boolean not null default false,
    name_at bigint not null default -9223372036854775807,
    name_tie bigint not null default 0,
    -- a deleted group keeps its row, so that an older event that arrives late does not bring it back
    deleted boolean not null,
    deleted_at bigint,
    deleted_tie bigint,
    version_at bigint not null,
    version_tie bigint not null,
    primary key (organization_id, id)
);
create index directory_groups_by_id on directory_groups (id, organization_id);

create table memberships (
    organization_id text not null,
    user_id text not null,
    group_id text not null,
    primary key (organization_id, user_id, group_id),
    foreign key (organization_id, user_id) references directory_users (organization_id, id)
);
create index memberships_by_group on memberships (organization_id, group_id);

-- Events about single memberships: a user joined or left a group.
create table membership_updates (
    organization_id text not null references organizations (id),
    user_id text not null,
    group_id text not null,
    joined boolean not null,
    version_at bigint not null,
    version_tie bigint not null,
    primary key (organization_id, user_id, group_id)
);
