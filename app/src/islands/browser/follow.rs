//! Refreshes the page while something on it is in progress; a hidden tab sends no requests.

use std::time::Duration;

use leptos::prelude::*;
use web_sys::VisibilityState;

use super::{
    cover::cover,
    morph::{Refreshed, refresh},
};

const PAUSE: Duration = Duration::from_secs(1);
/// The pause after a refresh that failed.
const PATIENCE: Duration = Duration::from_secs(5);

pub(in crate::islands) fn start() {
    set_timeout(|| wasm_bindgen_futures::spawn_local(look()), PAUSE);
}

async fn look() {
    if document().query_selector("main [data-running]").ok().flatten().is_none() {
        return;
    }
    if document().visibility_state() == VisibilityState::Hidden {
        return start();
    }
    match refresh().await {
        Refreshed::Done => start(),
        Refreshed::Failed => set_timeout(start, PATIENCE),
        Refreshed::SignedOut => cover(),
    }
}
