//! A time relative to now, with the exact time in the tooltip.

use domain::time::Timestamp;
use leptos::prelude::*;

#[component]
pub fn RelativeTime(at: Timestamp, now: Timestamp) -> impl IntoView {
    view! {
        <time class="relative-time" datetime=at.rfc3339() title=at.exact()>
            {at.ago(now)}
        </time>
    }
}
