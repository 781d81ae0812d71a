-- What every delivery writes is kept small: each index that begins with the organization is a page of its own for each
-- organization in a batch.

-- The revision that the delivery's decisions were written under; none where it decided nothing. They are found by it.
alter table deliveries add column revision bigint;
update deliveries set revision = (select max(d.revision) from decisions d
    where d.organization_id = deliveries.organization_id and d.event_id = deliveries.event_id)
    where original and outcome in ('admitted', 'blocked', 'released', 'updated', 'removed');
drop index decisions_by_event;

-- Whoever holds a seat is counted in the organization's row; only the others are looked for by state.
drop index directory_users_by_state;
create index directory_users_unseated on directory_users (organization_id, state) where state <> 'provisioned';

-- Only whoever watches SQLite for open pages looks for organizations by their last change, and reads ten thousand in a few
-- milliseconds. Without it Postgres changes the row in place.
drop index organizations_by_change;
