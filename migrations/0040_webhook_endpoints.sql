-- Where the product gets outgoing events: endpoints, the secrets that sign what they get, and their deliveries.

create table webhook_endpoints (
    id text primary key not null,
    url text not null,
    note text not null,
    -- the only organization whose events it gets; null: those of all
    organization text,
    -- the types of events that it gets, separated by commas; empty: all
    types text not null,
    -- enabled; disabled: by a person; gone: it answered 410; failing: it took nothing for five days
    state text not null,
    state_since bigint not null,
    -- the first failure since the last delivery that it took; null: it takes deliveries
    failing_since bigint,
    -- up to which number of the outgoing events its deliveries are written
    written_to bigint not null,
    created_at bigint not null,
    created_by text not null,
    -- the lease of the worker that sends its deliveries
    claim bigint not null default 0,
    heartbeats bigint not null default 0,
    lease_millis bigint not null default 0
);

-- More than one signs while one is replaced.
create table webhook_secrets (
    endpoint_id text not null references webhook_endpoints (id),
    created_at bigint not null,
    -- whsec_…: without it nothing can be signed
    secret text not null,
    -- null: it is not replaced
    ends_at bigint,
    primary key (endpoint_id, created_at)
);

-- What an endpoint got or is to get.
create table webhook_deliveries (
    endpoint_id text not null references webhook_endpoints (id),
    -- the id of the event, and the webhook-id
    event_id text not null,
    -- the number of the event; 0: a test
    sequence bigint not null,
    type text not null,
    -- the event as it is sent
    body text not null,
    created_at bigint not null,
    -- the next attempt; null: none follows
    due_at bigint,
    attempts bigint not null,
    -- when the endpoint took it
    delivered_at bigint,
    -- the last attempt: its time, the status of the answer or null, the beginning of the answer or what went wrong, its duration
    last_at bigint,
    last_status bigint,
    last_answer text,
    last_millis bigint,
    primary key (endpoint_id, event_id)
);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, due_at, sequence) where due_at is not null;
create index webhook_deliveries_by_time on webhook_deliveries (endpoint_id, created_at, event_id);
create index webhook_deliveries_old on webhook_deliveries (created_at);
