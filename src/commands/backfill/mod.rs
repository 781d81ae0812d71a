//! After a silence, Seatkeeper reads the missing events from Scalekit's event log and ingests them
//! like any delivery. If there is no event log, or it does not reach back to a known delivery,
//! every organization is resynced instead.

mod listing;
mod log;

use std::collections::HashSet;

use serde_json::Value;
use tracing::{info, warn};

use self::log::Way;
use super::{
    Delivery, Error,
    ingest_deliveries::{ingest_deliveries, owned},
};
use crate::{
    db::Tx,
    domain::{
        id::{EventId, WebhookId},
        time::Timestamp,
    },
    scalekit::{
        client::{self, Client},
        payload::{ParsedBody, read},
    },
    state::AppState,
    store::{
        deliveries::{self, DeliveryKey, Latest},
        event_log,
        lease::{Lease, LeaseError, Work},
        organizations,
    },
};

/// How many of the latest deliveries are searched in the log: the log reaches back if it contains
/// one of them.
const LATEST: i64 = 20;
/// Events in one transaction.
const BATCH: usize = 100;
/// Organizations marked in one transaction.
const PART: i64 = 200;

/// When the event log is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At once, whenever the last delivery came: this process has just started.
    Now,
    /// Only if no delivery came, and the log was not checked, for the duration in the settings.
    AfterSilence,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The check is not due, or another process runs it.
    NotLooked,
    /// No event was missing.
    None,
    /// This number of events was missing; all of them are ingested now.
    Closed(usize),
    /// Every organization is to be resynced.
    Resync,
    /// Scalekit does not answer, or rejects our credentials: a resync would only fail.
    Unanswered,
}

/// Why a check was aborted.
#[derive(Debug, thiserror::Error)]
enum Abort {
    #[error(transparent)]
    Scalekit(#[from] client::Error),
    #[error(transparent)]
    Ours(#[from] Error),
}

impl From<sqlx::Error> for Abort {
    fn from(error: sqlx::Error) -> Self {
        Self::Ours(error.into())
    }
}

impl From<LeaseError> for Abort {
    fn from(error: LeaseError) -> Self {
        Self::Ours(error.into())
    }
}

pub async fn backfill(state: &AppState, look: Look) -> Result<Gap, Error> {
    let Some(client) = state.scalekit.clone() else { return Ok(Gap::NotLooked) };
    let Some((latest, lease)) = begin(state, look).await? else { return Ok(Gap::NotLooked) };
    match look_through(state, &client, look, (&latest, &lease)).await {
        // The check took so long that another process has taken it over.
        Err(Error::LeaseLost(lost)) => {
            info!(%lost, "another process checks the event log");
            Ok(Gap::NotLooked)
        }
        Err(error) => {
            release(state, &lease).await;
            Err(error)
        }
        looked => looked,
    }
}

async fn look_through(
    state: &AppState,
    client: &Client,
    look: Look,
    (latest, lease): (&[Latest], &Lease),
) -> Result<Gap, Error> {
    let (gap, trouble) = match take_missing(state, client, (latest, lease)).await {
        Ok(gap) => (gap, None),
        Err(Abort::Ours(error)) => return Err(error),
        // After a start the lease is kept: when it has expired, the next check begins.
        Err(Abort::Scalekit(error)) if error.is_silence() && look == Look::Now => {
            return Ok(Gap::Unanswered);
        }
        Err(Abort::Scalekit(error)) if error.is_silence() => {
            (Gap::Unanswered, Some((error.code().to_owned(), error.to_string())))
        }
        Err(Abort::Scalekit(error)) => {
            (Gap::Resync, Some((error.code().to_owned(), error.to_string())))
        }
    };
    let (gap, trouble) = if gap == Gap::Resync {
        find_the_rest(state, (client, lease), look, trouble).await?
    } else {
        (gap, trouble)
    };
    if gap == Gap::Unanswered && look == Look::Now {
        return Ok(gap); // the lease is kept: when it has expired, the next check begins
    }
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let found =
        if let Gap::Closed(found) = gap { i64::try_from(found).unwrap_or(i64::MAX) } else { 0 };
    let looked = event_log::Looked { found, by_resync: gap == Gap::Resync, trouble };
    event_log::looked(&mut tx, lease, &looked, now).await?;
    tx.commit().await?;
    Ok(gap)
}

/// The log cannot tell which events are missing: unknown organizations are added, and every
/// organization is marked for a resync. If Scalekit does not answer any more, all of this happens
/// at a later check.
async fn find_the_rest(
    state: &AppState,
    (client, lease): (&Client, &Lease),
    look: Look,
    trouble: Option<(String, String)>,
) -> Result<(Gap, Option<(String, String)>), Error> {
    warn!(
        ?trouble,
        "the event log cannot say what is missing; every organization is compared with its directory"
    );
    let trouble = match listing::add_unknown(state, client, lease).await {
        Ok(_) => trouble,
        Err(listing::Abort::Ours(error)) => return Err(error),
        Err(listing::Abort::Scalekit(error)) => {
            warn!(%error, ?look, "Scalekit’s organizations could not be listed");
            let failure = (error.code().to_owned(), error.to_string());
            if error.is_silence() {
                return Ok((Gap::Unanswered, Some(failure)));
            }
            trouble.or(Some(failure))
        }
    };
    want_resyncs(state, lease).await?;
    Ok((Gap::Resync, trouble))
}

/// Releases the lease, so that the next check need not wait until it expires. If the release fails,
/// the lease expires by itself.
async fn release(state: &AppState, lease: &Lease) {
    let released = async {
        let mut tx = state.db.write().await?;
        lease.release(&mut tx).await?;
        Ok::<_, Error>(tx.commit().await?)
    };
    if let Err(error) = released.await {
        warn!(%error, "the lease of the event log could not be released; it expires by itself");
    }
}

/// Marks every organization for a resync, in parts, so that deliveries are processed in between.
async fn want_resyncs(state: &AppState, lease: &Lease) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let mut tx = state.db.write().await?;
        let last = organizations::want_resyncs(&mut tx, &after, PART, state.clock.now()).await?;
        lease.renew(&mut tx).await?;
        tx.commit().await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// The latest deliveries and the lease, if a check is due and no other process holds the lease.
async fn begin(state: &AppState, look: Look) -> Result<Option<(Vec<Latest>, Lease)>, Error> {
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let latest = latest_deliveries(&mut tx, state, look, now).await?;
    let before = now.minus(state.resyncs.silence);
    let silent = latest.iter().all(|delivery| delivery.received_at <= before.nanos());
    let checked_before = if look == Look::Now { now } else { before };
    if look == Look::AfterSilence && is_settled(&mut tx, &latest).await? {
        return Ok(None);
    }
    if latest.is_empty() || (look == Look::AfterSilence && !silent) {
        // without a first delivery nothing can be missing, and after a recent one no check is due
        return Ok(None);
    }
    let row = event_log::row(&mut tx).await?;
    let is_free = state.leases.is_free(&Work::EventLog, row.lease, state.clock.monotonic());
    if !is_free || !row.is_due(checked_before, now) {
        return Ok(None);
    }
    let Some(lease) = event_log::claim(&mut tx, row).await? else { return Ok(None) };
    tx.commit().await?;
    state.leases.note(&lease, state.clock.monotonic());
    Ok(Some((latest, lease)))
}

/// The latest deliveries. After a start, only those from before the start count: newer ones do not
/// show what was missed.
async fn latest_deliveries(
    tx: &mut Tx,
    state: &AppState,
    look: Look,
    now: Timestamp,
) -> sqlx::Result<Vec<Latest>> {
    if look == Look::Now {
        let before = deliveries::latest(tx, (now, state.health.started_at), LATEST).await?;
        if !before.is_empty() {
            return Ok(before);
        }
    }
    deliveries::latest(tx, (now, now), LATEST).await
}

/// A resync of every organization was requested after the latest delivery: another one would find
/// nothing more.
async fn is_settled(tx: &mut Tx, latest: &[Latest]) -> sqlx::Result<bool> {
    let log = event_log::state(tx).await?;
    let last = latest.iter().map(|delivery| delivery.received_at).max().unwrap_or(i64::MIN);
    Ok(log.by_resync && log.closed_at.is_some_and(|at| at.nanos() >= last))
}

/// Ingests every event that the log has and Seatkeeper does not, the oldest first.
async fn take_missing(
    state: &AppState,
    client: &Client,
    (latest, lease): (&[Latest], &Lease),
) -> Result<Gap, Abort> {
    let Some(mut way) = Way::find(client, latest, state.clock.now()).await? else {
        return Ok(Gap::Resync);
    };
    let (mut taken, mut is_whole) = (0, true);
    loop {
        keep(state, lease).await?;
        let Some(events) = way.next(client).await? else { break };
        let (more, all) = take(state, events).await?;
        taken += more;
        is_whole &= all;
    }
    info!(taken, "the event log was read");
    Ok(match (is_whole, taken) {
        (false, _) => Gap::Resync,
        (true, 0) => Gap::None,
        (true, taken) => Gap::Closed(taken),
    })
}

/// Sends a heartbeat before a call that may take long.
async fn keep(state: &AppState, lease: &Lease) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    lease.renew(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Ingests the events that are new. Gives their number, and whether none had to be skipped.
async fn take(state: &AppState, events: Vec<Value>) -> Result<(usize, bool), Error> {
    let (mut taken, now) = (0, state.clock.now());
    let all: Vec<Delivery> = events.iter().filter_map(|event| of_log(event, now)).collect();
    // Incomplete log entries are skipped, because their webhook may still arrive in full; the check
    // then counts as incomplete and leads to a resync.
    let mut is_whole = all.len() == events.len();
    for batch in all.chunks(BATCH) {
        let batch = &*owned(state, batch).await?;
        let mut tx = state.db.read().await?;
        let asked: Vec<_> = batch.iter().map(Delivery::asked).collect();
        let known: HashSet<(String, String, String)> = deliveries::known(&mut tx, &asked)
            .await?
            .into_iter()
            .map(|known| (known.organization_id, known.event_id, known.kind))
            .collect();
        drop(tx);
        let is_new = |delivery: &&Delivery| {
            let DeliveryKey { organization, event_id, kind, .. } = delivery.asked();
            !known.contains(&(organization.to_owned(), event_id.to_owned(), kind.to_owned()))
        };
        let new: Vec<Delivery> = batch.iter().filter(is_new).cloned().collect();
        taken += new.len();
        is_whole &= take_batch(state, &new).await?;
    }
    Ok((taken, is_whole))
}

/// Ingests the events together, or one by one if that fails, so that one bad event does not block
/// the others. False: some were skipped.
async fn take_batch(state: &AppState, new: &[Delivery]) -> Result<bool, Error> {
    if new.is_empty() || ingest_deliveries(state, new).await.is_ok() {
        return Ok(true);
    }
    let mut is_whole = true;
    for delivery in new {
        match ingest_deliveries(state, std::slice::from_ref(delivery)).await {
            Err(Error::Database(error)) if crate::db::is_transient(&error) => {
                return Err(error.into());
            }
            Err(error) => {
                warn!(%error, event = %delivery.event(), "an event of the log could not be processed");
                is_whole = false;
            }
            Ok(_) => {}
        }
    }
    Ok(is_whole)
}

/// An event of the log as a delivery. If its webhook still arrives, the event id and type identify
/// it as a duplicate. None: the event cannot be read.
fn of_log(event: &Value, now: Timestamp) -> Option<Delivery> {
    let id = event["id"].as_str().and_then(EventId::parse)?;
    let kind = event["type"].as_str().unwrap_or_default();
    let body = serde_json::to_vec(event).ok()?;
    let reading = read(&body);
    if matches!(reading, ParsedBody::Unreadable { .. }) {
        return None;
    }
    let webhook_id =
        WebhookId::parse(&format!("log_{id}_{}", kind.rsplit('.').next().unwrap_or_default()))?;
    Some(Delivery::new(webhook_id, body, reading, now).of_log())
}
