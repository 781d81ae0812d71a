-- Addresses that a person had and has no longer: an event that names its person by address alone, and comes late, still finds them.
create table former_addresses (
    organization_id text not null references organizations (id),
    email_key text not null,
    user_id text not null,
    -- the newest news by which the person had the address, and the news by which they had another one
    last_at bigint not null,
    until_at bigint not null,
    primary key (organization_id, email_key, user_id)
);
