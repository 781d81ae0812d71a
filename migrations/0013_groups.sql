-- The groups of an organization as pages search and count them, and who joined and left them.

-- the folded name, without one the id: for the search field and the order by name
alter table directory_groups add column search_key text not null default '';
-- the numbers of members in each state; equal to the rows at every commit. A removed user counts nowhere.
alter table directory_groups add column provisioned bigint not null default 0;
alter table directory_groups add column blocked bigint not null default 0;
alter table directory_groups add column dismissed bigint not null default 0;
alter table directory_groups add column inactive bigint not null default 0;

-- The job search_keys folds the names of all languages; this is enough until then.
update directory_groups
set search_key = lower(coalesce(name, id));

update directory_groups
set provisioned = counted.provisioned, blocked = counted.blocked, dismissed = counted.dismissed, inactive = counted.inactive
from (
  select m.organization_id, m.group_id,
    sum(case when u.state = 'provisioned' then 1 else 0 end) as provisioned,
    sum(case when u.state = 'blocked' then 1 else 0 end) as blocked,
    sum(case when u.state = 'dismissed' then 1 else 0 end) as dismissed,
    sum(case when u.state = 'inactive' then 1 else 0 end) as inactive
  from memberships m
  join directory_users u on u.organization_id = m.organization_id and u.id = m.user_id
  group by m.organization_id, m.group_id
) counted
where directory_groups.organization_id = counted.organization_id and directory_groups.id = counted.group_id;

-- The members of a group in the order of their ids; before, finding them read all memberships of the organization.
drop index memberships_by_group;
create index memberships_by_group on memberships (organization_id, group_id, user_id);

-- Every change of a membership: a user joined a group or left it. What was true before this table existed has no row. A
-- placeholder that is merged into a user loses its rows.
create table membership_changes (
    organization_id text not null references organizations (id),
    group_id text not null,
    joined boolean not null,
    -- when it happened: the time of the statement that changed the membership
    at bigint not null,
    -- the organization's revision that this change is part of, and its position among the changes of that revision
    revision bigint not null,
    ordinal bigint not null,
    user_id text not null,
    recorded_at bigint not null,
    primary key (organization_id, group_id, joined, at, revision, ordinal)
);
-- the page of a person, and a placeholder that gets its real id
create index membership_changes_by_user on membership_changes (organization_id, user_id, at, revision, ordinal);
