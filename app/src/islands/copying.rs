//! One listener for every copy button of the page, so that a hundred ids cost one island.

use leptos::prelude::*;

use super::browser::clipboard;

#[island]
pub fn Copying() -> impl IntoView {
    Effect::new(|_| clipboard::start());
}
