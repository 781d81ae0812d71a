-- Reclaim: people who hold a seat and seem not to use it, as suggestions.

-- When a person used the product last, as the product says. The row of a person who was removed stays.
create table usage_signals (
    organization_id text not null references organizations (id),
    user_id text not null,
    last_used_at bigint not null,
    primary key (organization_id, user_id)
);

-- A suggestion that an admin ignores: the person keeps the seat. It counts until the person uses the product later than that, or
-- gets a new seat later than that; the row stays.
create table ignored_suggestions (
    organization_id text not null references organizations (id),
    user_id text not null,
    ignored_at bigint not null,
    -- the name of the person who ignores it
    ignored_by text not null,
    -- of the staff: then the organization does not read the name
    is_by_staff boolean not null,
    primary key (organization_id, user_id)
);

-- the earliest use that a signal told of; null: no signal ever came
alter table organizations add column usage_known_since bigint;
-- when signals came last
alter table organizations add column usage_heard_at bigint;

-- a product knows its users by an id of its own
create index directory_users_by_external_id on directory_users (organization_id, external_id) where external_id is not null;
