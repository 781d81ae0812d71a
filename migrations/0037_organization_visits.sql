-- Which organizations an account looked at last: the organization switcher lists them first.
create table organization_visits (
    organization_id text not null references organizations (id),
    account_id text not null references accounts (id),
    visited_at bigint not null,
    primary key (organization_id, account_id)
);
create index organization_visits_by_account on organization_visits (account_id, visited_at);
