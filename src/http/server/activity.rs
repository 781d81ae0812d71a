//! What one connection does, and since when. A connection that waits for its client costs the
//! client nothing, so it has time limits and is the first to be closed when room is needed; a
//! connection that the server works for is left alone.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

/// What a connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A request's head is not complete; of the first head perhaps no byte has come.
    Head,
    /// All requests were answered.
    Idle,
    /// The client has not sent the rest of a body.
    Body,
    /// The client does not take its answer.
    Sending,
    /// The server owes an answer, or the next part of one.
    Working,
}

/// Which side a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Body,
    Working,
    Sending,
}

/// Shared by the connection, its requests, and the list of all connections.
#[derive(Debug)]
pub(super) struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    since: Instant,
    /// No request has come yet.
    is_new: bool,
    /// Some bytes of the next head have come.
    head_began: bool,
    /// HTTP/2: new bytes may be any frame, not only a head.
    is_multiplexed: bool,
    body: u32,
    working: u32,
    sending: u32,
    /// Since when the client takes none of what was written to it.
    blocked: Option<Instant>,
}

impl State {
    fn count(&mut self, turn: Turn) -> &mut u32 {
        match turn {
            Turn::Body => &mut self.body,
            Turn::Working => &mut self.working,
            Turn::Sending => &mut self.sending,
        }
    }

    fn is_without_request(&self) -> bool {
        self.body + self.working + self.sending == 0
    }

    fn phase(&self) -> Phase {
        match self {
            Self { blocked: Some(_), .. } => Phase::Sending,
            Self { working: 1.., .. } => Phase::Working,
            Self { body: 1.., .. } => Phase::Body,
            Self { sending: 1.., .. } => Phase::Sending,
            Self { is_new: true, .. } | Self { head_began: true, .. } => Phase::Head,
            _ => Phase::Idle,
        }
    }
}

impl Activity {
    pub(super) fn new() -> Self {
        let since = Instant::now();
        Self(Mutex::new(State {
            blocked: None,
            since,
            is_new: true,
            head_began: false,
            is_multiplexed: false,
            body: 0,
            working: 0,
            sending: 0,
        }))
    }

    pub(super) fn phase(&self) -> (Phase, Instant) {
        let state = self.state();
        (state.phase(), state.blocked.unwrap_or(state.since))
    }

    /// Bytes were written, or could not be written because the client has to take earlier ones
    /// first.
    pub(super) fn wrote(&self, some: bool) {
        let mut state = self.state();
        if some {
            state.blocked = None;
        } else if state.blocked.is_none() {
            state.blocked = Some(Instant::now());
        }
    }

    /// Bytes came. Bytes after an answered request begin the next head, which has to be complete in
    /// time.
    pub(super) fn bytes_came(&self) {
        let mut state = self.state();
        if !state.is_multiplexed && !state.head_began && state.is_without_request() && !state.is_new
        {
            state.head_began = true;
            state.since = Instant::now();
        }
    }

    /// A whole head came; returns whether it was the first.
    fn begins(&self, turn: Turn, is_multiplexed: bool) -> bool {
        let mut state = self.state();
        *state.count(turn) += 1;
        state.head_began = false;
        state.is_multiplexed = is_multiplexed;
        state.since = Instant::now();
        std::mem::take(&mut state.is_new)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request and its answer, until both are complete.
#[derive(Debug)]
pub(super) struct Exchange {
    activity: Arc<Activity>,
    turn: Mutex<Turn>,
}

impl Exchange {
    /// Begins with a request's head. The flag is true for the connection's first request.
    pub(super) fn begin(
        activity: &Arc<Activity>,
        has_body: bool,
        is_multiplexed: bool,
    ) -> (Arc<Self>, bool) {
        let turn = if has_body { Turn::Body } else { Turn::Working };
        let is_first = activity.begins(turn, is_multiplexed);
        (Arc::new(Self { activity: activity.clone(), turn: Mutex::new(turn) }), is_first)
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, to: Turn, only_from: Option<Turn>) {
        let mut turn = self.turn();
        if *turn == to || only_from.is_some_and(|from| from != *turn) {
            return;
        }
        let mut state = self.activity.state();
        *state.count(*turn) -= 1;
        *state.count(to) += 1;
        state.since = Instant::now();
        *turn = to;
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let turn = *self.turn();
        let mut state = self.activity.state();
        *state.count(turn) -= 1;
        state.since = Instant::now();
    }
}

/// A request's body. Once it was read to its end, has failed or was dropped, the client owes
/// nothing more.
pub(super) struct RequestBody {
    inner: Body,
    exchange: Arc<Exchange>,
}

impl RequestBody {
    pub(super) fn new(inner: Body, exchange: Arc<Exchange>) -> Self {
        Self { inner, exchange }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if !matches!(polled, Poll::Pending | Poll::Ready(Some(Ok(_)))) {
            self.exchange.change(Turn::Working, Some(Turn::Body));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.exchange.change(Turn::Working, Some(Turn::Body));
    }
}

/// An answer's body. hyper asks for more only when the client has taken what there was; until then
/// the server waits for the client.
pub(super) struct ResponseBody {
    inner: Body,
    exchange: Arc<Exchange>,
}

impl ResponseBody {
    pub(super) fn new(inner: Body, exchange: Arc<Exchange>) -> Self {
        exchange.change(Turn::Sending, None);
        Self { inner, exchange }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.exchange.change(Turn::Working, None);
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if polled.is_ready() {
            self.exchange.change(Turn::Sending, None);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
