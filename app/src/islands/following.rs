//! While something is under way on the page (`data-running`), the page is fetched again every second.

use leptos::prelude::*;

use super::browser::follow;

#[island]
pub fn Following() -> impl IntoView {
    Effect::new(|_| follow::start());
}
