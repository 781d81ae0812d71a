-- Each open alert knows whether its recipients were notified, and one that notified no recipient is found quickly.

-- sent; owed: there was no recipient to notify, or none of its e-mails may be sent any more.
alter table house_episodes add column notice text not null default 'sent' check (notice in ('sent', 'owed'));
update house_episodes set notice = 'owed' where ended_at is null
    and exists (select 1 from outbox o where o.episode_id = house_episodes.id and o.dropped_at is not null)
    and not exists (select 1 from outbox o where o.episode_id = house_episodes.id and o.dropped_at is null);

create index alert_episodes_owed on alert_episodes (organization_id) where notice = 'owed' and ended_at is null;
create index house_episodes_owed on house_episodes (kind) where notice = 'owed' and ended_at is null;

-- An alert without a recipient did not open. It opens now, and its notification is owed.
insert into alert_episodes (organization_id, id, kind, began_at, notice)
    select o.id, 'epi_owed_usage_' || o.id, case when o.limit_kind = 'not_set' then 'limit_not_set' else 'seat_limit_reached' end,
        o.changed_at, 'owed'
    from organizations o where o.waiting > 0 and not o.archived and not exists (select 1 from alert_episodes a
        where a.organization_id = o.id and a.ended_at is null and a.kind in ('limit_not_set', 'seat_limit_reached'));
insert into alert_episodes (organization_id, id, kind, began_at, notice)
    select r.organization_id, 'epi_owed_plan_' || r.id, 'resync_needs_confirmation', r.planned_at, 'owed'
    from resyncs r where r.state = 'waiting' and not exists (select 1 from alert_episodes a
        where a.organization_id = r.organization_id and a.ended_at is null and a.kind = 'resync_needs_confirmation');
insert into house_episodes (id, kind, began_at, notice)
    select 'epi_owed_dead_letters', 'dead_letters', d.received_at, 'owed'
    from (select min(received_at) as received_at from deliveries where outcome = 'dead' and body is not null) d
    where d.received_at is not null and not exists (select 1 from house_episodes h where h.kind = 'dead_letters' and h.ended_at is null);
