//! Says in words what a manual decision would do.

use domain::{
    directory_user::SeatState,
    manual_decision::{MOST_AT_ONCE, ManualDecision},
    organization::{grouped, people},
    refusal::Refusal,
    text::ExternalText,
};
use views::waitlist::{DecisionPreview, PreviewedPerson};

/// The title of the page.
pub(super) fn title(preview: &DecisionPreview) -> ExternalText {
    let who = who(preview);
    ExternalText::new(&match preview.decision {
        ManualDecision::Admit => format!("Admit {who}"),
        ManualDecision::MoveToFront => format!("Move {who} to the front"),
        ManualDecision::MoveTo(position) if position > 0 => {
            format!("Move {who} to position {}", grouped(position))
        }
        ManualDecision::MoveTo(_) => format!("Move {who}"),
        ManualDecision::Dismiss => format!("Dismiss {who}"),
        ManualDecision::UndoDismissal => format!("Undo the dismissal of {who}"),
    })
}

/// `Ada Lovelace`, or `12 people`.
fn who(preview: &DecisionPreview) -> String {
    match (preview.done + preview.refused, preview.people.as_slice()) {
        (1, [person]) => called(person),
        (n, _) => format!("{} {}", grouped(n), people(n)),
    }
}

fn called(person: &PreviewedPerson) -> String {
    let name = person.name.as_ref().or(person.email.as_ref());
    name.map_or_else(|| person.user.to_string(), ToString::to_string)
}

/// What the decision means, below the title.
pub(super) fn sentence(preview: &DecisionPreview) -> String {
    let meaning = match preview.decision {
        ManualDecision::Admit => "A free seat is given to a person, whatever the order.",
        ManualDecision::MoveToFront | ManualDecision::MoveTo(_) => {
            "The order changes, and no seat does. The first person gets the next free seat."
        }
        ManualDecision::Dismiss => {
            "“Not now”: the person gets no seat until you undo it, whatever the directory sends."
        }
        ManualDecision::UndoDismissal => {
            "The person gets a free seat if no person waits, and otherwise waits again, at the end."
        }
    };
    if preview.done + preview.refused < MOST_AT_ONCE {
        return meaning.to_owned();
    }
    let most = grouped(MOST_AT_ONCE);
    format!("{meaning} This is about the first {most} people; decide about the rest afterwards.")
}

/// What happens to one person: `Position 3 → position 1`.
pub(super) fn change(person: &PreviewedPerson) -> String {
    match &person.after {
        Err(Refusal::NoPerson(_)) => "There is no such person here.".to_owned(),
        Err(refusal) => {
            let now = person.before.map(|state| state_words(state, person.position_before));
            format!("Stays as before: {}. {refusal}", now.unwrap_or_default())
        }
        Ok(after) => {
            let before = person.before.map(|state| state_words(state, person.position_before));
            let after = state_words(*after, person.position_after);
            match before {
                Some(before) if before == after => format!("{after}, as before"),
                Some(before) => format!("{before} → {after}"),
                None => after,
            }
        }
    }
}

fn state_words(state: SeatState, position: Option<i64>) -> String {
    match (state, position) {
        (SeatState::Provisioned, _) => "has a seat".to_owned(),
        (SeatState::Blocked, Some(position)) => format!("position {}", grouped(position)),
        (SeatState::Blocked, None) => "waits".to_owned(),
        (SeatState::Dismissed, _) => "dismissed".to_owned(),
        (SeatState::Inactive, _) => "inactive".to_owned(),
        (SeatState::Removed, _) => "removed".to_owned(),
    }
}

/// The people who get a seat although they were not chosen.
pub(super) fn admitted(preview: &DecisionPreview) -> Option<String> {
    let names: Vec<String> = preview.admitted.iter().map(ToString::to_string).collect();
    let more = preview.admitted_count - i64::try_from(names.len()).unwrap_or(i64::MAX);
    let verb = if preview.admitted_count == 1 { "gets the seat" } else { "get the seats" };
    match names.as_slice() {
        [] => None,
        names if more > 0 => {
            Some(format!("{} and {} more {verb}.", names.join(", "), grouped(more)))
        }
        [one] => Some(format!("{one} {verb}.")),
        [names @ .., last] => Some(format!("{} and {last} {verb}.", names.join(", "))),
    }
}

pub(super) fn and_more(more: i64) -> String {
    format!("and {} more", grouped(more))
}

/// The text of the button: `Dismiss Ada Lovelace: Bob gets the seat`.
pub(super) fn verb(preview: &DecisionPreview) -> String {
    let who = match (preview.done, preview.people.iter().find(|one| one.after.is_ok())) {
        (1, Some(person)) => called(person),
        (n, _) => format!("{} {}", grouped(n), people(n)),
    };
    let verb = match preview.decision {
        ManualDecision::Admit => format!("Admit {who}"),
        ManualDecision::MoveToFront => format!("Move {who} to the front"),
        ManualDecision::MoveTo(position) => {
            format!("Move {who} to position {}", grouped(position))
        }
        ManualDecision::Dismiss => format!("Dismiss {who}"),
        ManualDecision::UndoDismissal => format!("Undo the dismissal of {who}"),
    };
    match (preview.admitted_count, preview.admitted.first()) {
        (1, Some(name)) => format!("{verb}: {name} gets the seat"),
        (0, _) => verb,
        (n, _) => format!("{verb}: {} {} get in", grouped(n), people(n)),
    }
}

/// What to do if no person can be admitted: a word and the decision.
pub(super) fn instead(preview: &DecisionPreview) -> Option<(&'static str, ManualDecision)> {
    let waits = |person: &PreviewedPerson| person.before == Some(SeatState::Blocked);
    let is_full = preview.people.iter().any(|one| one.after == Err(Refusal::NoFreeSeat));
    (is_full && preview.people.iter().all(waits))
        .then_some(("Move to the front instead", ManualDecision::MoveToFront))
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{DirectoryUserId, OrganizationId},
        organization::{SeatLimit, Usage},
        time::Timestamp,
    };

    use super::*;

    fn person(name: &str, after: Result<SeatState, Refusal>) -> PreviewedPerson {
        PreviewedPerson {
            user: DirectoryUserId::new(name),
            name: Some(name.into()),
            email: None,
            before: Some(SeatState::Blocked),
            position_before: Some(3),
            after,
            position_after: Some(1),
        }
    }

    fn preview(decision: ManualDecision, people: Vec<PreviewedPerson>) -> DecisionPreview {
        let usage = Usage { limit: SeatLimit::Seats(1), used: 1, waiting: 3 };
        let refused = people.iter().filter(|one| one.after.is_err()).count();
        DecisionPreview {
            organization: OrganizationId::new("org_1"),
            organization_name: "Acme".into(),
            revision: 1,
            decision,
            before: usage,
            after: usage,
            done: i64::try_from(people.len() - refused).unwrap(),
            refused: i64::try_from(refused).unwrap(),
            people,
            admitted: Vec::new(),
            admitted_count: 0,
            line: Vec::new(),
            mark: String::new(),
            changes: Vec::new(),
            now: Timestamp::from_seconds(1),
        }
    }

    #[test]
    fn the_button_names_one_person_and_counts_several() {
        let ada = || person("Ada", Ok(SeatState::Blocked));
        let bob = person("Bob", Err(Refusal::NotWaiting));
        let told = |decision, people| verb(&preview(decision, people));
        assert_eq!(told(ManualDecision::MoveToFront, vec![ada()]), "Move Ada to the front");
        assert_eq!(
            told(ManualDecision::MoveTo(2), vec![ada(), bob]),
            "Move Ada to position 2",
            "only those who are not refused"
        );
        assert_eq!(told(ManualDecision::Dismiss, vec![ada(), ada()]), "Dismiss 2 people");
        let mut dismissal = preview(ManualDecision::Dismiss, vec![ada()]);
        (dismissal.admitted, dismissal.admitted_count) = (vec!["Cy".into()], 1);
        assert_eq!(verb(&dismissal), "Dismiss Ada: Cy gets the seat");
        assert_eq!(admitted(&dismissal).as_deref(), Some("Cy gets the seat."));
    }

    #[test]
    fn a_change_is_told_from_and_to() {
        let told = |after| change(&person("Ada", after));
        assert_eq!(told(Ok(SeatState::Blocked)), "position 3 → position 1");
        assert_eq!(told(Ok(SeatState::Provisioned)), "position 3 → has a seat");
        assert_eq!(
            told(Err(Refusal::NoFreeSeat)),
            "Stays as before: position 3. All seats are taken. Raise the limit or release a seat first."
        );
    }

    #[test]
    fn a_full_plan_offers_the_front() {
        let full = preview(ManualDecision::Admit, vec![person("Ada", Err(Refusal::NoFreeSeat))]);
        assert!(instead(&full).is_some());
        let other = preview(ManualDecision::Admit, vec![person("Ada", Err(Refusal::NotWaiting))]);
        assert!(instead(&other).is_none());
    }
}
