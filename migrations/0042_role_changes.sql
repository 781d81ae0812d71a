-- Changes of what gives application roles, until each person whose roles are others was told: the default role, and the roles
-- of a group. A job writes their events, some hundreds in a transaction, and removes the row.

create table role_changes (
    -- empty: the default role, of all organizations
    organization_id text not null,
    -- 1, 2, 3, …: they are told in the order of their commits
    number bigint not null,
    -- empty: the default role
    group_id text not null,
    -- names of roles, as JSON
    roles_before text not null,
    roles_after text not null,
    -- the last person who was looked at; empty: none yet
    told_organization text not null default '',
    told_user text not null default '',
    primary key (organization_id, number)
);
create index role_changes_by_number on role_changes (number);
