//! Recounts each organization from its rows, some at a time, and stores the findings. The findings
//! concern all organizations, so only staff may see them.

use sqlx::FromRow;

use super::{
    columns::{Limit, Policy},
    exactly_one,
    rows::{Keyed, Stored, Text},
};
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
    #[sqlx(flatten)]
    limit: Limit,
    used: i64,
    waiting: i64,
    first_position: i64,
    last_position: i64,
    #[sqlx(flatten)]
    policy: Policy,
    archived: bool,
    counted_used: i64,
    counted_waiting: i64,
    nearest: Option<i64>,
    farthest: Option<i64>,
    highest: Option<i64>,
    lowest: Option<i64>,
}

impl Stored for Row {
    const TABLE: &'static str = "organizations";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<Row> for Recount {
    fn from(row: Row) -> Self {
        Self {
            organization: OrganizationId::new(row.id),
            usage: Usage { limit: row.limit.0, used: row.used, waiting: row.waiting },
            policy: row.policy.0,
            archived: row.archived,
            counted_used: row.counted_used,
            counted_waiting: row.counted_waiting,
            positions: row.nearest.zip(row.farthest),
            ranks: row.highest.zip(row.lowest),
            handed_out: (row.first_position, row.last_position),
        }
    }
}

/// At most `most` organizations after `after`, recounted by index.
pub async fn recount(tx: &mut Tx, after: &str, most: i64) -> sqlx::Result<Vec<Recount>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select o.id, o.limit_kind, o.limit_seats, o.used, o.waiting, o.first_position,
          o.last_position, o.policy, o.policy_groups, o.archived,
          (
            select count(*)
            from directory_users u
            where u.organization_id = o.id
          ) - (
            select count(*)
            from directory_users u
            where u.organization_id = o.id and u.state <> 'provisioned'
          ) as counted_used,
          (
            select count(*)
            from directory_users u
            where u.organization_id = o.id and u.state <> 'provisioned' and u.state = 'blocked'
          ) as counted_waiting,
          (
            select min(u.waitlist_position)
            from directory_users u
            where u.organization_id = o.id and u.waitlist_position is not null
          ) as nearest,
          (
            select max(u.waitlist_position)
            from directory_users u
            where u.organization_id = o.id and u.waitlist_position is not null
          ) as farthest,
          (
            select min(u.waitlist_rank)
            from directory_users u
            where u.organization_id = o.id and u.waitlist_position is not null
          ) as highest,
          (
            select max(u.waitlist_rank)
            from directory_users u
            where u.organization_id = o.id and u.waitlist_position is not null
          ) as lowest
        from organizations o
        where o.id > $1
        order by o.id
        limit $2
        ",
        after,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

#[derive(FromRow)]
struct Admission {
    #[sqlx(flatten)]
    limit: Limit,
    used: i64,
}

impl Stored for Admission {
    const TABLE: &'static str = "decisions";
    const KEY: &'static [&'static str] = &["organization_id", "user_id"];
}

/// The limit and the used seats that the newest admission saw. A placeholder that gets its id, or
/// is merged, is not admitted by it.
pub async fn last_admission(
    tx: &mut Tx,
    organization: &OrganizationId,
) -> sqlx::Result<Option<(SeatLimit, i64)>> {
    let row: Option<Keyed<Admission>> = sql!(
        optional(tx),
        r"
        select organization_id, user_id, limit_kind, limit_seats, used
        from decisions
        where organization_id = $1 and to_state = 'provisioned' and reason not in ('merged', 'identified')
        order by revision desc, ordinal desc
        limit 1
        ",
        organization.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| (row.limit.0, row.used)))
}

pub async fn last_decision(
    tx: &mut Tx,
    organization: &OrganizationId,
) -> sqlx::Result<Option<Timestamp>> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select decided_at
        from decisions
        where organization_id = $1
        order by revision desc, ordinal desc
        limit 1
        ",
        organization.as_str(),
    )?;
    Ok(row.map(|(at,)| Timestamp::from_nanos(at)))
}

#[derive(FromRow)]
struct DeliveryRow {
    kind: String,
    outcome: Text<Outcome>,
    received_at: i64,
}

impl Stored for DeliveryRow {
    const TABLE: &'static str = "deliveries";
    const KEY: &'static [&'static str] = &["id"];
}

/// The original deliveries of an organization since `since`, newest first.
pub async fn recent_deliveries(
    tx: &mut Tx,
    organization: &OrganizationId,
    since: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<RecentDelivery>> {
    let rows: Vec<Keyed<DeliveryRow>> = sql!(
        all(tx),
        r"
        select id, kind, outcome, received_at
        from deliveries
        where organization_id = $1 and received_at >= $2 and original
        order by received_at desc, id
        limit $3
        ",
        organization.as_str(),
        since.nanos(),
        most,
    )?;
    let recent = |Keyed(row): Keyed<DeliveryRow>| RecentDelivery {
        kind: row.kind,
        outcome: row.outcome.0,
        at: Timestamp::from_nanos(row.received_at),
    };
    Ok(rows.into_iter().map(recent).collect())
}

/// A finding and since when it holds.
#[derive(Clone, Debug)]
pub struct Violation {
    pub finding: Finding,
    pub since: Timestamp,
}

#[derive(FromRow)]
struct ViolationRow {
    kind: Text<Invariant>,
    subject: String,
    sentence: String,
    since: i64,
}

impl Stored for ViolationRow {
    const TABLE: &'static str = "violations";
    const KEY: &'static [&'static str] = &["kind", "subject"];
}

/// The open violations, oldest first.
pub async fn open(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<Violation>> {
    let rows: Vec<Keyed<ViolationRow>> = sql!(
        all(tx),
        r"
        select kind, subject, sentence, since
        from violations
        where ended_at is null
        order by since, kind, subject
        limit $1
        ",
        most,
    )?;
    let violation = |Keyed(row): Keyed<ViolationRow>| Violation {
        finding: Finding {
            invariant: row.kind.0,
            organization: OrganizationId::parse(&row.subject),
            sentence: row.sentence,
        },
        since: Timestamp::from_nanos(row.since),
    };
    Ok(rows.into_iter().map(violation).collect())
}

#[derive(FromRow)]
struct Count {
    kind: Text<Invariant>,
    violations: i64,
}

impl Stored for Count {
    const TABLE: &'static str = "violations";
    const KEY: &'static [&'static str] = &["kind"];
}

/// The number of open violations of each kind.
pub async fn counts(tx: &mut Tx) -> sqlx::Result<Vec<(Invariant, i64)>> {
    let rows: Vec<Keyed<Count>> = sql!(
        all(tx),
        r"
        select kind, count(*) as violations
        from violations
        where ended_at is null
        group by kind
        order by kind
        ",
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| (row.kind.0, row.violations)).collect())
}

/// Records the current findings and ends the violations that were not found again.
pub async fn note(tx: &mut Tx, found: &[Finding], now: Timestamp) -> sqlx::Result<()> {
    for finding in found {
        sql!(
            execute(tx),
            r"
            insert into violations (kind, subject, since, sentence, seen_at)
            values ($1, $2, $3, $4, $3)
            on conflict (kind, subject) where ended_at is null do update
            set sentence = excluded.sentence, seen_at = excluded.seen_at
            ",
            finding.invariant.as_str(),
            finding.organization.as_ref().map_or("", OrganizationId::as_str),
            now.nanos(),
            finding.sentence.as_str(),
        )
        .and_then(exactly_one)?;
    }
    sql!(
        execute(tx),
        r"
        update violations
        set ended_at = $1
        where ended_at is null and seen_at < $1
        ",
        now.nanos(),
    )
    .map(|_| ())
}
