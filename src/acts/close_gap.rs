//! After a silence: what happened meanwhile is read from Scalekit's event log and taken like any delivery. Where the log is
//! not there, or does not reach back to what is known, everybody is compared with their directory instead.

use std::{collections::HashSet, time::Duration};

use serde_json::Value;
use tracing::{info, warn};

use super::{Delivery, Error, take_deliveries};
use crate::{
    db::Tx,
    desk::Desk,
    domain::{
        event::{Reading, read},
        id::{EventId, WebhookId},
        time::Timestamp,
    },
    scalekit::client::{self, Client, Paging},
    store::{deliveries, event_log, organizations},
};

/// The latest deliveries; the log reaches back if it has one of them.
const LATEST: i64 = 20;
/// More than this is not read one by one.
const MOST: usize = 50_000;
/// Events in one transaction.
const BATCH: usize = 100;
/// Organizations noted in one transaction.
const PART: i64 = 200;
const LEASE: Duration = Duration::from_mins(10);

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

pub async fn close_gap(desk: &Desk, look: Look) -> Result<Gap, Error> {
    let Some(client) = desk.scalekit.clone() else { return Ok(Gap::NotLooked) };
    let Some(latest) = begin(desk, look).await? else { return Ok(Gap::NotLooked) };
    let found = missing(&client, &latest).await;
    let (gap, trouble) = match found {
        Ok(Some(events)) => (take(desk, events).await?, None),
        Ok(None) => (Gap::Resync, None),
        // After a start the lease stands, and when it has run out somebody looks again.
        Err(error) if error.is_silence() && look == Look::Now => return Ok(Gap::Unanswered),
        Err(error) if error.is_silence() => (Gap::Unanswered, Some((error.code().to_owned(), error.to_string()))),
        Err(error) => (Gap::Resync, Some((error.code().to_owned(), error.to_string()))),
    };
    if gap == Gap::Resync {
        warn!(?trouble, "the event log cannot say what is missing; everybody is compared with their directory");
        want_resyncs(desk).await?;
    }
    let mut tx = desk.db.write().await?;
    let now = desk.clock.now();
    let found = if let Gap::Closed(found) = gap { i64::try_from(found).unwrap_or(i64::MAX) } else { 0 };
    event_log::looked(&mut tx, &event_log::Looked { found, by_resync: gap == Gap::Resync, trouble }, now).await?;
    tx.commit().await?;
    Ok(gap)
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

/// The latest deliveries, if it is time to look and nobody else does.
async fn begin(desk: &Desk, look: Look) -> Result<Option<Vec<deliveries::Latest>>, Error> {
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
    if !event_log::begin(&mut tx, (now, now.plus(LEASE)), checked_before).await? {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some(latest))
}

/// The latest deliveries. After a start those from before it: what has come since says nothing of what was missed.
async fn heard(tx: &mut Tx, desk: &Desk, look: Look, now: Timestamp) -> sqlx::Result<Vec<deliveries::Latest>> {
    if look == Look::Now {
        let before = deliveries::latest(tx, (now, desk.pulse.started_at), LATEST).await?;
        if !before.is_empty() {
            return Ok(before);
        }
    }
    deliveries::latest(tx, (now, now), LATEST).await
}

/// Everybody was compared with their directory since the last word: more comparing would find nothing more.
async fn is_settled(tx: &mut Tx, latest: &[deliveries::Latest]) -> sqlx::Result<bool> {
    let log = event_log::state(tx, None).await?;
    let last = latest.iter().map(|delivery| delivery.received_at).max().unwrap_or(i64::MIN);
    Ok(log.by_resync && log.closed_at.is_some_and(|at| at.nanos() >= last))
}

/// What the log has and we have not, oldest first. `None`: it does not reach back, or there is too much.
async fn missing(client: &Client, latest: &[deliveries::Latest]) -> Result<Option<Vec<Value>>, client::Error> {
    let oldest = latest.iter().map(|delivery| delivery.occurred_at).min().unwrap_or(i64::MAX);
    let since = Timestamp::from_nanos(oldest).minus(Duration::from_secs(1));
    let known: HashSet<&str> = latest.iter().map(|delivery| delivery.event_id.as_str()).collect();
    let (mut paging, mut events, mut token, mut reaches_back) = (Paging::default(), Vec::new(), None, false);
    loop {
        let page = client.events(since, token.as_deref()).await?;
        paging.turn(&page)?;
        reaches_back |= page.items.iter().any(|event| event["id"].as_str().is_some_and(|id| known.contains(id)));
        events.extend(page.items);
        token = page.next;
        if events.len() > MOST {
            return Ok(None);
        }
        if token.is_none() {
            events.reverse();
            return Ok(reaches_back.then_some(events));
        }
    }
}

/// Takes whatever did not come before.
async fn take(desk: &Desk, events: Vec<Value>) -> Result<Gap, Error> {
    let mut taken = 0;
    let all: Vec<Delivery> = events.iter().filter_map(|event| of_log(event, desk.clock.now())).collect();
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
    info!(taken, "the event log was read");
    Ok(match (is_whole, taken) {
        (false, _) => Gap::Resync,
        (true, 0) => Gap::None,
        (true, taken) => Gap::Closed(taken),
    })
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
