//! One turn: it sends everything that is due, some messages at the same time. A message that takes
//! long delays no other: as soon as one has left, the next one is claimed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::sync::Notify;
use tracing::warn;

use super::{FURTHEST, INTERVAL, LONGEST_SEND, Way, send, worked};
use crate::{
    commands,
    domain::alert::Channel,
    jobs::JobContext,
    state::AppState,
    store::{
        failing_channels::Receiver,
        outbox::{self, Claimed},
    },
};

/// Sends what is due, and what becomes due meanwhile, until nothing is left. Gives how many left.
pub(super) async fn send_due(
    state: &AppState,
    way: &Way,
    context: Option<&JobContext<'_>>,
) -> Result<usize, commands::Error> {
    let turn = Turn {
        state,
        way,
        context,
        on_the_way: Mutex::default(),
        error: Mutex::default(),
        one_left: Notify::new(),
    };
    let this = &turn;
    let next = |()| async { this.claimed().await.map(|claimed| (claimed, ())) };
    // the boxes have types that the compiler can name
    let claimed: BoxStream<'_, Vec<Claimed>> = stream::unfold((), next).boxed();
    let sending: BoxStream<'_, BoxFuture<'_, bool>> =
        claimed.flat_map(stream::iter).map(|claimed| this.send(claimed).boxed()).boxed();
    let sent = sending
        .buffer_unordered(way.at_once())
        .fold(0, |sent, is_sent| async move { sent + usize::from(is_sent) })
        .await;
    turn.error.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(sent), Err)
}

struct Turn<'a> {
    state: &'a AppState,
    way: &'a Way,
    /// `None`: nothing is told of a stop.
    context: Option<&'a JobContext<'a>>,
    /// Who is to take the messages that are claimed, once for each message.
    on_the_way: Mutex<Vec<Receiver>>,
    /// The last error. It ends the turn when the messages on their way have left.
    error: Mutex<Option<commands::Error>>,
    one_left: Notify,
}

impl Turn<'_> {
    /// The next messages. `None`: no message is due and none is on its way, or the turn ends.
    async fn claimed(&self) -> Option<Vec<Claimed>> {
        while !self.is_ending() {
            worked(self.state, self.way);
            if let Some(context) = self.context {
                context.heartbeat(LONGEST_SEND + INTERVAL);
            }
            // one that leaves while the messages are read may let the next one go
            let was_idle = locked(&self.on_the_way).is_empty();
            match self.claim().await {
                Ok(claimed) if !claimed.is_empty() => return Some(claimed),
                Ok(_) if was_idle => return None,
                Ok(_) => tokio::select! {
                    () = self.one_left.notified() => {}
                    () = tokio::time::sleep(INTERVAL) => {}
                },
                Err(error) => *locked(&self.error) = Some(error),
            }
        }
        None
    }

    fn is_ending(&self) -> bool {
        self.context.is_some_and(JobContext::is_stopping) || locked(&self.error).is_some()
    }

    async fn claim(&self) -> Result<Vec<Claimed>, commands::Error> {
        let (state, channel) = (self.state, self.way.channel());
        let now = state.clock.now();
        let (times, at_once) = ((now, now.plus(FURTHEST)), self.way.at_once());
        // each receiver of a post has at most one on the way
        let most = i64::try_from(2 * at_once).unwrap_or(i64::MAX);
        // before the messages are read: what became of those that leave meanwhile is not seen
        let mut busy = match channel {
            Channel::Email => Vec::new(),
            Channel::Slack => locked(&self.on_the_way).clone(),
        };
        let due = outbox::due(&mut state.db.read().await?, channel, times, most).await?;
        let mut chosen = Vec::new();
        for due in due {
            let receiver = due.receiver(channel);
            let is_free = state.leases.is_free(&due.work(), due.lease, state.clock.monotonic());
            if is_free && chosen.len() < at_once && !busy.contains(&receiver) {
                if channel == Channel::Slack {
                    busy.push(receiver);
                }
                chosen.push(due);
            }
        }
        // most of the time nothing is due, and no writer has to wait
        if chosen.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = state.db.write().await?;
        let mut claimed = Vec::new();
        for due in &chosen {
            claimed.extend(outbox::claim(&mut tx, due).await?);
        }
        tx.commit().await?;
        let receivers = claimed.iter().map(|one| Receiver::of_message(&one.queued));
        locked(&self.on_the_way).extend(receivers);
        Ok(claimed)
    }

    /// Sends one message. Gives whether it was sent.
    async fn send(&self, claimed: Claimed) -> bool {
        let result = send(self.state, self.way, &claimed).await;
        let receiver = Receiver::of_message(&claimed.queued);
        let mut on_the_way = locked(&self.on_the_way);
        if let Some(place) = on_the_way.iter().position(|other| *other == receiver) {
            on_the_way.swap_remove(place);
        }
        drop(on_the_way);
        self.one_left.notify_one();
        result.unwrap_or_else(|error| {
            warn!(%error, message = %claimed.queued.id, "a message could not be worked on");
            *locked(&self.error) = Some(error);
            false
        })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
