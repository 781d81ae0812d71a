//! The signature: seats you can see. Filled marks are taken, hollow ones free, a firm line is the limit; whoever waits stands
//! behind the line, outlined in amber; whoever is over the limit beyond it, in red. Above 120 seats the same picture as a strip.

mod seats;
mod strip;

use leptos::prelude::*;
use seatkeeper::domain::organization::{SeatLimit, Usage};

/// Up to here each seat is a mark.
const MARKS: i64 = 120;
/// In a table.
const SMALL_MARKS: i64 = 25;

/// Large, on a page of its own organization.
#[component]
pub fn Meter(usage: Usage) -> impl IntoView {
    let picture = if shown(usage) <= MARKS { seats::large(usage).into_any() } else { strip::large(usage).into_any() };
    view! { <div class="meter">{picture}</div> }
}

/// Small, in a table's cell.
#[component]
pub fn SmallMeter(usage: Usage) -> impl IntoView {
    let picture = if shown(usage) <= SMALL_MARKS { seats::small(usage).into_any() } else { strip::small(usage).into_any() };
    view! { <div class="meter meter--small">{picture}</div> }
}

/// How many seats the picture has.
fn shown(usage: Usage) -> i64 {
    match usage.limit {
        SeatLimit::Seats(limit) => limit.max(usage.used),
        SeatLimit::NotSet | SeatLimit::Unlimited => usage.used,
    }
}
