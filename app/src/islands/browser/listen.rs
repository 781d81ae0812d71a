//! The stream of revision numbers, and when to refresh: at most three times a second, one at a time, and the last number is
//! never lost. Hidden tabs hang up; on return they refresh once and listen again.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::prelude::*;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{EventSource, MessageEvent, VisibilityState};

use super::morph::{Refreshed, refresh};
use crate::islands::live::State;

const PAUSE: Duration = Duration::from_millis(330);
const PATIENCE: Duration = Duration::from_secs(5);

pub(in crate::islands) fn start(source: String, state: RwSignal<State>) {
    // A page that says why there is no page has nothing to be kept fresh.
    if document().query_selector("main .refused").is_ok_and(|refused| refused.is_some()) {
        return;
    }
    let listener = Rc::new(Listener {
        source,
        state,
        stream: RefCell::default(),
        due: Cell::new(false),
        busy: Cell::new(false),
        was_away: Cell::new(false),
    });
    let on_visible = {
        let listener = Rc::clone(&listener);
        move |_| if document().visibility_state() == VisibilityState::Hidden { listener.hang_up() } else { listener.come_back() }
    };
    let handle = Closure::<dyn FnMut(web_sys::Event)>::new(on_visible);
    let _ = document().add_event_listener_with_callback("visibilitychange", handle.as_ref().unchecked_ref());
    handle.forget(); // listens as long as the page is there
    if document().visibility_state() != VisibilityState::Hidden {
        listener.connect();
    }
}

struct Listener {
    source: String,
    state: RwSignal<State>,
    stream: RefCell<Option<Stream>>,
    /// A refresh is wanted.
    due: Cell<bool>,
    /// A refresh, or the pause after it, is under way.
    busy: Cell<bool>,
    /// The stream was lost: something may have been missed.
    was_away: Cell<bool>,
}

/// The closures live as long as the stream that calls them.
struct Stream {
    source: EventSource,
    _closures: [Closure<dyn FnMut(MessageEvent)>; 3],
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.set_onopen(None);
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}

impl Listener {
    fn connect(self: &Rc<Self>) {
        let Ok(source) = EventSource::new(&self.source) else { return };
        let on = |what: fn(&Rc<Self>, MessageEvent)| {
            let listener = Rc::clone(self);
            Closure::<dyn FnMut(MessageEvent)>::new(move |event| what(&listener, event))
        };
        let closures = [on(|this, _| this.opened()), on(|this, event| this.heard(&event)), on(|this, _| this.lost())];
        source.set_onopen(Some(closures[0].as_ref().unchecked_ref()));
        source.set_onmessage(Some(closures[1].as_ref().unchecked_ref()));
        source.set_onerror(Some(closures[2].as_ref().unchecked_ref()));
        *self.stream.borrow_mut() = Some(Stream { source, _closures: closures });
    }

    fn opened(self: &Rc<Self>) {
        self.state.set(State::Live);
        if self.was_away.take() {
            self.want();
        }
    }

    /// The number of the page we show is on the page; the server says the current one as soon as we connect.
    fn heard(self: &Rc<Self>, event: &MessageEvent) {
        let shown = document().query_selector("main [data-revision]").ok().flatten().and_then(|page| page.get_attribute("data-revision"));
        if shown.is_none() || shown != event.data().as_string() {
            self.want();
        }
    }

    /// The browser tries again by itself, unless the server refused: then we do, slowly.
    fn lost(self: &Rc<Self>) {
        self.was_away.set(true);
        if self.state.get_untracked() == State::SignedOut {
            return;
        }
        self.state.set(State::Reconnecting);
        let refused = self.stream.borrow().as_ref().is_some_and(|stream| stream.source.ready_state() == EventSource::CLOSED);
        if refused {
            let listener = Rc::clone(self);
            set_timeout(
                move || {
                    if listener.stream.borrow().is_some() {
                        listener.connect();
                    }
                },
                PATIENCE,
            );
        }
    }

    fn hang_up(&self) {
        self.was_away.set(true);
        self.stream.borrow_mut().take();
    }

    fn come_back(self: &Rc<Self>) {
        if self.stream.borrow().is_none() && self.state.get_untracked() != State::SignedOut {
            self.connect();
        }
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
            Refreshed::Done => PAUSE,
            Refreshed::SignedOut => {
                self.state.set(State::SignedOut);
                self.hang_up();
                return;
            }
            Refreshed::Failed => {
                self.due.set(true);
                PATIENCE
            }
        };
        set_timeout(
            move || {
                self.busy.set(false);
                if self.due.get() {
                    self.want();
                }
            },
            pause,
        );
    }
}
