//! The feed of outgoing events, in the order of their numbers.

use std::time::Duration;

use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{
    commands::Error,
    db::{Announcement, Reach},
    domain::{
        access::OrganizationScope,
        outgoing_event::{EventType, OutgoingEvent},
    },
    state::AppState,
    store::outgoing_events,
};

/// What a reader of the feed asks for.
#[derive(Clone, Copy, Debug)]
pub struct EventsQuery<'a> {
    /// `None`: those of all organizations, which only staff and keys of the installation ask for.
    pub organization: Option<&'a OrganizationScope>,
    /// Empty: all types.
    pub types: &'a [EventType],
    /// The number of the last event that the reader has; 0: from the oldest one that is kept.
    pub after: i64,
    /// The largest number of events in the answer.
    pub most: usize,
}

/// A part of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events {
    pub events: Vec<OutgoingEvent>,
    /// What the reader gives as `after` the next time. It also passes events of other types.
    pub next: i64,
    /// Events behind `after` were removed because they are too old: the reader missed them.
    pub is_expired: bool,
    /// The number of the newest event of the installation.
    pub newest: i64,
    /// What a reader gives as `after` to begin with the oldest event that is kept.
    pub start: i64,
}

impl Events {
    /// Whether the reader has all that is there, and nothing else is to be said: it may wait.
    fn is_nothing_new(&self) -> bool {
        self.events.is_empty() && !self.is_expired && self.next == self.newest
    }
}

/// How many events are read at once.
const PART: i64 = 500;
/// How many events one answer looks at: those of other types cost, too.
const LOOKED_AT: i64 = 10_000;
/// A reader that waits looks again after this time, in case an announcement was lost.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// The number of the newest event of the installation: behind it begins a reader that asks for what
/// happens from now on.
pub async fn newest_event(
    state: &AppState,
    organization: Option<&OrganizationScope>,
) -> Result<i64, Error> {
    let mut tx = state.db.read_for_page(Reach::of(organization)).await?;
    Ok(outgoing_events::ends(&mut tx).await?.0)
}

/// The events behind `after`. The numbers have no gap and are given after the commits, so that a
/// reader who goes on at `next` misses no event, and an organization's events are in their order.
pub async fn events_after(state: &AppState, query: EventsQuery<'_>) -> Result<Events, Error> {
    let mut tx = state.db.read_for_page(Reach::of(query.organization)).await?;
    let (last, oldest) = outgoing_events::ends(&mut tx).await?;
    let first = oldest.unwrap_or(last + 1);
    let is_expired = query.after > 0 && query.after < first - 1;
    let (mut events, mut next) = (Vec::new(), query.after.max(first - 1));
    let mut looked_at = 0;
    while events.len() < query.most && looked_at < LOOKED_AT {
        let part = outgoing_events::after(&mut tx, query.organization, next, PART).await?;
        let is_end = i64::try_from(part.len()).is_ok_and(|found| found < PART);
        looked_at += PART;
        for event in part {
            if events.len() == query.most {
                break;
            }
            next = event.sequence;
            if query.types.is_empty() || query.types.contains(&event.kind) {
                events.push(event);
            }
        }
        if is_end {
            if events.len() < query.most {
                // a reader of few events never falls behind the oldest one that is kept
                next = next.max(last);
            }
            break;
        }
    }
    Ok(Events { events, next, is_expired, newest: last, start: first - 1 })
}

/// The events that `look` finds behind a number; if there are none yet, it looks again when there
/// may be more, up to `wait`. Between two looks no connection to the database is held.
pub async fn events_within<E, L: Future<Output = Result<Events, E>>>(
    state: &AppState,
    mut after: i64,
    wait: Duration,
    mut look: impl FnMut(i64) -> L,
) -> Result<Events, E> {
    // before the first look: what is numbered in between is heard
    let mut heard = state.db.announcements();
    let mut waited = std::pin::pin!(tokio::time::sleep(wait));
    loop {
        let found = look(after).await?;
        if !found.is_nothing_new() {
            return Ok(found);
        }
        after = found.next;
        tokio::select! {
            is_over = newer(&mut heard, after) => if is_over { return Ok(found) },
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = &mut waited => return Ok(found),
        }
    }
}

/// Waits until events above `last` may be there. True: the process ends.
async fn newer(heard: &mut Receiver<Announcement>, last: i64) -> bool {
    loop {
        match heard.recv().await {
            Ok(Announcement::EventsNumbered(newest)) if newest > last => return false,
            Ok(Announcement::Anything) | Err(RecvError::Lagged(_)) => return false,
            Ok(_) => {}
            Err(RecvError::Closed) => return true,
        }
    }
}
