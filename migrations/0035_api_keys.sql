-- Programs show an API key instead of a session.

create table api_keys (
    -- the organization that the key is bound to; empty: it reaches the whole installation
    organization_id text not null,
    -- key_…
    id text not null,
    name text not null,
    -- what it may do: read, write, import, with commas between them
    scopes text not null,
    -- SHA-256 of the secret, in base64: a stolen database opens nothing
    secret_hash text not null,
    -- the name of the person who made it
    created_by text not null,
    created_at bigint not null,
    -- null: it works until it is revoked
    expires_at bigint,
    revoked_at bigint,
    -- the key that a rotation made in its place
    replaced_by text,
    -- to the minute; null: never
    last_used_at bigint,
    primary key (organization_id, id)
);
create index api_keys_by_secret on api_keys (secret_hash);
create index api_keys_by_id on api_keys (id);

-- The calls of the API that are not done twice, for a day.
create table idempotency_keys (
    -- of the API key; empty: the installation
    organization_id text not null,
    key_id text not null,
    -- as the caller sent it
    idempotency_key text not null,
    -- SHA-256 of the method, the path and the body, in base64
    request_hash text not null,
    begun_at bigint not null,
    -- the answer; null: the call is still running, or its process ended in the middle of it
    status bigint,
    body text,
    primary key (organization_id, key_id, idempotency_key)
);
create index idempotency_keys_by_time on idempotency_keys (begun_at);
