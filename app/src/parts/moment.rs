//! A time as people say it; the exact one is a hover away.

use leptos::prelude::*;
use seatkeeper::domain::time::Timestamp;

#[component]
pub fn Moment(at: Timestamp, now: Timestamp) -> impl IntoView {
    view! {
        <time class="moment" datetime=at.rfc3339() title=at.exact()>
            {at.ago(now)}
        </time>
    }
}
