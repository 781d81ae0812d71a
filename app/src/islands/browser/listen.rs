//! Listens to the stream of revision numbers and decides when to refresh: at most three times a
//! second, one refresh at a time, and the last number is never lost. If no message arrives for too
//! long, the page says so and asks the server regularly. A hidden tab disconnects and sends no
//! requests; when it is shown again, it connects and refreshes once.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use js_sys::Date;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::VisibilityState;

use super::{
    cover::{cover, watch_the_way_back},
    link::{LOST, Link, NO_WORKER, REFUSED, SIGNED_OUT},
    morph::{Refreshed, is_signed_out, refresh},
    times::clock,
};
use crate::{
    islands::live::{Shown, State},
    paths::{self, LIVE_SESSION},
};

const PAUSE: Duration = Duration::from_millis(330);
const PATIENCE: Duration = Duration::from_secs(5);
/// A new connection sends a message at once; without one in this time, something between browser
/// and server holds the messages back.
const FIRST: Duration = Duration::from_secs(4);
/// The longest time without a message. The server sends one at least every 10 seconds.
const SILENCE: Duration = Duration::from_secs(25);
/// How often a page without a live connection asks the server.
const POLL: Duration = Duration::from_secs(10);

/// How long the server cannot be reached before the page says so, in milliseconds.
const UNREACHED: f64 = 5_000.0;

pub(in crate::islands) fn start(source: String, follows: bool, shown: Shown) {
    watch_the_way_back();
    // An error page has nothing to refresh, but it still reacts to the end of the session.
    let is_refused =
        document().query_selector("main .refused").is_ok_and(|refused| refused.is_some());
    let source = if is_refused { LIVE_SESSION.to_owned() } else { source };
    let Some((_, topic)) = source.split_once('?') else { return };
    if !follows && !is_refused {
        shown.as_of.set(Some(clock(&Date::new_0())));
    }
    let listener = Rc::new(Listener {
        name: name(topic),
        topic: topic.to_owned(),
        follows: follows && !is_refused,
        state: shown.state,
        lost: shown.lost,
        fresh: Cell::new(Date::now()),
        link: RefCell::default(),
        is_alone: Cell::new(false),
        is_carried: Cell::new(false),
        received: Cell::new(0),
        is_polling: Cell::new(false),
        due: Cell::new(false),
        busy: Cell::new(false),
        was_away: Cell::new(false),
    });
    let on_visible = {
        let listener = Rc::clone(&listener);
        move |_| if is_hidden() { listener.hang_up() } else { listener.come_back() }
    };
    let handle = Closure::<dyn FnMut(web_sys::Event)>::new(on_visible);
    let _ = document()
        .add_event_listener_with_callback("visibilitychange", handle.as_ref().unchecked_ref());
    handle.forget(); // the listener lives as long as the page
    let leaving = Rc::clone(&listener);
    window_event_listener_untyped("pagehide", move |_| leaving.hang_up());
    if !is_hidden() {
        listener.connect();
    }
    Effect::new(move |before: Option<()>| {
        shown.retries.track();
        if before.is_some() {
            listener.want();
        }
    });
}

/// The name of the topic at the start of its lines in the stream.
fn name(topic: &str) -> String {
    match topic.strip_prefix("organization=") {
        Some(id) => paths::decoded(id),
        None if topic == "only=session" => "session".to_owned(),
        None => "*".to_owned(),
    }
}

fn is_hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

struct Listener {
    topic: String,
    name: String,
    /// Whether a new revision refreshes the page.
    follows: bool,
    state: RwSignal<State>,
    /// Since when the numbers of the page are old, if the server cannot be reached.
    lost: RwSignal<Option<String>>,
    /// When the numbers were those of the server.
    fresh: Cell<f64>,
    link: RefCell<Option<Link>>,
    /// Shared workers do not work in this browser.
    is_alone: Cell<bool>,
    /// Whether this connection has sent a line about our topic, and not only about topics of other
    /// windows.
    is_carried: Cell<bool>,
    /// Counts the messages. A timer that finds another number has expired too late and does
    /// nothing.
    received: Cell<u32>,
    is_polling: Cell<bool>,
    /// Whether a refresh is requested.
    due: Cell<bool>,
    /// Whether a refresh, or the pause after it, is in progress.
    busy: Cell<bool>,
    /// The stream was lost, so a message may have been missed.
    was_away: Cell<bool>,
}

impl Listener {
    fn connect(self: &Rc<Self>) {
        let listener = Rc::clone(self);
        let on_message: Rc<dyn Fn(String)> = Rc::new(move |message| listener.on_message(&message));
        let shared = if self.is_alone.get() {
            None
        } else {
            Link::shared(&self.topic, Rc::clone(&on_message)).ok()
        };
        let link = shared.or_else(|| Link::own(&self.topic, on_message).ok());
        *self.link.borrow_mut() = link;
        self.is_carried.set(false);
        self.expect_within(FIRST);
    }

    fn on_message(self: &Rc<Self>, message: &str) {
        if self.state.get_untracked() == State::SignedOut {
            return;
        }
        match message {
            LOST => self.lost(),
            REFUSED => self.refused(),
            SIGNED_OUT => self.end(),
            NO_WORKER => {
                self.is_alone.set(true);
                self.later(Duration::ZERO, Self::connect);
            }
            lines => self.said(lines),
        }
    }

    /// Handles the lines of the stream. The revision of the open page is in its markup; the server
    /// sends the current one as soon as we connect.
    fn said(self: &Rc<Self>, lines: &str) {
        let revision = lines
            .lines()
            .filter_map(|line| line.split_once(' '))
            .find(|(name, _)| *name == self.name);
        self.is_carried.set(self.is_carried.get() || revision.is_some());
        if !self.is_carried.get() {
            return;
        }
        self.state.set(State::Live);
        self.expect_within(SILENCE);
        let shown = document()
            .query_selector("main [data-revision]")
            .ok()
            .flatten()
            .and_then(|page| page.get_attribute("data-revision"));
        let is_new = revision.is_some_and(|(_, revision)| shown.as_deref() != Some(revision));
        if self.was_away.take() || (is_new && self.follows) {
            self.ask();
        } else {
            self.is_fresh();
        }
    }

    fn lost(self: &Rc<Self>) {
        self.was_away.set(true);
        self.is_carried.set(false);
        if self.state.get_untracked() != State::NotLive {
            self.state.set(State::Reconnecting);
        }
        self.expect_within(FIRST);
    }

    /// Ends after the session has ended. The link is dropped later, because this may run inside one
    /// of its closures.
    fn end(self: &Rc<Self>) {
        if self.state.get_untracked() == State::SignedOut {
            return;
        }
        self.state.set(State::SignedOut);
        cover();
        self.later(Duration::ZERO, |listener| listener.hang_up());
    }

    /// Asks whether the session has ended. If it has not, the shared worker connects again by
    /// itself, and a connection of this window connects again after a pause.
    fn refused(self: &Rc<Self>) {
        self.lost();
        self.ask_whether_signed_out();
        if matches!(*self.link.borrow(), Some(Link::Own { .. })) {
            self.later(PATIENCE, |listener| {
                if listener.link.borrow().is_some()
                    && listener.state.get_untracked() != State::SignedOut
                {
                    listener.connect();
                }
            });
        }
    }

    fn expect_within(self: &Rc<Self>, span: Duration) {
        let received = self.received.get().wrapping_add(1);
        self.received.set(received);
        self.later(span, move |listener| {
            if listener.received.get() == received {
                listener.is_not_live();
            }
        });
    }

    fn is_not_live(self: &Rc<Self>) {
        if self.state.get_untracked() == State::SignedOut || self.link.borrow().is_none() {
            return;
        }
        self.state.set(State::NotLive);
        self.was_away.set(true);
        // The connection was live and stopped sending: a new connection may work better.
        if self.is_carried.get() {
            self.connect();
        }
        if !self.is_polling.replace(true) {
            self.poll();
        }
    }

    fn poll(self: &Rc<Self>) {
        if self.state.get_untracked() != State::NotLive || is_hidden() {
            self.is_polling.set(false);
            return;
        }
        self.ask();
        self.later(POLL, Self::poll);
    }

    fn ask(self: &Rc<Self>) {
        if self.follows { self.want() } else { self.ask_whether_signed_out() }
    }

    fn ask_whether_signed_out(self: &Rc<Self>) {
        let listener = Rc::clone(self);
        wasm_bindgen_futures::spawn_local(async move {
            if is_signed_out().await {
                listener.end();
            }
        });
    }

    fn is_fresh(&self) {
        self.fresh.set(Date::now());
        if self.lost.with_untracked(Option::is_some) {
            self.lost.set(None);
        }
    }

    fn hang_up(&self) {
        self.was_away.set(true);
        self.received.set(self.received.get().wrapping_add(1));
        self.link.borrow_mut().take();
    }

    fn come_back(self: &Rc<Self>) {
        if self.link.borrow().is_none() && self.state.get_untracked() != State::SignedOut {
            self.connect();
        }
    }

    fn later(self: &Rc<Self>, span: Duration, what: impl Fn(&Rc<Self>) + 'static) {
        let listener = Rc::clone(self);
        set_timeout(move || what(&listener), span);
    }

    fn want(self: &Rc<Self>) {
        self.due.set(true);
        if !self.busy.replace(true) {
            let listener = Rc::clone(self);
            wasm_bindgen_futures::spawn_local(async move { listener.work().await });
        }
    }

    async fn work(self: Rc<Self>) {
        self.due.set(false);
        let pause = match refresh().await {
            Refreshed::Done => {
                self.is_fresh();
                PAUSE
            }
            Refreshed::SignedOut => return self.end(),
            Refreshed::Failed => {
                self.due.set(true);
                if Date::now() - self.fresh.get() >= UNREACHED {
                    self.lost.set(Some(clock(&Date::new(&self.fresh.get().into()))));
                }
                PATIENCE
            }
        };
        self.later(pause, |listener| {
            listener.busy.set(false);
            // A hidden tab refreshes when it is shown again.
            if listener.due.get() && !is_hidden() {
                listener.want();
            }
        });
    }
}
