//! The state table of the seat rules, row by row.

use super::story::{Story, created, deleted, seats, updated};
use crate::{
    admission::AdmissionPolicy,
    decision::{Outcome, Reason},
    directory_user::SeatState::{self, Blocked, Dismissed, Inactive, Provisioned, Removed},
    refusal::Refusal,
};

/// Two seats: Ada holds one, the other is free. Ina is inactive, Rob is removed.
fn room() -> Story {
    let mut story = Story::with(seats(2)).joined(&["ada"]);
    story.hears(created("ina").inactive());
    story.hears(deleted("rob"));
    story
}

/// One seat: Ada holds it. Bob and Cat wait, Dan is dismissed, Ina is inactive, Rob is removed.
fn full() -> Story {
    let mut story = Story::with(seats(1)).joined(&["ada", "bob", "cat", "dan"]);
    story.dismiss("dan").unwrap();
    story.hears(created("ina").inactive());
    story.hears(deleted("rob"));
    story
}

#[test]
fn an_active_person_takes_a_free_seat_whatever_they_were_before() {
    for name in ["new", "ina", "rob"] {
        let mut story = room();

        let decision = story.hears(updated(name).active());

        assert_eq!(decision.outcome, Outcome::Admitted, "{name}");
        assert_eq!(
            decision.transitions.iter().map(|step| step.reason).collect::<Vec<_>>(),
            [Reason::SeatFree],
            "{name}"
        );
        assert_eq!(story.state(name), Some(Provisioned), "{name}");
        assert_eq!(story.counts(), (2, 0), "{name}");
    }
}

#[test]
fn without_a_free_seat_an_active_person_goes_to_the_end_of_the_line() {
    for name in ["new", "ina", "rob"] {
        let mut story = full();

        let decision = story.hears(updated(name).active());

        assert_eq!(decision.outcome, Outcome::Blocked, "{name}");
        assert_eq!(
            decision.transitions.iter().map(|step| step.reason).collect::<Vec<_>>(),
            [Reason::SeatsTaken],
            "{name}"
        );
        assert_eq!(story.state(name), Some(Blocked), "{name}");
        assert_eq!(story.line(), ["bob", "cat", name]);
        assert_eq!(story.counts(), (1, 3), "{name}");
    }
}

#[test]
fn a_move_remembers_where_a_user_came_from_and_what_it_saw() {
    let mut story = full();

    let newcomer = story.hears(created("new").active()).transitions.remove(0);
    let returning = story.hears(updated("ina").active()).transitions.remove(0);

    assert_eq!(
        (newcomer.from, newcomer.to, newcomer.limit, newcomer.used),
        (None, Blocked, seats(1), 1)
    );
    assert_eq!((returning.from, returning.to), (Some(Inactive), Blocked));
}

#[test]
fn an_active_person_with_a_wish_already_keeps_state_and_position_and_learns_the_rest() {
    for (name, state) in
        [("ada", Provisioned), ("bob", Blocked), ("cat", Blocked), ("dan", Dismissed)]
    {
        let mut story = full();

        let decision = story.hears(
            updated(name).active().named("renamed").in_groups(&["sales"]).with_roles(&["admin"]),
        );

        assert_eq!(decision.outcome, Outcome::Updated, "{name}");
        assert!(decision.transitions.is_empty(), "{name}");
        assert_eq!(story.state(name), Some(state), "{name}");
        assert_eq!(story.line(), ["bob", "cat"], "{name}");
        assert_eq!(story.profile(name).name.as_deref(), Some("renamed"));
        assert_eq!(
            (story.groups(name), story.roles(name)),
            (vec!["sales"], vec!["admin"]),
            "{name}"
        );
    }
}

#[test]
fn a_user_who_is_switched_off_gives_the_seat_to_the_next_on_the_waitlist() {
    let mut story = full();

    let decision = story.hears(updated("ada").inactive());

    assert_eq!(decision.outcome, Outcome::Released);
    assert_eq!(
        decision
            .transitions
            .iter()
            .map(|step| (step.user.as_str(), step.to, step.reason))
            .collect::<Vec<_>>(),
        [("ada", Inactive, Reason::Deactivated), ("bob", Provisioned, Reason::NextOnWaitlist)]
    );
    assert_eq!((story.seated(), story.line()), (vec!["bob"], vec!["cat"]));
}

#[test]
fn a_user_who_is_switched_off_without_a_seat_becomes_inactive_and_no_seat_moves() {
    let cases: [(&str, &[&str]); 6] = [
        ("bob", &["cat"]),
        ("cat", &["bob"]),
        ("dan", &["bob", "cat"]),
        ("new", &["bob", "cat"]),
        ("ina", &["bob", "cat"]),
        ("rob", &["bob", "cat"]),
    ];
    for (name, line) in cases {
        let mut story = full();

        let outcome = story.outcome(updated(name).inactive());

        assert_eq!(outcome, Outcome::Updated, "{name}");
        assert_eq!(story.state(name), Some(Inactive), "{name}");
        assert_eq!((story.seated(), story.line()), (vec!["ada"], line.to_vec()), "{name}");
    }
}

#[test]
fn a_user_who_is_deleted_gives_the_seat_to_the_next_on_the_waitlist() {
    let mut story = full();

    let decision = story.hears(deleted("ada"));

    assert_eq!(decision.outcome, Outcome::Removed);
    assert_eq!(
        decision
            .transitions
            .iter()
            .map(|step| (step.user.as_str(), step.to, step.reason))
            .collect::<Vec<_>>(),
        [("ada", Removed, Reason::Deleted), ("bob", Provisioned, Reason::NextOnWaitlist)]
    );
    assert_eq!(story.state("ada"), Some(Removed));
    assert_eq!((story.seated(), story.line()), (vec!["bob"], vec!["cat"]));
}

#[test]
fn deleting_a_user_without_a_seat_moves_no_count_of_seats() {
    for name in ["bob", "dan", "ina", "rob", "new"] {
        let mut story = full();

        let decision = story.hears(deleted(name));

        assert_eq!(decision.outcome, Outcome::Removed, "{name}");
        assert_eq!(story.state(name), Some(Removed), "{name}");
        assert_eq!(story.usage().used, 1, "{name}");
        assert_eq!(story.seated(), ["ada"], "{name}");
    }
}

#[test]
fn a_tombstone_keeps_a_late_older_creation_out() {
    let mut story = full();
    story.hears(deleted("new").at(50));
    let before = story.roster.clone();

    let decision = story.hears(created("new").active().at(49));

    assert_eq!(decision.outcome, Outcome::Stale);
    assert_eq!(story.roster, before);
    assert_eq!(story.state("new"), Some(Removed));
}

#[test]
fn a_hand_admits_who_waits_or_was_dismissed_into_a_free_seat() {
    for name in ["bob", "cat", "dan"] {
        let mut story = full();
        story.policy(AdmissionPolicy::ByHand);
        story.hears(deleted("ada"));

        let decision = story.admit(name).unwrap();

        assert_eq!(decision.outcome, Outcome::Admitted, "{name}");
        assert_eq!(
            decision.transitions.iter().map(|step| step.reason).collect::<Vec<_>>(),
            [Reason::ByHand]
        );
        assert_eq!(story.seated(), [name]);
        assert!(!story.line().contains(&name));
    }
}

#[test]
fn a_hand_admits_no_user_without_a_free_seat() {
    for name in ["bob", "dan"] {
        let mut story = full();

        let refusal = story.unchanged().admit(name).unwrap_err();

        assert_eq!(refusal, Refusal::NoFreeSeat);
        assert_eq!(
            refusal.to_string(),
            "All seats are taken. Raise the limit or release a seat first."
        );
    }
}

#[test]
fn a_hand_cannot_admit_who_does_not_wait() {
    for name in ["ada", "ina", "rob", "uma"] {
        let mut story = full();
        story.set(seats(9));

        let refusal = story.unchanged().admit(name).unwrap_err();

        assert_eq!(refusal, Refusal::NotWaiting, "{name}");
    }
}

#[test]
fn a_user_who_is_moved_to_the_front_is_next() {
    let mut story = full();

    let decision = story.move_to_front("cat").unwrap();

    assert_eq!(
        decision.transitions.iter().map(|step| (step.from, step.to)).collect::<Vec<_>>(),
        [(Some(Blocked), Blocked)]
    );
    assert_eq!(story.line(), ["cat", "bob"]);
    story.hears(deleted("ada"));
    assert_eq!(story.seated(), ["cat"]);
}

#[test]
fn only_who_waits_is_moved_and_only_who_wants_a_seat_is_dismissed() {
    for name in ["ada", "dan", "ina", "rob", "uma"] {
        let mut story = full();
        let mut story = story.unchanged();

        assert_eq!(story.move_to_front(name), Err(Refusal::NotWaiting), "{name}");
        assert_eq!(story.move_to(name, 2), Err(Refusal::NotWaiting), "{name}");
        if name != "ada" {
            assert_eq!(story.dismiss(name), Err(Refusal::WantsNoSeat), "{name}");
        }
    }
}

#[test]
fn a_seat_holder_who_is_dismissed_gives_the_seat_to_the_next_on_the_waitlist() {
    let mut story = full();

    let decision = story.dismiss("ada").unwrap();

    assert_eq!(decision.outcome, Outcome::Released);
    assert_eq!(
        decision
            .transitions
            .iter()
            .map(|step| (step.user.as_str(), step.to, step.reason))
            .collect::<Vec<_>>(),
        [("ada", Dismissed, Reason::ReleasedByHand), ("bob", Provisioned, Reason::NextOnWaitlist)]
    );
    story.hears(updated("ada").active().named("renamed"));
    assert_eq!((story.state("ada"), story.line()), (Some(Dismissed), vec!["cat"]));
}

#[test]
fn a_position_is_one_of_the_waitlist() {
    let mut story = full();

    story.move_to("cat", 1).unwrap();
    assert_eq!(story.line(), ["cat", "bob"]);
    story.move_to("cat", 2).unwrap();
    assert_eq!(story.line(), ["bob", "cat"]);
    for number in [-1, 0, 3] {
        assert_eq!(story.unchanged().move_to("cat", number), Err(Refusal::WaitlistPosition(2)));
    }
}

#[test]
fn a_user_who_is_dismissed_leaves_the_line_and_is_passed_over() {
    let mut story = full();

    let decision = story.dismiss("bob").unwrap();

    assert_eq!(
        decision.transitions.iter().map(|step| step.reason).collect::<Vec<_>>(),
        [Reason::DismissedByHand]
    );
    assert_eq!((story.state("bob"), story.line()), (Some(Dismissed), vec!["cat"]));
    story.set(seats(3));
    assert_eq!(story.seated(), ["ada", "cat"]);
    assert_eq!(story.counts(), (2, 0));
}

#[test]
fn undoing_a_dismissal_leads_to_the_end_of_the_line() {
    let mut story = full();

    let decision = story.undo_dismiss("dan").unwrap();

    assert_eq!(decision.outcome, Outcome::Blocked);
    assert_eq!(story.line(), ["bob", "cat", "dan"]);
}

#[test]
fn undoing_a_dismissal_while_a_seat_is_free_leads_to_the_seat() {
    let mut story = full();
    story.set(seats(9));

    let decision = story.undo_dismiss("dan").unwrap();

    assert_eq!(
        decision.transitions.iter().map(|step| (step.to, step.reason)).collect::<Vec<_>>(),
        [(Provisioned, Reason::DismissalUndone)]
    );
    assert_eq!((decision.outcome, story.state("dan")), (Outcome::Admitted, Some(Provisioned)));
}

#[test]
fn only_a_dismissal_is_undone() {
    for name in ["ada", "bob", "ina", "rob", "uma"] {
        let mut story = full();

        let refusal = story.unchanged().undo_dismiss(name).unwrap_err();

        assert_eq!(refusal, Refusal::NotDismissed, "{name}");
    }
}

#[test]
fn only_a_user_who_waits_has_a_position() {
    let story = full();

    for user in story.roster.people() {
        assert_eq!(user.waitlist_place.is_some(), user.state == SeatState::Blocked, "{}", user.id);
    }
}
