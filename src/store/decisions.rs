//! Decisions: every change of a seat or of the waitlist, kept for ever.

use sqlx::FromRow;

use super::columns;
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        decision::{Reason, Transition},
        directory_user::SeatState,
        id::{DirectoryUserId, EventId, OrganizationId},
        text::ExternalText,
        time::Timestamp,
    },
    views::DecisionRow,
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
    bulk!(
        tx,
        rows,
        512,
        "insert into decisions (organization_id, revision, ordinal, user_id, from_state, to_state, reason, limit_kind, limit_seats, used, \
         cause, event_id, actor, decided_at) ",
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
            row.cause.as_str(),
            row.event.as_ref().map(EventId::as_str),
            row.actor.as_deref(),
            row.at.nanos(),
        ],
        ""
    );
    Ok(())
}

#[derive(FromRow)]
struct Row {
    user_id: String,
    name: Option<String>,
    email: Option<String>,
    from_state: Option<String>,
    to_state: String,
    reason: String,
    limit_kind: String,
    limit_seats: Option<i64>,
    used: i64,
    cause: String,
    actor: Option<String>,
    decided_at: i64,
}

impl From<Row> for DecisionRow {
    fn from(row: Row) -> Self {
        let seen = |text: Option<String>| text.as_deref().and_then(ExternalText::seen);
        Self {
            user: DirectoryUserId::new(row.user_id),
            name: seen(row.name),
            email: seen(row.email),
            from: row.from_state.as_deref().map(columns::state),
            to: columns::state(&row.to_state),
            reason: Reason::parse(&row.reason).unwrap_or(Reason::Unknown),
            limit: columns::to_limit(&row.limit_kind, row.limit_seats),
            used: row.used,
            cause: ExternalText::new(&row.cause),
            actor: row.actor.as_deref().map(ExternalText::new),
            at: Timestamp::from_nanos(row.decided_at),
        }
    }
}

/// The newest decisions of an organization, newest first.
pub async fn recent(
    tx: &mut Tx,
    organization: &OrganizationScope,
    most: i64,
) -> sqlx::Result<Vec<DecisionRow>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        "select d.user_id, u.name, u.email, d.from_state, d.to_state, d.reason, d.limit_kind, d.limit_seats, d.used, d.cause, d.actor, d.decided_at \
         from decisions d left join directory_users u on u.organization_id = d.organization_id and u.id = d.user_id \
         where d.organization_id = $1 order by d.revision desc, d.ordinal desc limit $2",
        organization.id().as_str(),
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The decisions that an event caused, in order.
pub async fn caused_by(
    tx: &mut Tx,
    organization: &OrganizationId,
    event: &EventId,
    most: i64,
) -> sqlx::Result<Vec<DecisionRow>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        "select d.user_id, u.name, u.email, d.from_state, d.to_state, d.reason, d.limit_kind, d.limit_seats, d.used, d.cause, d.actor, d.decided_at \
         from decisions d left join directory_users u on u.organization_id = d.organization_id and u.id = d.user_id \
         where d.organization_id = $1 and d.event_id = $2 and d.revision in (select revision from deliveries where original and event_id = $2 \
         and organization_id = $1) order by d.revision, d.ordinal limit $3",
        organization.as_str(),
        event.as_str(),
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The decisions that blocked these users, oldest first: the last one of a user is why the user
/// waits.
pub async fn that_blocked(
    tx: &mut Tx,
    organization: &OrganizationScope,
    people: &[DirectoryUserId],
) -> sqlx::Result<Vec<DecisionRow>> {
    let keys: Vec<(&str, &str)> =
        people.iter().map(|id| (organization.id().as_str(), id.as_str())).collect();
    let rows: Vec<Row> = listed!(
        tx,
        keys,
        1_024,
        "select user_id, cast(null as text) as name, cast(null as text) as email, from_state, to_state, reason, limit_kind, limit_seats, used, \
         cause, actor, decided_at from decisions where to_state = 'blocked' and reason <> 'moved_to_front' and (organization_id, user_id) in",
        |key| [key.0, key.1],
        "order by revision, ordinal"
    );
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Assigns the decisions about a placeholder to the directory user.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        "update decisions set user_id = $3 where organization_id = $1 and user_id = $2",
        organization.id().as_str(),
        placeholder.as_str(),
        id.as_str(),
    )
}
