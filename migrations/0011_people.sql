-- What the page of a person reads.

-- The entries about one target, newest first. A row without a target has no entry in the index, so only manual actions on a person
-- or an account write it.
create index audit_log_by_target on audit_log (organization_id, target_id, at, id) where target_id is not null;
