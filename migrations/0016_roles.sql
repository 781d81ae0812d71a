-- The roles of the members of groups: in the SaaS product and in this dashboard.

create table role_mappings (
    organization_id text not null references organizations (id),
    -- of a group that may be deleted by now, or that the directory has not sent yet
    group_id text not null,
    -- application roles add up; a group has at most one dashboard role
    kind text not null check (kind in ('application', 'dashboard')),
    role text not null,
    primary key (organization_id, group_id, kind, role)
);
-- whether a role that a staff admin takes off the list is in use
create index role_mappings_by_role on role_mappings (kind, role);

-- counts the changes of the mapping; a form names the version that it was made from, and 0 says that no group has a role
alter table organizations add column roles_version bigint not null default 0;

-- The role in this organization: that of the account, or a higher one from a group of its directory user.
alter table account_organizations add column role text not null default 'tenant-viewer'
    check (role in ('tenant-admin', 'tenant-viewer'));

update account_organizations
set role = (
  select a.role
  from accounts a
  where a.id = account_organizations.account_id
)
where account_id in (
  select id
  from accounts
  where role in ('tenant-admin', 'tenant-viewer')
);
