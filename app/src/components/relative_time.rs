//! A time relative to now, with the exact time in the tooltip.

use domain::time::Timestamp;
use leptos::prelude::*;

/// `exact`: the time to the second is visible, too, for readers who look for what happened at one
/// moment.
#[component]
pub fn RelativeTime(at: Timestamp, now: Timestamp, #[prop(optional)] exact: bool) -> impl IntoView {
    let shown = if exact { at.exact() } else { at.ago(now) };
    view! {
        <time
            class="relative-time"
            datetime=at.rfc3339()
            title=at.exact()
            data-exact=exact.then_some("")
        >
            {shown}
        </time>
    }
}
