-- Dead letters that can still be replayed: those that retention has taken the body of are left for ever, and never asked for.
create index deliveries_replayable on deliveries (received_at, id) where outcome = 'dead' and body is not null;
create index deliveries_replayable_by_organization on deliveries (organization_id, received_at, id) where outcome = 'dead' and body is not null;
create index deliveries_replayable_by_kind on deliveries (kind, received_at, id) where outcome = 'dead' and body is not null;
