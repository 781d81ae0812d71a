-- The attributes of directory users that the installation keeps.

create table directory_user_attributes (
    organization_id text not null references organizations (id),
    user_id text not null,
    -- a JSON object of texts
    attributes text not null,
    -- the version of the update that has set them
    version_at bigint not null,
    version_tie bigint not null,
    primary key (organization_id, user_id)
);

-- as listed: a JSON object of the attributes that are kept; null says nothing
alter table resync_people add column attributes text;
