-- Ways to find entries of the audit log, which has an entry for each person in a decision by hand.

-- the changes of the seat limit, on the page of an organization
create index audit_log_limit_changes on audit_log (organization_id, id) where action = 'set_seat_limit';

-- who started, confirmed or cancelled a resync
create index audit_log_resyncs on audit_log (organization_id, after_value)
    where action in ('dry_run_resync', 'start_resync', 'confirm_resync', 'cancel_resync');
