-- What staff set by hand: names and external ids beside those of Scalekit, account managers, notes, and the end of an organization.

-- the version of the newest statement about the name, and about the external id: of an event, or when a person set it
alter table organizations add column name_at bigint;
alter table organizations add column name_tie bigint;
alter table organizations add column external_id_at bigint;
alter table organizations add column external_id_tie bigint;
-- the staff account that looks after the customer
alter table organizations add column account_manager_id text references accounts (id);
-- counts the changes of the name, the external id and the account manager; a form names the version that it was made from
alter table organizations add column details_version bigint not null default 0;
-- the newest deletion is a person's and not Scalekit's; then also who archived the organization, and why
alter table organizations add column deleted_by_hand boolean not null default false;
alter table organizations add column archived_by text;
alter table organizations add column archive_reason text;

-- What staff note about an organization. Tenants never get it.
create table organization_notes (
    organization_id text primary key not null references organizations (id),
    notes text not null,
    -- counts the changes; a form names the version that it was made from
    version bigint not null,
    changed_by text not null,
    changed_at bigint not null
);

-- Notes that a person typed and could not save, because another person had changed them meanwhile.
create table note_drafts (
    organization_id text not null references organizations (id),
    account_id text not null references accounts (id),
    notes text not null,
    kept_at bigint not null,
    primary key (organization_id, account_id)
);

-- So far the newest event about the organization said both.
update organizations
set name_at = version_at, name_tie = version_tie, external_id_at = version_at, external_id_tie = version_tie;
