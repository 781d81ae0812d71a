//! Keeps the open page up to date: when a revision number arrives, the page is fetched again and
//! its `<main>` is morphed in place. It shows whether it is connected, and asks the server
//! regularly if it is not. When the session ends, everything on the page is removed. It also sends
//! the forms of the page.

use leptos::prelude::*;

use super::browser::{listen, saving};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser ever connects"))]
pub enum State {
    /// Before the first message, and always without JavaScript; shows nothing.
    #[default]
    Starting,
    Live,
    Reconnecting,
    /// No message arrives over the connection, or there is no connection: the page asks every ten
    /// seconds.
    NotLive,
    SignedOut,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Starting => "",
            Self::Live => "Live",
            Self::Reconnecting => "Reconnecting…",
            Self::NotLive => "Not live",
            Self::SignedOut => "Signed out",
        }
    }

    fn explanation(self) -> Option<&'static str> {
        (self == Self::NotLive).then_some("The page asks for changes every ten seconds.")
    }

    fn slug(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Live => "live",
            Self::Reconnecting => "reconnecting",
            Self::NotLive => "not-live",
            Self::SignedOut => "signed-out",
        }
    }
}

/// `source` is the address of the event stream. A page with `follows` false only reacts to the end
/// of its session and shows nothing until then.
#[island]
pub fn Live(source: String, follows: bool) -> impl IntoView {
    let state = RwSignal::new(State::default());
    Effect::new(move |_| {
        saving::start();
        listen::start(source.clone(), follows, state);
    });
    view! {
        <span
            class="live"
            data-state=move || state.get().slug()
            title=move || state.get().explanation()
            hidden=!follows
        >
            {move || state.get().word()}
        </span>
    }
}
