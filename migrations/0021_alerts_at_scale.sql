-- Alerts and messages of many organizations.

-- the lists of the messages that were given up, not sent, and that wait, newest first
create index outbox_failed_by_time on outbox (created_at, id) where failed_at is not null;
create index outbox_dropped_by_time on outbox (created_at, id) where dropped_at is not null;
create index outbox_waiting_by_time on outbox (created_at, id)
  where sent_at is null and failed_at is null and dropped_at is null;

-- Who takes messages and has taken none since its last failure: the mail server, the Slack channel of staff (both with an empty
-- organization), or the Slack channel of an organization. The first message that it takes removes the row.
create table failing_channels (
    organization_id text not null,
    channel text not null,
    -- the first failure
    since bigint not null,
    tries bigint not null,
    -- a Slack channel gets no post before
    retry_at bigint not null,
    last_error text not null,
    primary key (organization_id, channel)
);
