-- A message is about an alert, an entry of a seat request, a digest, or a version of a seat limit.
alter table outbox rename column alert_id to about_id;
