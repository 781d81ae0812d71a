//! Decisions: every change of a seat or of the waitlist, kept for ever.

use sqlx::FromRow;

use super::{
    KEYS_AT_ONCE, ROWS_AT_ONCE,
    columns::{self, Limit},
    exactly,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        decision::{Reason, Transition},
        directory_user::SeatState,
        id::{DirectoryUserId, EventId, OrganizationId},
        organization::SeatLimit,
        time::Timestamp,
    },
};

/// A transition, its cause, and its number among the organization's decisions.
#[derive(Clone, Debug)]
pub struct DecisionRecord {
    pub organization: OrganizationId,
    pub revision: i64,
    pub ordinal: i64,
    pub step: Transition,
    pub cause: String,
    pub event: Option<EventId>,
    pub actor: Option<String>,
    pub at: Timestamp,
}

pub async fn add(tx: &mut Tx, rows: &[DecisionRecord]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        insert into decisions (
          organization_id, revision, ordinal, user_id, from_state, to_state, reason, limit_kind,
          limit_seats, used, waitlist_rank, waitlist_position, cause, event_id, actor, decided_at
        )
        {rows}
        ",
        |row| [
            row.organization.as_str(),
            row.revision,
            row.ordinal,
            row.step.user.as_str(),
            row.step.from.map(SeatState::as_str),
            row.step.to.as_str(),
            row.step.reason.as_str(),
            columns::from_limit(row.step.limit).0,
            columns::from_limit(row.step.limit).1,
            row.step.used,
            row.step.place.map(|place| place.rank),
            row.step.place.map(|place| place.position),
            row.cause.as_str(),
            row.event.as_ref().map(EventId::as_str),
            row.actor.as_deref(),
            row.at.nanos(),
        ],
    );
    exactly(rows.len() as u64, hit)
}

/// A decision in a list, with the present name and address of its user.
#[derive(Clone, Debug)]
pub struct Listed {
    pub user: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub from: Option<SeatState>,
    pub to: SeatState,
    pub reason: Reason,
    pub limit: SeatLimit,
    pub used: i64,
    pub cause: String,
    pub actor: Option<String>,
    pub at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    user_id: String,
    name: Option<String>,
    email: Option<String>,
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

impl Stored for Row {
    const TABLE: &'static str = "decisions";
    const KEY: &'static [&'static str] = &["organization_id", "user_id"];
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            user: DirectoryUserId::new(row.user_id),
            name: row.name,
            email: row.email,
            from: row.from_state.map(|Text(state)| state),
            to: row.to_state.0,
            reason: row.reason.0,
            limit: row.limit.0,
            used: row.used,
            cause: row.cause,
            actor: row.actor,
            at: Timestamp::from_nanos(row.decided_at),
        }
    }
}

/// A decision in a list, with its number.
#[derive(FromRow)]
struct NumberedRow {
    revision: i64,
    ordinal: i64,
    #[sqlx(flatten)]
    decision: Row,
}

impl Stored for NumberedRow {
    const TABLE: &'static str = "decisions";
    const KEY: &'static [&'static str] = &["organization_id", "user_id"];
}

/// The decisions of an organization before one, each with its revision and its ordinal, newest
/// first.
pub async fn before(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (revision, ordinal): (i64, i64),
    most: i64,
) -> sqlx::Result<Vec<((i64, i64), Listed)>> {
    let rows: Vec<Keyed<NumberedRow>> = sql!(
        all(tx),
        r"
        select d.organization_id, d.revision, d.ordinal, d.user_id, u.name, u.email, d.from_state,
          d.to_state, d.reason, d.limit_kind, d.limit_seats, d.used, d.cause, d.actor, d.decided_at
        from decisions d
        left join directory_users u on u.organization_id = d.organization_id and u.id = d.user_id
        where d.organization_id = $1 and (d.revision, d.ordinal) < ($2, $3)
          and d.reason not in ('renumbered', 'identified')
        order by d.revision desc, d.ordinal desc
        limit $4
        ",
        organization.id().as_str(),
        revision,
        ordinal,
        most,
    )?;
    let numbered =
        |Keyed(row): Keyed<NumberedRow>| ((row.revision, row.ordinal), row.decision.into());
    Ok(rows.into_iter().map(numbered).collect())
}

/// The newest decisions of an organization that mean something to a reader, newest first.
pub async fn recent(
    tx: &mut Tx,
    organization: &OrganizationScope,
    most: i64,
) -> sqlx::Result<Vec<Listed>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select d.organization_id, d.user_id, u.name, u.email, d.from_state, d.to_state, d.reason,
          d.limit_kind, d.limit_seats, d.used, d.cause, d.actor, d.decided_at
        from decisions d
        left join directory_users u on u.organization_id = d.organization_id and u.id = d.user_id
        where d.organization_id = $1 and d.reason not in ('renumbered', 'identified')
        order by d.revision desc, d.ordinal desc
        limit $2
        ",
        organization.id().as_str(),
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The people who were admitted from the waitlist in this time, among the newest decisions: their
/// number, and the first `most` of them.
pub async fn admitted_between(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (after, until): (Timestamp, Timestamp),
    most: i64,
) -> sqlx::Result<(i64, Vec<DirectoryUserId>)> {
    let rows: Vec<(String, i64)> = sql!(
        all(tx),
        r"
        with newest as (
            select revision, ordinal, user_id, from_state, to_state, decided_at
            from decisions
            where organization_id = $1
            order by revision desc, ordinal desc
            limit $5
          )
        select user_id, count(*) over () as admitted
        from newest
        where from_state = 'blocked' and to_state = 'provisioned'
          and decided_at >= $2 and decided_at <= $3
        order by revision, ordinal
        limit $4
        ",
        organization.id().as_str(),
        after.nanos(),
        until.nanos(),
        most,
        NEWEST,
    )?;
    let admitted = rows.first().map_or(0, |(_, admitted)| *admitted);
    Ok((admitted, rows.into_iter().map(|(user, _)| DirectoryUserId::new(user)).collect()))
}

/// How many people got a seat, had to wait, and gave a seat back in this time, among the newest
/// decisions.
pub async fn counted_between(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (after, until): (Timestamp, Timestamp),
) -> sqlx::Result<(i64, i64, i64)> {
    sql!(
        one(tx),
        r"
        with newest as (
            select from_state, to_state, decided_at
            from decisions
            where organization_id = $1
            order by revision desc, ordinal desc
            limit $4
          )
        select count(case when to_state = 'provisioned' then 1 end),
          count(case when to_state = 'blocked' then 1 end),
          count(case when from_state = 'provisioned' then 1 end)
        from newest
        where coalesce(from_state, '') <> to_state and decided_at > $2 and decided_at <= $3
        ",
        organization.id().as_str(),
        after.nanos(),
        until.nanos(),
        NEWEST,
    )
}

/// How many decisions are looked through for those of a time.
const NEWEST: i64 = 10_000;

/// How many people held a seat and how many waited until the organization ended in this revision.
pub async fn ended(
    tx: &mut Tx,
    organization: &OrganizationScope,
    revision: i64,
) -> sqlx::Result<(i64, i64)> {
    let row: Option<(i64, i64)> = sql!(
        optional(tx),
        r"
        select count(case when from_state = 'provisioned' then 1 end),
          count(case when from_state = 'blocked' then 1 end)
        from decisions
        where organization_id = $1 and revision = $2
          and reason in ('organization_deleted', 'organization_archived')
        ",
        organization.id().as_str(),
        revision,
    )?;
    Ok(row.unwrap_or_default())
}

/// The decisions that an event caused, in order.
pub async fn caused_by(
    tx: &mut Tx,
    organization: &OrganizationId,
    event: &EventId,
    most: i64,
) -> sqlx::Result<Vec<Listed>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select d.organization_id, d.user_id, u.name, u.email, d.from_state, d.to_state, d.reason,
          d.limit_kind, d.limit_seats, d.used, d.cause, d.actor, d.decided_at
        from decisions d
        left join directory_users u on u.organization_id = d.organization_id and u.id = d.user_id
        where d.organization_id = $1 and d.event_id = $2
          and d.revision in (
            select revision
            from deliveries
            where original and event_id = $2 and organization_id = $1
          )
        order by d.revision, d.ordinal
        limit $3
        ",
        organization.as_str(),
        event.as_str(),
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The decisions that blocked these users, oldest first: the last one of a user is why the user
/// waits.
pub async fn that_blocked(
    tx: &mut Tx,
    organization: &OrganizationScope,
    people: &[DirectoryUserId],
) -> sqlx::Result<Vec<Listed>> {
    let keys: Vec<(&str, &str)> =
        people.iter().map(|id| (organization.id().as_str(), id.as_str())).collect();
    let rows: Vec<Keyed<Row>> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select organization_id, user_id, cast(null as text) as name, cast(null as text) as email,
          from_state, to_state, reason, limit_kind, limit_seats, used, cause, actor, decided_at
        from decisions
        where to_state = 'blocked'
          and reason not in (
            'moved_to_front', 'moved', 'groups_changed', 'policy_changed', 'identified',
            'renumbered'
          )
          and (organization_id, user_id) in ({keys})
        order by revision, ordinal
        ",
        |key| [key.0, key.1],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// Assigns the decisions about a placeholder to the directory user. They tell the id of the
/// placeholder for the time before this revision.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    (id, revision): (&DirectoryUserId, i64),
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update decisions
        set user_id = $3, placeholder_id = $2, placeholder_until = $4
        where organization_id = $1 and user_id = $2
        ",
        organization.id().as_str(),
        placeholder.as_str(),
        id.as_str(),
        revision,
    )
}
