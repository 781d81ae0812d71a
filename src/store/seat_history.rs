//! Seat history: change points and daily roll-ups, kept for ever. The seat transaction writes them
//! with the decisions.

use sqlx::FromRow;

use super::{
    ROWS_AT_ONCE,
    columns::{self, Limit},
    exactly,
    organizations::Locked,
    rows::{Keyed, Stored},
};
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        history::{ChangePoint, DailyRollup, counting},
        id::OrganizationId,
        organization::Usage,
        time::{Day, Timestamp},
    },
};

/// Something that is recorded about an organization.
pub type Of<'a, T> = (&'a OrganizationId, T);

/// The first numbers of organizations that were just added, at revision 0. Others stay as they are.
pub async fn begin(tx: &mut Tx, locked: &[Locked]) -> sqlx::Result<()> {
    let new: Vec<&Locked> = locked.iter().filter(|locked| locked.revision == 1).collect();
    bulk!(
        tx,
        new,
        ROWS_AT_ONCE,
        r"
        insert into change_points (
          organization_id, changed_at, revision, limit_kind, limit_seats, used, waiting
        )
        {rows}
        on conflict (organization_id, changed_at, revision) do nothing
        ",
        |o| [
            o.id().as_str(),
            o.changed_at.nanos(),
            0_i64,
            columns::from_limit(o.before.limit).0,
            columns::from_limit(o.before.limit).1,
            o.before.used,
            o.before.waiting,
        ],
    );
    bulk!(
        tx,
        new,
        ROWS_AT_ONCE,
        r"
        insert into daily_rollups (
          organization_id, day, revision, limit_kind, limit_seats, used, waiting, most_used,
          most_waiting, most_over, blocked, admitted
        )
        {rows}
        on conflict (organization_id, day) do nothing
        ",
        |o| [
            o.id().as_str(),
            Day::of(o.changed_at).number(),
            0_i64,
            columns::from_limit(o.before.limit).0,
            columns::from_limit(o.before.limit).1,
            o.before.used,
            o.before.waiting,
            o.before.used,
            o.before.waiting,
            o.before.over(),
            0_i64,
            0_i64,
        ],
    );
    Ok(())
}

pub async fn add_points(tx: &mut Tx, rows: &[Of<'_, ChangePoint>]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        insert into change_points (
          organization_id, changed_at, revision, limit_kind, limit_seats, used, waiting
        )
        {rows}
        ",
        |row| [
            row.0.as_str(),
            row.1.at.nanos(),
            row.1.revision,
            columns::from_limit(row.1.usage.limit).0,
            columns::from_limit(row.1.usage.limit).1,
            row.1.usage.used,
            row.1.usage.waiting,
        ],
    );
    exactly(rows.len() as u64, hit)
}

/// Adds what happened on a day to what is known of it.
pub async fn add_days(tx: &mut Tx, rows: &[Of<'_, DailyRollup>]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        insert into daily_rollups (
          organization_id, day, revision, limit_kind, limit_seats, used, waiting, most_used,
          most_waiting, most_over, blocked, admitted
        )
        {rows}
        on conflict (organization_id, day) do update
        set revision = excluded.revision, limit_kind = excluded.limit_kind,
          limit_seats = excluded.limit_seats, used = excluded.used, waiting = excluded.waiting,
          most_used = case
            when excluded.most_used > daily_rollups.most_used then excluded.most_used
            else daily_rollups.most_used
          end,
          most_waiting = case
            when excluded.most_waiting > daily_rollups.most_waiting then excluded.most_waiting
            else daily_rollups.most_waiting
          end,
          most_over = case
            when excluded.most_over > daily_rollups.most_over then excluded.most_over
            else daily_rollups.most_over
          end,
          blocked = daily_rollups.blocked + excluded.blocked,
          admitted = daily_rollups.admitted + excluded.admitted
        ",
        |row| [
            row.0.as_str(),
            row.1.day.number(),
            row.1.revision,
            columns::from_limit(row.1.usage.limit).0,
            columns::from_limit(row.1.usage.limit).1,
            row.1.usage.used,
            row.1.usage.waiting,
            row.1.most_used,
            row.1.most_waiting,
            row.1.most_over,
            row.1.blocked,
            row.1.admitted,
        ],
    );
    exactly(rows.len() as u64, hit)
}

#[derive(FromRow)]
struct PointRow {
    changed_at: i64,
    revision: i64,
    #[sqlx(flatten)]
    limit: Limit,
    used: i64,
    waiting: i64,
}

impl Stored for PointRow {
    const TABLE: &'static str = "change_points";
    const KEY: &'static [&'static str] = &["organization_id"];
}

/// The change points of a time in order, and the last one before it. `None`: there are more than
/// `most`.
pub async fn points(
    tx: &mut Tx,
    organization: &OrganizationScope,
    since: Timestamp,
    most: usize,
) -> sqlx::Result<Option<Vec<ChangePoint>>> {
    let rows: Vec<Keyed<PointRow>> = sql!(
        all(tx),
        r"
        select organization_id, changed_at, revision, limit_kind, limit_seats, used, waiting
        from change_points
        where organization_id = $1
          and changed_at >= coalesce(
            (
              select max(changed_at)
              from change_points
              where organization_id = $1 and changed_at <= $2
            ),
            $2
          )
        order by changed_at, revision
        limit $3
        ",
        organization.id().as_str(),
        since.nanos(),
        i64::try_from(most).map_or(i64::MAX, |most| most + 1),
    )?;
    let point = |Keyed(row): Keyed<PointRow>| ChangePoint {
        at: Timestamp::from_nanos(row.changed_at),
        revision: row.revision,
        usage: Usage { limit: row.limit.0, used: row.used, waiting: row.waiting },
    };
    let is_complete = rows.len() <= most;
    Ok(is_complete.then(|| counting(rows.into_iter().map(point).collect())))
}

#[derive(FromRow)]
struct DayRow {
    organization_id: String,
    day: i64,
    revision: i64,
    #[sqlx(flatten)]
    limit: Limit,
    used: i64,
    waiting: i64,
    most_used: i64,
    most_waiting: i64,
    most_over: i64,
    blocked: i64,
    admitted: i64,
}

impl Stored for DayRow {
    const TABLE: &'static str = "daily_rollups";
    const KEY: &'static [&'static str] = &["organization_id"];
}

impl From<DayRow> for DailyRollup {
    fn from(row: DayRow) -> Self {
        Self {
            day: Day::new(row.day),
            revision: row.revision,
            usage: Usage { limit: row.limit.0, used: row.used, waiting: row.waiting },
            most_used: row.most_used,
            most_waiting: row.most_waiting,
            most_over: row.most_over,
            blocked: row.blocked,
            admitted: row.admitted,
        }
    }
}

/// How many days are read at most: a century.
const DAYS: i64 = 36_525;

/// The days from `since` on in order, and the last one before it.
pub async fn days(
    tx: &mut Tx,
    organization: &OrganizationScope,
    since: Day,
) -> sqlx::Result<Vec<DailyRollup>> {
    let rows: Vec<Keyed<DayRow>> = sql!(
        all(tx),
        r"
        select organization_id, day, revision, limit_kind, limit_seats, used, waiting, most_used,
          most_waiting, most_over, blocked, admitted
        from daily_rollups
        where organization_id = $1
          and day >= coalesce(
            (
              select max(day)
              from daily_rollups
              where organization_id = $1 and day <= $2
            ),
            $2
          )
        order by day
        limit $3
        ",
        organization.id().as_str(),
        since.number(),
        DAYS,
    )?;
    Ok(counting(rows.into_iter().map(|Keyed(row)| row.into()).collect()))
}

/// Days of an organization before a day and not before another one, the newest first.
pub async fn days_before(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (since, before): (Day, Day),
    most: i64,
) -> sqlx::Result<Vec<DailyRollup>> {
    let rows: Vec<Keyed<DayRow>> = sql!(
        all(tx),
        r"
        select organization_id, day, revision, limit_kind, limit_seats, used, waiting, most_used,
          most_waiting, most_over, blocked, admitted
        from daily_rollups
        where organization_id = $1 and day >= $2 and day < $3
        order by day desc
        limit $4
        ",
        organization.id().as_str(),
        since.number(),
        before.number(),
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The same as [`days`], for several organizations at once.
pub async fn days_of_each(
    tx: &mut Tx,
    organizations: &[&OrganizationId],
    since: Day,
) -> sqlx::Result<Vec<(OrganizationId, DailyRollup)>> {
    let rows: Vec<Keyed<DayRow>> = listed!(
        tx,
        organizations,
        ORGANIZATIONS_AT_ONCE,
        r"
        with asked (organization_id, day) as ({keys}),
          begun as (
            select a.organization_id,
              coalesce(
                (
                  select max(p.day)
                  from daily_rollups p
                  where p.organization_id = a.organization_id and p.day <= a.day
                ),
                a.day
              ) as day
            from asked a
            group by a.organization_id, a.day
          )
        select r.organization_id, r.day, r.revision, r.limit_kind, r.limit_seats, r.used,
          r.waiting, r.most_used, r.most_waiting, r.most_over, r.blocked, r.admitted
        from begun b
        join daily_rollups r on r.organization_id = b.organization_id and r.day >= b.day
        order by r.organization_id, r.day
        ",
        |id| [id.as_str(), since.number()],
    );
    let day = |Keyed(mut row): Keyed<DayRow>| {
        (OrganizationId::new(std::mem::take(&mut row.organization_id)), row.into())
    };
    Ok(rows.into_iter().map(day).collect())
}

/// The organizations of one page.
const ORGANIZATIONS_AT_ONCE: usize = 64;
