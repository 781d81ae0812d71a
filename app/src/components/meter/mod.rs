//! The meter: a picture of the seats. Filled marks are used seats, hollow marks are free seats, and
//! a solid line is the seat limit. Users on the waitlist are behind the line, outlined in amber;
//! used seats over the limit are beyond the line, in red. Above 120 seats the same picture is a
//! strip. Each picture has one linear scale.

mod seats;
mod strip;

use domain::organization::{SeatLimit, Usage};
use leptos::prelude::*;

/// Up to this number each seat is a mark in the large picture.
const MARKS: i64 = 120;
/// The same for the small picture in a table, with the users beyond the line.
const SMALL_MARKS: i64 = 26;

/// The large picture, for the pages of one organization. `beside`: what a second picture shows,
/// which has the same scale.
#[component]
pub fn Meter(usage: Usage, #[prop(optional_no_strip)] beside: Option<Usage>) -> impl IntoView {
    let picture = if shown(usage).max(beside.map_or(0, shown)) <= MARKS {
        seats::large(usage, beside).into_any()
    } else {
        strip::large(usage, beside).into_any()
    };
    view! { <div class="meter">{picture}</div> }
}

/// The small picture, for the cell of a table.
#[component]
pub fn SmallMeter(usage: Usage) -> impl IntoView {
    let picture = if shown(usage).saturating_add(usage.waiting) <= SMALL_MARKS {
        seats::small(usage).into_any()
    } else {
        strip::small(usage).into_any()
    };
    view! { <div class="meter meter--small">{picture}</div> }
}

/// The number of seats in the picture.
fn shown(usage: Usage) -> i64 {
    match usage.limit {
        SeatLimit::Seats(limit) => limit.max(usage.used),
        SeatLimit::NotSet | SeatLimit::Unlimited => usage.used,
    }
}
