//! The result of what was done just now. The address holds it: the number of users that a new seat
//! limit has admitted, or that the organization was added or restored.

use domain::{
    directory_user::SeatState,
    organization::{SeatLimit, grouped, people},
};
use leptos::prelude::*;
use views::OrganizationPage;

use crate::{
    components::banner::{Banner, Tone},
    query::Query,
};

/// More users than this are only counted.
const NAMES: usize = 5;

#[component]
pub(super) fn Saved(page: OrganizationPage) -> impl IntoView {
    let query = Query::of_request();
    let admitted = query.text("saved").parse::<i64>().ok();
    let said = match (query.text("done"), admitted) {
        ("added", _) => Some(("Added.", comes_next(page.usage.limit).to_owned())),
        ("restored", _) => Some(("Restored.", RESTORED.to_owned())),
        (_, admitted) => admitted.map(|admitted| ("Saved.", sentence(admitted, &names(page)))),
    };
    said.map(|(title, sentence)| {
        view! {
            <Banner tone=Tone::Calm title=title.to_owned()>
                {sentence}
            </Banner>
        }
    })
}

const RESTORED: &str = "Its people come back with a resync, or with the next events about them. They wait until the seat limit is set.";

/// What follows when an organization was added.
fn comes_next(limit: SeatLimit) -> &'static str {
    match limit {
        SeatLimit::NotSet => {
            "Connect its directory in Scalekit: its people arrive with the first webhooks, and wait until the seat limit is set."
        }
        SeatLimit::Seats(_) | SeatLimit::Unlimited => {
            "Connect its directory in Scalekit: its people arrive with the first webhooks, and get seats in order."
        }
    }
}

/// The users that the last change of the limit admitted, in the order in which they waited, as far
/// as the newest decisions show them.
fn names(page: OrganizationPage) -> Vec<String> {
    let changed_at = page.limit_set.as_ref().map(|set| set.at);
    let by_it = page
        .decisions
        .into_iter()
        .rev()
        .filter(|row| row.to == SeatState::Provisioned && Some(row.at) == changed_at);
    by_it.map(|row| row.called().to_string()).collect()
}

fn sentence(admitted: i64, names: &[String]) -> String {
    let got_in = match admitted {
        0 => return "No person got in.".to_owned(),
        n => format!("{} {} got in", grouped(n), people(n)),
    };
    let all = i64::try_from(names.len()) == Ok(admitted) && names.len() <= NAMES;
    if all { format!("{got_in}: {}.", names.join(", ")) } else { format!("{got_in}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_named_and_many_are_counted() {
        let names = |count: usize| (0..count).map(|n| format!("P{n}")).collect::<Vec<_>>();
        assert_eq!(sentence(0, &[]), "No person got in.");
        assert_eq!(sentence(1, &names(1)), "1 person got in: P0.");
        assert_eq!(sentence(3, &names(3)), "3 people got in: P0, P1, P2.");
        assert_eq!(sentence(3, &names(2)), "3 people got in.", "not all of them are known");
        assert_eq!(sentence(1_200, &names(20)), "1,200 people got in.");
    }
}
