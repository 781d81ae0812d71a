//! Fetches the page again every second while something on it is in progress (`data-running`).

use leptos::prelude::*;

use super::browser::follow;

#[island]
pub fn AutoRefresh() -> impl IntoView {
    Effect::new(|_| follow::start());
}
