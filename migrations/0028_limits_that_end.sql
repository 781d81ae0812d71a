-- A limit can be set until a day. A job sets the limit that applies then.
create table limit_ends (
    organization_id text primary key not null references organizations (id),
    -- the version of the limit that ends; a limit that was set later does not end
    limit_version bigint not null,
    ends_at bigint not null,
    -- the limit that applies then
    limit_kind text not null check (limit_kind in ('seats', 'unlimited')),
    limit_seats bigint,
    check ((limit_kind = 'seats') = (limit_seats is not null))
);
create index limit_ends_by_time on limit_ends (ends_at);
