//! After a silence: what happened meanwhile is read from Scalekit's event log and taken like any delivery. Where the log is
//! not there, or does not reach back to what is known, everybody is compared with their directory instead.

mod listing;
mod log;

use std::{collections::HashSet, time::Duration};

use serde_json::Value;
use tracing::{info, warn};

use self::log::Way;
use super::{Delivery, Error, take_deliveries};
use crate::{
    db::Tx,
    desk::Desk,
    domain::{
        event::{Reading, read},
        id::{EventId, WebhookId},
        time::Timestamp,
    },
    scalekit::client::{self, Client},
    store::{
        deliveries::{self, Latest},
        event_log::{self, Hold},
        organizations,
    },
};

/// The latest deliveries; the log reaches back if it has one of them.
const LATEST: i64 = 20;
/// Events in one transaction.
const BATCH: usize = 100;
/// Organizations noted in one transaction.
const PART: i64 = 200;
const LEASE: Duration = Duration::from_mins(10);
/// What the right to look is watched under.
const WATCHED: &str = "event log";

/// How often the log is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Whatever was last heard: we were away.
    Now,
    /// If nothing was heard, and the log not looked at, for as long as the settings say.
    AfterSilence,
}

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Not the time to look, or somebody else does.
    NotLooked,
    /// Nothing was missing.
    None,
    /// So many events were missing and are taken.
    Closed(usize),
    /// Everybody is to be compared with their directory.
    Resync,
    /// Scalekit does not answer, or not to us: whoever were compared with it now would only fail.
    Unanswered,
}

/// Why a look came to no end.
#[derive(Debug, thiserror::Error)]
enum Halt {
    /// We took so long that somebody else looks now.
    #[error("lost")]
    Lost,
    #[error(transparent)]
    Scalekit(#[from] client::Error),
    #[error(transparent)]
    Ours(#[from] Error),
}

impl From<sqlx::Error> for Halt {
    fn from(error: sqlx::Error) -> Self {
        Self::Ours(error.into())
    }
}

pub async fn close_gap(desk: &Desk, look: Look) -> Result<Gap, Error> {
    let Some(client) = desk.scalekit.clone() else { return Ok(Gap::NotLooked) };
    let Some((latest, mut hold)) = begin(desk, look).await? else { return Ok(Gap::NotLooked) };
    let looked = look_through(desk, &client, look, (&latest, &mut hold)).await;
    if looked.is_err() {
        release(desk, hold).await;
    }
    looked
}

async fn look_through(desk: &Desk, client: &Client, look: Look, (latest, hold): (&[Latest], &mut Hold)) -> Result<Gap, Error> {
    let (gap, trouble) = match take_missing(desk, client, (latest, hold)).await {
        Ok(gap) => (gap, None),
        Err(Halt::Ours(error)) => return Err(error),
        Err(Halt::Lost) => return Ok(Gap::NotLooked),
        // After a start the lease stands, and when it has run out somebody looks again.
        Err(Halt::Scalekit(error)) if error.is_silence() && look == Look::Now => return Ok(Gap::Unanswered),
        Err(Halt::Scalekit(error)) if error.is_silence() => (Gap::Unanswered, Some((error.code().to_owned(), error.to_string()))),
        Err(Halt::Scalekit(error)) => (Gap::Resync, Some((error.code().to_owned(), error.to_string()))),
    };
    let (gap, trouble) = if gap == Gap::Resync { find_the_rest(desk, client, look, trouble).await? } else { (gap, trouble) };
    if gap == Gap::Unanswered && look == Look::Now {
        return Ok(gap); // the lease stands, and when it has run out somebody looks again
    }
    let mut tx = desk.db.write().await?;
    let now = desk.clock.now();
    let found = if let Gap::Closed(found) = gap { i64::try_from(found).unwrap_or(i64::MAX) } else { 0 };
    event_log::looked(&mut tx, &event_log::Looked { found, by_resync: gap == Gap::Resync, trouble }, now).await?;
    tx.commit().await?;
    Ok(gap)
}

/// The log cannot say what is missing: organizations that nobody told us of are added, and everybody is compared with their
/// directory. Where nobody answers any more, all of it is done later.
async fn find_the_rest(
    desk: &Desk,
    client: &Client,
    look: Look,
    trouble: Option<(String, String)>,
) -> Result<(Gap, Option<(String, String)>), Error> {
    warn!(?trouble, "the event log cannot say what is missing; everybody is compared with their directory");
    let trouble = match listing::add_unknown(desk, client).await {
        Ok(_) => trouble,
        Err(listing::Halt::Ours(error)) => return Err(error),
        Err(listing::Halt::Scalekit(error)) => {
            warn!(%error, ?look, "Scalekit’s organizations could not be listed");
            let told = (error.code().to_owned(), error.to_string());
            if error.is_silence() {
                return Ok((Gap::Unanswered, Some(told)));
            }
            trouble.or(Some(told))
        }
    };
    want_resyncs(desk).await?;
    Ok((Gap::Resync, trouble))
}

/// The next try need not wait until the lease has run out. Where even that fails, it does.
async fn release(desk: &Desk, mut hold: Hold) {
    let released = async {
        let mut tx = desk.db.write().await?;
        event_log::keep(&mut tx, &mut hold, Timestamp::from_nanos(0)).await?;
        tx.commit().await
    };
    if let Err(error) = released.await {
        warn!(%error, "the right to look at the event log could not be given back; it runs out by itself");
    }
}

/// Everybody's people shall be compared with the directory; noted in parts, so that deliveries get in between.
async fn want_resyncs(desk: &Desk) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let mut tx = desk.db.write().await?;
        let last = organizations::want_resyncs(&mut tx, &after, PART, desk.clock.now()).await?;
        tx.commit().await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// The latest deliveries and the right to look, if it is time to and nobody else does.
async fn begin(desk: &Desk, look: Look) -> Result<Option<(Vec<Latest>, Hold)>, Error> {
    let mut tx = desk.db.write().await?;
    let now = desk.clock.now();
    let latest = heard(&mut tx, desk, look, now).await?;
    let before = now.minus(desk.resyncs.silence);
    let silent = latest.iter().all(|delivery| delivery.received_at <= before.nanos());
    let checked_before = if look == Look::Now { now } else { before };
    if look == Look::AfterSilence && is_settled(&mut tx, &latest).await? {
        return Ok(None);
    }
    if latest.is_empty() || (look == Look::AfterSilence && !silent) {
        return Ok(None); // nobody has told us anything: there is nothing to miss yet
    }
    let Some((held_by, beat)) = event_log::held(&mut tx).await? else { return Ok(None) };
    let unchanged = desk.leases.unchanged(WATCHED, (0, beat), desk.clock.monotonic());
    if held_by && unchanged < LEASE {
        return Ok(None);
    }
    let Some(hold) = event_log::begin(&mut tx, beat, (now, now.plus(LEASE)), checked_before).await? else { return Ok(None) };
    tx.commit().await?;
    desk.leases.unchanged(WATCHED, (0, hold.beat()), desk.clock.monotonic());
    Ok(Some((latest, hold)))
}

/// The latest deliveries. After a start those from before it: what has come since says nothing of what was missed.
async fn heard(tx: &mut Tx, desk: &Desk, look: Look, now: Timestamp) -> sqlx::Result<Vec<Latest>> {
    if look == Look::Now {
        let before = deliveries::latest(tx, (now, desk.pulse.started_at), LATEST).await?;
        if !before.is_empty() {
            return Ok(before);
        }
    }
    deliveries::latest(tx, (now, now), LATEST).await
}

/// Everybody was compared with their directory since the last word: more comparing would find nothing more.
async fn is_settled(tx: &mut Tx, latest: &[Latest]) -> sqlx::Result<bool> {
    let log = event_log::state(tx, None).await?;
    let last = latest.iter().map(|delivery| delivery.received_at).max().unwrap_or(i64::MIN);
    Ok(log.by_resync && log.closed_at.is_some_and(|at| at.nanos() >= last))
}

/// Takes whatever the log has and we have not, the oldest first.
async fn take_missing(desk: &Desk, client: &Client, (latest, hold): (&[Latest], &mut Hold)) -> Result<Gap, Halt> {
    let Some(mut way) = Way::find(client, latest, desk.clock.now()).await? else { return Ok(Gap::Resync) };
    let (mut taken, mut is_whole) = (0, true);
    loop {
        let mut tx = desk.db.write().await?;
        if !event_log::keep(&mut tx, hold, desk.clock.now().plus(LEASE)).await? {
            return Err(Halt::Lost);
        }
        tx.commit().await?;
        let Some(events) = way.next(client).await? else { break };
        let (more, all) = take(desk, events).await?;
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

/// Takes whatever of these did not come before: how many, and whether none had to be left out.
async fn take(desk: &Desk, events: Vec<Value>) -> Result<(usize, bool), Error> {
    let (mut taken, now) = (0, desk.clock.now());
    let all: Vec<Delivery> = events.iter().filter_map(|event| of_log(event, now)).collect();
    // What the log tells too thinly, its webhook may still tell in full: no word of it here, but somebody looks.
    let mut is_whole = all.len() == events.len();
    for batch in all.chunks(BATCH) {
        let mut tx = desk.db.read().await?;
        let asked: Vec<_> = batch.iter().map(Delivery::asked).collect();
        let known: HashSet<(String, String)> =
            deliveries::known(&mut tx, &asked).await?.into_iter().map(|known| (known.event_id, known.kind)).collect();
        drop(tx);
        let is_new = |delivery: &&Delivery| {
            let asked = delivery.asked();
            !known.contains(&(asked.event_id.to_owned(), asked.kind.to_owned()))
        };
        let new: Vec<Delivery> = batch.iter().filter(is_new).cloned().collect();
        taken += new.len();
        is_whole &= take_batch(desk, &new).await?;
    }
    Ok((taken, is_whole))
}

/// All at once; where that fails, one by one, so that one bad apple keeps nobody out. False: some were left out.
async fn take_batch(desk: &Desk, new: &[Delivery]) -> Result<bool, Error> {
    if new.is_empty() || take_deliveries(desk, new).await.is_ok() {
        return Ok(true);
    }
    let mut is_whole = true;
    for delivery in new {
        match take_deliveries(desk, std::slice::from_ref(delivery)).await {
            Err(Error::Database(error)) if crate::db::is_transient(&error) => return Err(error.into()),
            Err(error) => {
                warn!(%error, event = %delivery.event(), "an event of the log could not be taken");
                is_whole = false;
            }
            Ok(_) => {}
        }
    }
    Ok(is_whole)
}

/// An event as a delivery of its own; its webhook, should it still come, is recognised by the event's id and type. None: it
/// cannot be read.
fn of_log(event: &Value, now: Timestamp) -> Option<Delivery> {
    let id = event["id"].as_str().and_then(EventId::parse)?;
    let kind = event["type"].as_str().unwrap_or_default();
    let body = serde_json::to_vec(event).ok()?;
    let reading = read(&body);
    if matches!(reading, Reading::Unreadable { .. }) {
        return None;
    }
    let webhook_id = WebhookId::parse(&format!("log_{id}_{}", kind.rsplit('.').next().unwrap_or_default()))?;
    Some(Delivery::new(webhook_id, body, reading, now).of_log())
}
