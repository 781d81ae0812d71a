//! The result of a seat limit that was saved just now; the address holds the number of admitted
//! users.

use domain::{
    directory_user::SeatState,
    organization::{grouped, people},
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
    let admitted = Query::of_request().text("saved").parse::<i64>().ok();
    admitted.map(|admitted| {
        view! {
            <Banner tone=Tone::Calm title="Saved.".to_owned()>
                {sentence(admitted, &names(&page))}
            </Banner>
        }
    })
}

/// The users that the last change of the limit admitted, in the order in which they waited, as far
/// as the newest decisions show them.
fn names(page: &OrganizationPage) -> Vec<String> {
    let changed_at = page.limit_set.as_ref().map(|set| set.at);
    let by_it = page
        .decisions
        .iter()
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
