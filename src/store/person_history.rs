//! What happened to one directory user, newest first, from several tables. Each statement returns
//! the rows before a point in time; rows of the same moment are in the order of their keys.

use sqlx::FromRow;

use super::{
    columns::Limit,
    decisions,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        decision::{Outcome, Reason},
        directory::Change,
        directory_user::SeatState,
        id::{DeliveryId, DirectoryUserId, ResyncId},
        time::Timestamp,
    },
};

/// A decision about the user, with its number among the organization's decisions.
#[derive(Clone, Debug)]
pub struct Decision {
    pub revision: i64,
    pub ordinal: i64,
    pub listed: decisions::Listed,
}

#[derive(FromRow)]
struct DecisionRow {
    revision: i64,
    ordinal: i64,
    user_id: String,
    from_state: Option<Text<SeatState>>,
    to_state: Text<SeatState>,
    reason: Text<Reason>,
    #[sqlx(flatten)]
    limit: Limit,
    used: i64,
    cause: String,
    actor: Option<String>,
    decided_at: i64,
}

impl Stored for DecisionRow {
    const TABLE: &'static str = "decisions";
    const KEY: &'static [&'static str] = &["organization_id", "user_id"];
}

impl From<DecisionRow> for Decision {
    fn from(row: DecisionRow) -> Self {
        let decision = decisions::Listed {
            user: DirectoryUserId::new(row.user_id),
            name: None,
            email: None,
            from: row.from_state.map(|Text(state)| state),
            to: row.to_state.0,
            reason: row.reason.0,
            limit: row.limit.0,
            used: row.used,
            cause: row.cause,
            actor: row.actor,
            at: Timestamp::from_nanos(row.decided_at),
        };
        Self { revision: row.revision, ordinal: row.ordinal, listed: decision }
    }
}

/// The decisions about the user.
pub async fn decisions(
    tx: &mut Tx,
    organization: &OrganizationScope,
    user: &DirectoryUserId,
    (at, revision, ordinal): (i64, i64, i64),
    most: i64,
) -> sqlx::Result<Vec<Decision>> {
    let rows: Vec<Keyed<DecisionRow>> = sql!(
        all(tx),
        r"
        select organization_id, revision, ordinal, user_id, from_state, to_state, reason,
          limit_kind, limit_seats, used, cause, actor, decided_at
        from decisions
        where organization_id = $1 and user_id = $2
          and (decided_at, revision, ordinal) < ($3, $4, $5)
        order by decided_at desc, revision desc, ordinal desc
        limit $6
        ",
        organization.id().as_str(),
        user.as_str(),
        at,
        revision,
        ordinal,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The last decision that changed the user's state. A change that touches neither a seat nor the
/// waitlist has none.
pub async fn last_change(
    tx: &mut Tx,
    organization: &OrganizationScope,
    user: &DirectoryUserId,
) -> sqlx::Result<Option<decisions::Listed>> {
    let row: Option<Keyed<DecisionRow>> = sql!(
        optional(tx),
        r"
        select organization_id, revision, ordinal, user_id, from_state, to_state, reason,
          limit_kind, limit_seats, used, cause, actor, decided_at
        from decisions
        where organization_id = $1 and user_id = $2
          and (from_state is null or from_state <> to_state)
        order by revision desc, ordinal desc
        limit 1
        ",
        organization.id().as_str(),
        user.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| Decision::from(row).listed))
}

/// A delivery whose event caused a decision about the user; also one that repeats it.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub id: DeliveryId,
    /// Empty if the body names no type.
    pub kind: String,
    pub outcome: Outcome,
    /// The event is about another person, whose seat or place went to this user.
    pub of_another: bool,
    pub at: Timestamp,
}

#[derive(FromRow)]
struct DeliveryRow {
    id: String,
    kind: String,
    outcome: Text<Outcome>,
    of_another: bool,
    received_at: i64,
}

impl Stored for DeliveryRow {
    const TABLE: &'static str = "deliveries";
    const KEY: &'static [&'static str] = &["id"];
}

/// The deliveries of the events that caused a decision about the user. `cross join` and `coalesce`
/// lead SQLite to the indexes by event; by the organization it would read all of its deliveries.
pub async fn deliveries(
    tx: &mut Tx,
    organization: &OrganizationScope,
    user: &DirectoryUserId,
    (at, id): (i64, &str),
    most: i64,
) -> sqlx::Result<Vec<Delivery>> {
    // the columns 5 and 1 are `received_at` and `id`
    let rows: Vec<Keyed<DeliveryRow>> = sql!(
        all(tx),
        r"
        select d.id, d.kind, d.outcome, e.own = 0 as of_another, d.received_at
        from (
          select event_id,
            max(case when reason in ('next_on_waitlist', 'renumbered') then 0 else 1 end) as own
          from decisions
          where organization_id = $1 and user_id = $2 and event_id is not null
          group by event_id
        ) e
        cross join deliveries d
        where d.original and d.event_id = e.event_id and coalesce(d.organization_id, '') = $1
          and (d.received_at, d.id) < ($3, $4)
        union all
        select d.id, d.kind, d.outcome, e.own = 0 as of_another, d.received_at
        from (
          select event_id,
            max(case when reason in ('next_on_waitlist', 'renumbered') then 0 else 1 end) as own
          from decisions
          where organization_id = $1 and user_id = $2 and event_id is not null
          group by event_id
        ) e
        cross join deliveries d
        where not d.original and d.event_id = e.event_id and coalesce(d.organization_id, '') = $1
          and (d.received_at, d.id) < ($3, $4)
        order by 5 desc, 1 desc
        limit $5
        ",
        organization.id().as_str(),
        user.as_str(),
        at,
        id,
        most,
    )?;
    let delivery = |Keyed(row): Keyed<DeliveryRow>| Delivery {
        id: DeliveryId::new(row.id),
        kind: row.kind,
        outcome: row.outcome.0,
        of_another: row.of_another,
        at: Timestamp::from_nanos(row.received_at),
    };
    Ok(rows.into_iter().map(delivery).collect())
}

/// A resync that has changed the user, or that has found a newer state.
#[derive(Clone, Debug)]
pub struct Resynced {
    pub run: ResyncId,
    pub change: Change,
    pub outcome: Outcome,
    /// When the run ended; when it was planned, as long as it runs.
    pub at: Timestamp,
}

#[derive(FromRow)]
struct ResyncedRow {
    resync_id: String,
    change: Text<Change>,
    outcome: Text<Outcome>,
    at: i64,
}

impl Stored for ResyncedRow {
    const TABLE: &'static str = "resync_people";
    const KEY: &'static [&'static str] = &["organization_id", "resync_id", "user_id"];
}

/// The resyncs whose plan for the user was applied, as long as the plans are kept.
pub async fn resyncs(
    tx: &mut Tx,
    organization: &OrganizationScope,
    user: &DirectoryUserId,
    (at, id): (i64, &str),
    most: i64,
) -> sqlx::Result<Vec<Resynced>> {
    let rows: Vec<Keyed<ResyncedRow>> = sql!(
        all(tx),
        r"
        select p.organization_id, p.resync_id, p.user_id, p.change, p.outcome,
          coalesce(r.finished_at, r.planned_at, r.created_at) as at
        from resyncs r
        join resync_people p on p.organization_id = r.organization_id and p.resync_id = r.id
          and p.user_id = $2
        where r.organization_id = $1 and p.change is not null and p.outcome is not null
          and (coalesce(r.finished_at, r.planned_at, r.created_at), r.id) < ($3, $4)
        order by coalesce(r.finished_at, r.planned_at, r.created_at) desc, r.id desc
        limit $5
        ",
        organization.id().as_str(),
        user.as_str(),
        at,
        id,
        most,
    )?;
    let resynced = |Keyed(row): Keyed<ResyncedRow>| Resynced {
        run: ResyncId::new(row.resync_id),
        change: row.change.0,
        outcome: row.outcome.0,
        at: Timestamp::from_nanos(row.at),
    };
    Ok(rows.into_iter().map(resynced).collect())
}
