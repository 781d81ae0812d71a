//! The policy by hand: the waitlist waits for a manual decision.

use super::story::{Story, created, deleted, seats, updated};
use crate::{
    admission::AdmissionPolicy,
    decision::{Outcome, Reason},
    directory_user::SeatState::Blocked,
};

#[test]
fn by_hand_the_line_waits_though_a_seat_is_free() {
    let mut story = Story::by_hand(seats(1)).joined(&["ada", "bob"]);

    let decision = story.hears(deleted("ada"));

    assert_eq!(decision.transitions.len(), 1);
    assert_eq!((story.counts(), story.line()), ((0, 1), vec!["bob"]));
}

#[test]
fn by_hand_neither_an_update_nor_a_raise_admits_who_waits() {
    let mut story = Story::by_hand(seats(0)).joined(&["ada"]);

    story.set(seats(5));
    story.hears(updated("ada").active().named("renamed"));

    assert_eq!(story.state("ada"), Some(Blocked));
}

#[test]
fn by_hand_a_newcomer_takes_a_free_seat_only_if_no_person_waits() {
    let mut story = Story::by_hand(seats(0)).joined(&["ada"]);
    story.set(seats(2));

    let decision = story.hears(created("new").active());

    assert_eq!(
        (decision.outcome, decision.transitions[0].reason),
        (Outcome::Blocked, Reason::OthersWait)
    );
    assert_eq!((story.counts(), story.line()), ((0, 2), vec!["ada", "new"]));
    story.admit("ada").unwrap();
    story.dismiss("new").unwrap();
    assert_eq!(story.outcome(created("eve").active()), Outcome::Admitted);
}

#[test]
fn by_hand_a_seat_that_is_released_by_hand_waits_too() {
    let mut story = Story::by_hand(seats(1)).joined(&["ada", "bob"]);

    let decision = story.dismiss("ada").unwrap();

    assert_eq!(decision.transitions.len(), 1);
    assert_eq!((story.counts(), story.line()), ((0, 1), vec!["bob"]));
    story.undo_dismiss("ada").unwrap();
    assert_eq!(story.line(), ["bob", "ada"], "a seat is free, but Bob waits");
}

#[test]
fn by_hand_undoing_a_dismissal_leads_to_a_free_seat_if_no_person_waits() {
    let mut story = Story::by_hand(seats(0)).joined(&["ada"]);
    story.dismiss("ada").unwrap();
    story.set(seats(1));

    let decision = story.undo_dismiss("ada").unwrap();

    assert_eq!(decision.outcome, Outcome::Admitted);
    assert_eq!((story.counts(), story.line()), ((1, 0), vec![]));
}

#[test]
fn a_policy_that_is_not_by_hand_fills_free_seats_at_once() {
    let mut story = Story::by_hand(seats(0)).joined(&["ada", "bob", "cat"]);
    story.set(seats(2));

    let decision = story.policy(AdmissionPolicy::FirstCome);

    assert_eq!(
        decision.transitions.iter().map(|step| step.user.as_str()).collect::<Vec<_>>(),
        ["ada", "bob"]
    );
    assert_eq!(story.line(), ["cat"]);
}

#[test]
fn changing_to_by_hand_moves_no_user() {
    let mut story = Story::with(seats(1)).joined(&["ada", "bob"]);

    let decision = story.policy(AdmissionPolicy::ByHand);

    assert_eq!((decision.transitions, story.counts()), (vec![], (1, 1)));
}
