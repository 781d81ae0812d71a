//! Bulk replays of dead letters: the filter, the progress, and the lease.

use std::time::Duration;

use sqlx::FromRow;

use super::{
    exactly_one,
    lease::{self, Lease, LeaseError, LeaseRow, Work},
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        delivery::ReplayState,
        id::{AccountId, DeliveryId, OrganizationId, ReplayId},
        time::Timestamp,
    },
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
        r"
        insert into bulk_replays (id, state, organization_id, kind, sends_emails, started_by,
            account_id, started_at, total, succeeded, still_dead, last_received_at,
            last_delivery_id)
        values ($1, 'running', $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, '')
        on conflict (state) where state = 'running' do nothing
        ",
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

/// A worker without a heartbeat for this long counts as dead.
const LEASE: Duration = Duration::from_secs(30);

/// The bulk replay that is running: its filter and its progress.
#[derive(Clone, Debug, FromRow)]
pub struct Running {
    pub id: String,
    pub organization_id: Option<String>,
    pub kind: Option<String>,
    pub sends_emails: bool,
    pub started_by: String,
    pub account_id: Option<String>,
    pub started_at: i64,
    pub last_received_at: i64,
    pub last_delivery_id: String,
    #[sqlx(flatten)]
    pub lease: LeaseRow,
}

impl Running {
    pub fn work(&self) -> Work {
        Work::BulkReplay(ReplayId::new(&self.id))
    }
}

/// A bulk replay that this worker holds.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub replay: Running,
    pub turn: ReplayTurn,
}

/// The right to write the progress of a bulk replay.
#[derive(Clone, Debug)]
pub struct ReplayTurn {
    id: ReplayId,
    pub lease: Lease,
}

pub async fn running(tx: &mut Tx) -> sqlx::Result<Option<Running>> {
    sql!(
        optional(tx),
        r"
        select id, organization_id, kind, sends_emails, started_by, account_id, started_at,
            last_received_at, last_delivery_id, claim, heartbeats, lease_millis
        from bulk_replays
        where state = 'running'
        order by id
        limit 1
        ",
    )
}

/// Claims the bulk replay. `None`: another worker was quicker or sent a heartbeat.
pub async fn claim(tx: &mut Tx, replay: Running) -> sqlx::Result<Option<Claimed>> {
    let lease = lease::take(tx, replay.work(), replay.lease, LEASE).await?;
    let turn = lease.map(|lease| ReplayTurn { id: ReplayId::new(&replay.id), lease });
    Ok(turn.map(|turn| Claimed { replay, turn }))
}

/// Records one more replayed delivery.
pub async fn advance(
    tx: &mut Tx,
    turn: &ReplayTurn,
    (received_at, delivery): (Timestamp, &DeliveryId),
    succeeded: bool,
) -> Result<(), LeaseError> {
    turn.lease.renew(tx).await?;
    sql!(
        execute(tx),
        r"
        update bulk_replays
        set last_received_at = $2, last_delivery_id = $3, succeeded = succeeded + $4,
            still_dead = still_dead + $5
        where id = $1
        ",
        turn.id.as_str(),
        received_at.nanos(),
        delivery.as_str(),
        i64::from(succeeded),
        i64::from(!succeeded),
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// Finishes the bulk replay and releases the lease.
pub async fn finish(tx: &mut Tx, turn: &ReplayTurn, now: Timestamp) -> Result<(), LeaseError> {
    turn.lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        update bulk_replays
        set state = 'finished', ended_at = $2
        where id = $1
        ",
        turn.id.as_str(),
        now.nanos(),
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// Cancels a bulk replay and takes it away from its worker. False: it had ended before.
pub async fn cancel(tx: &mut Tx, id: &ReplayId, by: &str, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update bulk_replays
        set state = 'cancelled', ended_at = $2, ended_by = $3, claim = claim + 1, lease_millis = 0
        where id = $1 and state = 'running'
        ",
        id.as_str(),
        now.nanos(),
        by,
    )?;
    Ok(hit == 1)
}

/// A bulk replay, running or ended.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: ReplayId,
    pub state: ReplayState,
    pub organization: Option<OrganizationId>,
    pub kind: Option<String>,
    pub sends_emails: bool,
    pub started_by: String,
    pub started_at: Timestamp,
    pub total: i64,
    pub succeeded: i64,
    pub still_dead: i64,
    pub ended_at: Option<Timestamp>,
    pub ended_by: Option<String>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    state: Text<ReplayState>,
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

impl Stored for Row {
    const TABLE: &'static str = "bulk_replays";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            id: ReplayId::new(row.id),
            state: row.state.0,
            organization: row.organization_id.map(OrganizationId::new),
            kind: row.kind,
            sends_emails: row.sends_emails,
            started_by: row.started_by,
            started_at: Timestamp::from_nanos(row.started_at),
            total: row.total,
            succeeded: row.succeeded,
            still_dead: row.still_dead,
            ended_at: row.ended_at.map(Timestamp::from_nanos),
            ended_by: row.ended_by,
        }
    }
}

pub async fn by_id(tx: &mut Tx, id: &ReplayId) -> sqlx::Result<Option<Listed>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select id, state, organization_id, kind, sends_emails, started_by, started_at, total,
            succeeded, still_dead, ended_at, ended_by
        from bulk_replays
        where id = $1
        ",
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The bulk replay that was started last.
pub async fn latest(tx: &mut Tx) -> sqlx::Result<Option<Listed>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select id, state, organization_id, kind, sends_emails, started_by, started_at, total,
            succeeded, still_dead, ended_at, ended_by
        from bulk_replays
        order by started_at desc, id desc
        limit 1
        ",
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}
