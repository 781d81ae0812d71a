//! What an admin may decide by hand about a person: links to the previews.

use domain::{
    directory_user::SeatState,
    id::{DirectoryUserId, OrganizationId},
    manual_decision::ManualDecision,
    text::ExternalText,
};
use leptos::prelude::*;
use views::waitlist::{ChosenPeople, DecisionQuery};

use crate::paths;

/// What an admin may decide about people in this state: the decision, the word on a button for many
/// people, and the one for a single person.
pub fn decisions(state: SeatState) -> &'static [(ManualDecision, &'static str, &'static str)] {
    match state {
        SeatState::Blocked => &[
            (ManualDecision::Admit, "Admit", "Admit"),
            (ManualDecision::MoveToFront, "Move to the front", "To the front"),
            (ManualDecision::MoveTo(1), "Move to a position", "Move"),
            (ManualDecision::Dismiss, "Dismiss", "Dismiss"),
        ],
        SeatState::Dismissed => &[
            (ManualDecision::UndoDismissal, "Undo the dismissal", "Undo"),
            (ManualDecision::Admit, "Admit", "Admit"),
        ],
        SeatState::Provisioned => {
            &[(ManualDecision::Dismiss, "Dismiss from the seat", "Dismiss from the seat")]
        }
        SeatState::Inactive | SeatState::Removed => &[],
    }
}

/// The decisions about one person, each a link to its preview.
#[component]
pub fn DecisionLinks(
    organization: OrganizationId,
    user: DirectoryUserId,
    name: ExternalText,
    state: SeatState,
    /// Whether a seat is free; without one no person can be admitted.
    free: bool,
) -> impl IntoView {
    decisions(state)
        .iter()
        .filter(move |(decision, ..)| free || *decision != ManualDecision::Admit)
        .map(move |(decision, _, word)| {
            let people = ChosenPeople::These(vec![user.clone()]);
            let query = DecisionQuery { decision: *decision, people };
            view! {
                <a
                    class="row-action"
                    href=paths::decision(&organization, &query)
                    aria-label=format!("{word}: {name}")
                >
                    {*word}
                </a>
            }
        })
        .collect_view()
}
