//! Which organizations want a run, and when the next nightly one is due.

use crate::{
    db::{Tx, bulk, sql},
    domain::{id::OrganizationId, resync::ResyncCause, time::Timestamp},
};

/// Nights written in one statement.
const NIGHTS_AT_ONCE: usize = 512;

/// The organizations that want a run for this cause, and since when it is due. An organization
/// whose run failed or was cancelled after `rested` is left out for now. A plan of an import that
/// waits is in no resync's way.
pub async fn wanting(
    tx: &mut Tx,
    cause: ResyncCause,
    now: Timestamp,
    rested: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<(OrganizationId, Timestamp)>> {
    let (now, rested) = (now.nanos(), rested.nanos());
    let rows: Vec<(String, i64)> = match cause {
        ResyncCause::Schedule => sql!(
            all(tx),
            r"
            select s.organization_id, s.due_at
            from resync_schedule s
            join organizations o on o.id = s.organization_id
            where not o.archived and s.due_at <= $1
              and not exists (
                select 1
                from resyncs r
                where r.organization_id = s.organization_id
                  and (r.state in ('queued', 'listing', 'applying')
                    or (r.state = 'waiting' and r.cause <> 'import')
                    or (r.state in ('failed', 'cancelled') and r.delays_next
                      and r.finished_at > $2 and r.finished_at <= $1))
              )
            order by s.due_at, s.organization_id
            limit $3
            ",
            now,
            rested,
            most,
        ),
        // a directory that was only created has no users yet
        ResyncCause::NewDirectory => sql!(
            all(tx),
            r"
            select d.organization_id, min(d.version_at)
            from directories d
            join organizations o on o.id = d.organization_id
            where not o.archived and d.state = 'enabled'
              and not exists (
                select 1
                from resync_directories r
                where r.organization_id = d.organization_id and r.id = d.id and r.enabled
              )
              and not exists (
                select 1
                from resyncs r
                where r.organization_id = d.organization_id
                  and (r.state in ('queued', 'listing', 'applying')
                    or (r.state = 'waiting' and r.cause <> 'import')
                    or (r.state in ('failed', 'cancelled') and r.delays_next
                      and r.finished_at > $2 and r.finished_at <= $1))
              )
            group by d.organization_id
            order by d.organization_id
            limit $3
            ",
            now,
            rested,
            most,
        ),
        _ => sql!(
            all(tx),
            r"
            select o.id, o.resync_wanted_at
            from organizations o
            where not o.archived and o.resync_wanted_at is not null
              and not exists (
                select 1
                from resyncs r
                where r.organization_id = o.id
                  and (r.state in ('queued', 'listing', 'applying')
                    or (r.state = 'waiting' and r.cause <> 'import')
                    or (r.state in ('failed', 'cancelled') and r.delays_next
                      and r.finished_at > $2 and r.finished_at <= $1))
              )
            order by o.resync_wanted_at, o.id
            limit $3
            ",
            now,
            rested,
            most,
        ),
    }?;
    Ok(rows
        .into_iter()
        .map(|(id, at)| (OrganizationId::new(id), Timestamp::from_nanos(at)))
        .collect())
}

/// The organizations without a scheduled night, or with one after `latest`, which must be a
/// mistake.
pub async fn unscheduled(
    tx: &mut Tx,
    latest: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<OrganizationId>> {
    let ids: Vec<String> = sql!(
        values(tx),
        r"
        select id
        from organizations o
        where not archived
          and not exists (
            select 1
            from resync_schedule s
            where s.organization_id = o.id and s.due_at <= $1
          )
        order by id
        limit $2
        ",
        latest.nanos(),
        most,
    )?;
    Ok(ids.into_iter().map(OrganizationId::new).collect())
}

pub async fn schedule(tx: &mut Tx, rows: &[(OrganizationId, Timestamp)]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        NIGHTS_AT_ONCE,
        r"
        insert into resync_schedule (organization_id, due_at)
        {rows}
        on conflict (organization_id) do update
        set due_at = excluded.due_at
        ",
        |row| [row.0.as_str(), row.1.nanos()],
    );
    Ok(())
}

/// Forgets all scheduled nights.
pub async fn unschedule(tx: &mut Tx) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from resync_schedule
        ",
    )
}
