//! The first places of the waitlist after a change that is previewed.

use domain::organization::grouped;
use leptos::prelude::*;
use views::waitlist::PreviewedPlace;

use super::words::words;

/// `waiting` is how many people wait then.
#[component]
pub fn WaitlistPlaces(line: Vec<PreviewedPlace>, waiting: i64) -> impl IntoView {
    let more = waiting - i64::try_from(line.len()).unwrap_or(0);
    let places = line.into_iter().zip(1_i64..).map(|(place, position)| {
        let was = was(&place, position);
        view! {
            <li class="decision-place" data-chosen=place.is_chosen.then_some("")>
                <span class="decision-place__position">{position}</span>
                <span class="decision-place__name">{words(&place.name)}</span>
                <span class="decision-place__was">{was}</span>
            </li>
        }
    });
    view! {
        <ol class="decision-line">{places.collect_view()}</ol>
        {(more > 0).then(|| view! { <p class="quiet">{format!("and {} more", grouped(more))}</p> })}
    }
}

/// Where a person at this position waits now; empty if nothing changes.
fn was(place: &PreviewedPlace, position: i64) -> String {
    match place.was {
        Some(0) => "new".to_owned(),
        Some(was) if was != position => format!("was {}", grouped(was)),
        Some(_) | None => String::new(),
    }
}
