-- Alerts and messages of many organizations.

-- the lists of the messages that were given up, not sent, and that wait, newest first
create index outbox_failed_by_time on outbox (created_at, id) where failed_at is not null;
create index outbox_dropped_by_time on outbox (created_at, id) where dropped_at is not null;
create index outbox_waiting_by_time on outbox (created_at, id)
  where sent_at is null and failed_at is null and dropped_at is null;
