//! Recounts each organization from its rows, some at a time, and stores the findings. The findings
//! concern all organizations, so only staff may see them.

use sqlx::FromRow;

use super::columns;
use crate::{
    db::{Tx, sql},
    domain::{
        decision::Outcome,
        id::OrganizationId,
        invariant::{Finding, Invariant, RecentDelivery, Recount},
        organization::{SeatLimit, Usage},
        time::Timestamp,
    },
};

#[derive(FromRow)]
struct Row {
    id: String,
    limit_kind: String,
    limit_seats: Option<i64>,
    used: i64,
    waiting: i64,
    first_position: i64,
    last_position: i64,
    automatic: bool,
    archived: bool,
    counted_used: i64,
    counted_waiting: i64,
    nearest: Option<i64>,
    farthest: Option<i64>,
}

/// At most `most` organizations after `after`, recounted by index.
pub async fn recount(tx: &mut Tx, after: &str, most: i64) -> sqlx::Result<Vec<Recount>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        "select o.id, o.limit_kind, o.limit_seats, o.used, o.waiting, o.first_position, o.last_position, o.automatic, o.archived, \
         (select count(*) from directory_users u where u.organization_id = o.id) - \
         (select count(*) from directory_users u where u.organization_id = o.id and u.state <> 'provisioned') as counted_used, \
         (select count(*) from directory_users u where u.organization_id = o.id and u.state <> 'provisioned' and u.state = 'blocked') \
         as counted_waiting, \
         (select min(u.waitlist_position) from directory_users u where u.organization_id = o.id and u.waitlist_position is not null) as nearest, \
         (select max(u.waitlist_position) from directory_users u where u.organization_id = o.id and u.waitlist_position is not null) as farthest \
         from organizations o where o.id > $1 order by o.id limit $2",
        after,
        most,
    )?;
    let recount = |row: Row| {
        let limit = columns::to_limit(&row.limit_kind, row.limit_seats);
        Recount {
            organization: OrganizationId::new(row.id),
            usage: Usage { limit, used: row.used, waiting: row.waiting },
            automatic: row.automatic,
            archived: row.archived,
            counted_used: row.counted_used,
            counted_waiting: row.counted_waiting,
            positions: row.nearest.zip(row.farthest),
            handed_out: (row.first_position, row.last_position),
        }
    };
    Ok(rows.into_iter().map(recount).collect())
}

/// The limit and the used seats that the newest admission saw. A merge of two rows is not an
/// admission.
pub async fn last_admission(
    tx: &mut Tx,
    organization: &OrganizationId,
) -> sqlx::Result<Option<(SeatLimit, i64)>> {
    let row: Option<(String, Option<i64>, i64)> = sql!(
        optional(tx),
        "select limit_kind, limit_seats, used from decisions where organization_id = $1 and to_state = 'provisioned' and reason <> 'merged' \
         order by revision desc, ordinal desc limit 1",
        organization.as_str(),
    )?;
    Ok(row.map(|(kind, seats, used)| (columns::to_limit(&kind, seats), used)))
}

pub async fn last_decision(
    tx: &mut Tx,
    organization: &OrganizationId,
) -> sqlx::Result<Option<Timestamp>> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        "select decided_at from decisions where organization_id = $1 order by revision desc, ordinal desc limit 1",
        organization.as_str(),
    )?;
    Ok(row.map(|(at,)| Timestamp::from_nanos(at)))
}

/// The original deliveries of an organization since `since`, newest first.
pub async fn recent_deliveries(
    tx: &mut Tx,
    organization: &OrganizationId,
    since: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<RecentDelivery>> {
    let rows: Vec<(String, String, i64)> = sql!(
        all(tx),
        "select kind, outcome, received_at from deliveries where organization_id = $1 and received_at >= $2 and original \
         order by received_at desc, id limit $3",
        organization.as_str(),
        since.nanos(),
        most,
    )?;
    let recent_deliveries = |(kind, outcome, at): (String, String, i64)| {
        Some(RecentDelivery {
            kind,
            outcome: Outcome::parse(&outcome)?,
            at: Timestamp::from_nanos(at),
        })
    };
    Ok(rows.into_iter().filter_map(recent_deliveries).collect())
}

/// A finding and since when it holds.
#[derive(Clone, Debug)]
pub struct Violation {
    pub finding: Finding,
    pub since: Timestamp,
}

/// The open violations, oldest first.
pub async fn open(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<Violation>> {
    let rows: Vec<(String, String, String, i64)> = sql!(
        all(tx),
        "select kind, subject, sentence, since from violations where ended_at is null order by since, kind, subject limit $1",
        most,
    )?;
    let violation = |(kind, subject, sentence, since): (String, String, String, i64)| {
        let finding = Finding {
            invariant: Invariant::parse(&kind)?,
            organization: OrganizationId::parse(&subject),
            sentence,
        };
        Some(Violation { finding, since: Timestamp::from_nanos(since) })
    };
    Ok(rows.into_iter().filter_map(violation).collect())
}

/// The number of open violations of each kind.
pub async fn counts(tx: &mut Tx) -> sqlx::Result<Vec<(Invariant, i64)>> {
    let rows: Vec<(String, i64)> = sql!(
        all(tx),
        "select kind, count(*) from violations where ended_at is null group by kind order by kind"
    )?;
    Ok(rows
        .into_iter()
        .filter_map(|(kind, count)| Some((Invariant::parse(&kind)?, count)))
        .collect())
}

/// Records the current findings and ends the violations that were not found again.
pub async fn note(tx: &mut Tx, found: &[Finding], now: Timestamp) -> sqlx::Result<()> {
    for finding in found {
        sql!(
            execute(tx),
            "insert into violations (kind, subject, since, sentence, seen_at) values ($1, $2, $3, $4, $3) \
             on conflict (kind, subject) where ended_at is null do update set sentence = excluded.sentence, seen_at = excluded.seen_at",
            finding.invariant.as_str(),
            finding.organization.as_ref().map_or("", OrganizationId::as_str),
            now.nanos(),
            finding.sentence.as_str(),
        )?;
    }
    sql!(
        execute(tx),
        "update violations set ended_at = $1 where ended_at is null and seen_at < $1",
        now.nanos()
    )
    .map(|_| ())
}
