//! Bulk replays of dead letters: the filter, the progress, and the lease.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{
        id::{AccountId, DeliveryId, OrganizationId, ReplayId},
        text::ExternalText,
        time::Timestamp,
    },
    views::deliveries::{ReplayRow, ReplayState},
};

/// The values of a new bulk replay.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    pub id: &'a ReplayId,
    /// `None` means all organizations; in `kind` it means all types.
    pub organization: Option<&'a OrganizationId>,
    pub kind: Option<&'a str>,
    pub sends_emails: bool,
    pub actor: &'a str,
    pub account: Option<&'a AccountId>,
    pub total: i64,
}

/// Starts a bulk replay. False: another one is running.
pub async fn start(tx: &mut Tx, new: &New<'_>, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "insert into bulk_replays (id, state, organization_id, kind, sends_emails, started_by, account_id, started_at, total, succeeded, still_dead, \
         last_received_at, last_delivery_id, lease_until, claim) values ($1, 'running', $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, '', 0, 0) \
         on conflict (state) where state = 'running' do nothing",
        new.id.as_str(),
        new.organization.map(OrganizationId::as_str),
        new.kind,
        new.sends_emails,
        new.actor,
        new.account.map(AccountId::as_str),
        now.nanos(),
        new.total,
        i64::MIN,
    )?;
    Ok(hit == 1)
}

/// A bulk replay that this worker holds.
#[derive(Clone, Debug, FromRow)]
pub struct Claimed {
    pub id: String,
    pub organization_id: Option<String>,
    pub kind: Option<String>,
    pub sends_emails: bool,
    pub started_by: String,
    pub account_id: Option<String>,
    pub started_at: i64,
    pub last_received_at: i64,
    pub last_delivery_id: String,
    pub claim: i64,
}

impl Claimed {
    pub fn turn(&self) -> ReplayTurn {
        ReplayTurn { id: ReplayId::new(&self.id), claim: self.claim }
    }
}

/// The lease on a bulk replay, until another worker takes it.
#[derive(Clone, Debug)]
pub struct ReplayTurn {
    pub id: ReplayId,
    pub claim: i64,
}

/// The bulk replay that is running, and its last heartbeat.
#[derive(Clone, Debug, FromRow)]
pub struct Running {
    pub id: String,
    pub claim: i64,
    pub heartbeats: i64,
    /// A worker holds it, or died while holding it.
    pub is_held: bool,
}

pub async fn running(tx: &mut Tx) -> sqlx::Result<Option<Running>> {
    sql!(
        optional(tx),
        "select id, claim, heartbeats, lease_until <> 0 as is_held from bulk_replays where state = 'running' order by id limit 1"
    )
}

/// Claims the bulk replay. `None`: another worker was quicker or sent a heartbeat.
pub async fn claim(
    tx: &mut Tx,
    running: &Running,
    now: Timestamp,
) -> sqlx::Result<Option<Claimed>> {
    sql!(
        optional(tx),
        r"
        update bulk_replays
        set claim = claim + 1, lease_until = $4
        where id = $1 and state = 'running' and claim = $2 and heartbeats = $3
        returning id, organization_id, kind, sends_emails, started_by, account_id, started_at, last_received_at, last_delivery_id, claim
        ",
        running.id.as_str(),
        running.claim,
        running.heartbeats,
        now.nanos(),
    )
}

/// Releases the lease, if this worker still holds it.
pub async fn release(tx: &mut Tx, turn: &ReplayTurn) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update bulk_replays set lease_until = 0 where id = $1 and claim = $2",
        turn.id.as_str(),
        turn.claim
    )
    .map(|_| ())
}

/// Records one more replayed delivery. False: the bulk replay was cancelled, or another worker has
/// taken over.
pub async fn advance(
    tx: &mut Tx,
    turn: &ReplayTurn,
    (received_at, delivery): (Timestamp, &DeliveryId),
    succeeded: bool,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "update bulk_replays set last_received_at = $2, last_delivery_id = $3, succeeded = succeeded + $4, still_dead = still_dead + $5, heartbeats = heartbeats + 1 \
         where id = $1 and claim = $6 and state = 'running' and (last_received_at, last_delivery_id) < ($2, $3)",
        turn.id.as_str(),
        received_at.nanos(),
        delivery.as_str(),
        i64::from(succeeded),
        i64::from(!succeeded),
        turn.claim,
    )?;
    Ok(hit == 1)
}

/// Finishes the bulk replay. False: it had ended before, or another worker holds it.
pub async fn finish(tx: &mut Tx, turn: &ReplayTurn, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "update bulk_replays set state = 'finished', ended_at = $3 where id = $1 and claim = $2 and state = 'running'",
        turn.id.as_str(),
        turn.claim,
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// Cancels a bulk replay. False: it had ended before.
pub async fn cancel(tx: &mut Tx, id: &ReplayId, by: &str, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "update bulk_replays set state = 'cancelled', ended_at = $2, ended_by = $3 where id = $1 and state = 'running'",
        id.as_str(),
        now.nanos(),
        by,
    )?;
    Ok(hit == 1)
}

#[derive(FromRow)]
struct Row {
    id: String,
    state: String,
    organization_id: Option<String>,
    kind: Option<String>,
    sends_emails: bool,
    started_by: String,
    started_at: i64,
    total: i64,
    succeeded: i64,
    still_dead: i64,
    ended_at: Option<i64>,
    ended_by: Option<String>,
}

impl From<Row> for ReplayRow {
    fn from(row: Row) -> Self {
        Self {
            id: ReplayId::new(row.id),
            state: ReplayState::parse(&row.state),
            organization: row.organization_id.map(OrganizationId::new),
            kind: row.kind,
            with_emails: row.sends_emails,
            started_by: ExternalText::new(&row.started_by),
            started_at: Timestamp::from_nanos(row.started_at),
            total: row.total,
            succeeded: row.succeeded,
            still_dead: row.still_dead,
            ended_at: row.ended_at.map(Timestamp::from_nanos),
            ended_by: row.ended_by.as_deref().map(ExternalText::new),
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, state, organization_id, kind, sends_emails, started_by, started_at, total, succeeded, still_dead, ended_at, ended_by \
             from bulk_replays ",
            $rest
        )
    };
}

pub async fn by_id(tx: &mut Tx, id: &ReplayId) -> sqlx::Result<Option<ReplayRow>> {
    let row: Option<Row> = sql!(optional(tx), select!("where id = $1"), id.as_str())?;
    Ok(row.map(Into::into))
}

/// The bulk replay that was started last.
pub async fn latest(tx: &mut Tx) -> sqlx::Result<Option<ReplayRow>> {
    let row: Option<Row> =
        sql!(optional(tx), select!("order by started_at desc, id desc limit 1"))?;
    Ok(row.map(Into::into))
}
