//! Keeps the open page up to date: when a revision number arrives, the page is fetched again and
//! its `<main>` is morphed in place. It shows whether it is connected, and asks the server
//! regularly if it is not. When the session ends, everything on the page is removed. It also sends
//! the forms of the page, and shows times on the reader's clock.

use leptos::prelude::*;

use super::browser::{listen, saving, times};

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

/// What the island shows of the connection.
#[derive(Clone, Copy, Default)]
pub struct Shown {
    pub state: RwSignal<State>,
    /// The time of the reader's clock at which the page was loaded.
    pub as_of: RwSignal<Option<String>>,
    /// The same of the newest numbers, while the server cannot be reached.
    pub lost: RwSignal<Option<String>>,
    /// How often the reader has asked to try again.
    pub retries: RwSignal<u32>,
}

/// `source` is the address of the event stream. A page with `follows` false only reacts to the end
/// of its session, and says when it was loaded.
#[island]
pub fn Live(source: String, follows: bool) -> impl IntoView {
    let shown = Shown::default();
    Effect::new(move |_| {
        saving::start();
        times::start();
        listen::start(source.clone(), follows, shown);
    });
    let Shown { state, as_of, lost, retries } = shown;
    view! {
        {move || {
            as_of
                .get()
                .map(|at| {
                    view! {
                        <a
                            class="as-of"
                            href=""
                            title="This page does not follow changes by itself. Load it again."
                        >
                            <span class="as-of__word">"As of "</span>
                            {at}
                        </a>
                    }
                })
        }}
        <span
            class="live"
            data-state=move || state.get().slug()
            title=move || state.get().explanation()
            hidden=!follows
        >
            {move || state.get().word()}
        </span>
        <div class="connection" role="status" hidden=move || lost.get().is_none()>
            {move || {
                lost.get()
                    .map(|at| format!("Seatkeeper does not answer. The numbers are from {at}."))
            }}
            <button
                class="button button--quiet"
                type="button"
                on:click=move |_| retries.update(|n| *n += 1)
            >
                "Try again"
            </button>
        </div>
    }
}
