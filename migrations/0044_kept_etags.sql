-- A repeated answer to a call has the ETag of the first one.

-- of the answer; null: it has none
alter table idempotency_keys add column etag text;
