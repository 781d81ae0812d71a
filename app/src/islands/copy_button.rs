//! One click listener for all copy buttons of the page, so that a hundred ids need only one island.

use leptos::prelude::*;

use super::browser::clipboard;

#[island]
pub fn CopyButton() -> impl IntoView {
    Effect::new(|_| clipboard::start());
}
