//! Keeps the open page as fresh as the server: when a revision number arrives, the page is fetched again and its `<main>`
//! morphed in place. Says quietly whether it is connected.

use leptos::prelude::*;

use super::browser::listen;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser ever connects"))]
pub enum State {
    /// Before the first answer, and for ever without JavaScript: says nothing.
    #[default]
    Starting,
    Live,
    Reconnecting,
    SignedOut,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Starting => "",
            Self::Live => "Live",
            Self::Reconnecting => "Reconnecting…",
            Self::SignedOut => "Signed out",
        }
    }

    fn slug(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Live => "live",
            Self::Reconnecting => "reconnecting",
            Self::SignedOut => "signed-out",
        }
    }
}

/// `source` is the address of the event stream.
#[island]
pub fn Live(source: String) -> impl IntoView {
    let state = RwSignal::new(State::default());
    Effect::new(move |_| listen::start(source.clone(), state));
    view! {
        <span class="live" data-state=move || state.get().slug()>
            {move || state.get().word()}
        </span>
    }
}
