//! A placeholder and a user are merged.

use super::story::{Story, at, created, deleted, id, profile, seats, updated};
use crate::{
    decision::Reason,
    directory_user::SeatState::{self, Blocked, Inactive, Provisioned},
    event::Change,
    roster::Addressee,
    seats::{SeatOutcome, merge_placeholder},
};

const ADA: &str = "diruser_ada";
const BY_EMAIL: &str = "email:ada@acme.test";

impl Story {
    fn merges(&mut self) -> Vec<(String, SeatState, SeatState)> {
        let transitions = merge_placeholder(&mut self.roster, &id(BY_EMAIL), &id(ADA), at(50_000))
            .unwrap()
            .transitions;
        assert!(transitions.iter().all(|step| step.reason == Reason::Merged));
        transitions
            .into_iter()
            .map(|step| (step.user.to_string(), step.from.unwrap(), step.to))
            .collect()
    }

    /// Any command, so that free seats are filled after it.
    fn goes_on(&mut self) -> SeatOutcome {
        self.organization_seen(60_000)
    }
}

#[test]
fn of_two_seats_one_goes_to_the_next_on_the_waitlist() {
    let mut story = Story::with(seats(2)).joined(&[ADA, BY_EMAIL, "bob"]);

    let transitions = [
        (BY_EMAIL.to_owned(), Provisioned, SeatState::Removed),
        (ADA.to_owned(), Provisioned, Provisioned),
    ];
    assert_eq!(story.merges(), transitions, "the history ends with what is true");
    assert_eq!((story.state(BY_EMAIL), story.counts()), (None, (1, 1)));

    story.goes_on();
    assert_eq!(story.seated(), ["bob", ADA]);
}

#[test]
fn a_seat_counts_more_than_a_position() {
    let mut story = Story::with(seats(1)).joined(&[BY_EMAIL, ADA, "bob"]);

    story.merges();
    story.goes_on();

    assert_eq!((story.seated(), story.line()), (vec![ADA], vec!["bob"]));
}

#[test]
fn of_two_positions_the_earlier_one_is_kept() {
    for names in [["first", BY_EMAIL, "bob", ADA], ["first", ADA, "bob", BY_EMAIL]] {
        let mut story = Story::with(seats(1)).joined(&names);

        story.merges();

        assert_eq!((story.line(), story.counts()), (vec![ADA, "bob"], (1, 2)), "{names:?}");
    }
}

#[test]
fn the_newer_word_about_activity_counts() {
    let mut story = Story::with(seats(2)).joined(&[ADA, BY_EMAIL]);
    story.hears(updated(BY_EMAIL).inactive());
    story.merges();
    assert_eq!((story.state(ADA), story.counts()), (Some(Inactive), (0, 0)));

    let mut story = Story::with(seats(1)).joined(&[ADA, "bob", BY_EMAIL, "cleo"]);
    story.hears(updated(ADA).inactive().at(1_001));
    assert_eq!(story.seated(), ["bob"]);
    story.merges();
    assert_eq!((story.state(ADA), story.line()), (Some(Blocked), vec![ADA, "cleo"]));

    let mut story = Story::with(seats(2)).joined(&[BY_EMAIL, ADA]);
    story.hears(deleted(ADA));
    story.merges();
    assert_eq!((story.state(ADA), story.counts()), (Some(SeatState::Removed), (0, 0)));
}

#[test]
fn a_dismissal_stays_whatever_the_other_one_had() {
    for (dismissed, other) in [(ADA, BY_EMAIL), (BY_EMAIL, ADA)] {
        let mut story = Story::with(seats(1)).joined(&["first", dismissed, other]);
        story.dismiss(dismissed).unwrap();

        story.merges();
        story.set(seats(5));

        assert_eq!(
            (story.state(ADA), story.counts()),
            (Some(SeatState::Dismissed), (1, 0)),
            "{dismissed}"
        );
    }
}

#[test]
fn a_lowered_limit_takes_no_seat_from_a_person_who_is_merged() {
    let mut story = Story::with(seats(3)).joined(&[ADA, "bob", "cleo"]);
    story.hears(updated(ADA).inactive());
    let mut story = story.joined(&[BY_EMAIL]);
    story.set(seats(1));

    story.merges();
    story.goes_on();

    assert_eq!((story.state(ADA), story.counts()), (Some(Provisioned), (3, 0)));
}

#[test]
fn a_late_deletion_of_the_placeholder_asks_the_directory() {
    let mut story = Story::with(seats(5));
    story.hears(created(BY_EMAIL).at(10));
    story.hears(deleted(BY_EMAIL).at(20));
    story.hears(created(ADA).active().at(30));

    let merged = merge_placeholder(&mut story.roster, &id(BY_EMAIL), &id(ADA), at(50_000)).unwrap();

    assert!(merged.wants_resync);
    assert_eq!(story.state(ADA), Some(Provisioned));
}

#[test]
fn each_fact_is_the_newer_one() {
    let mut story = Story::with(seats(5));
    story.hears(created(ADA).named("old").in_groups(&["g1"]).with_roles(&["r1"]).at(10));
    story.hears(created(BY_EMAIL).named("ada").in_groups(&["g2"]).at(20));
    story.hears(updated(ADA).with_roles(&["r2"]).at(30));

    story.merges();

    assert_eq!(
        (story.profile(ADA), story.groups(ADA), story.roles(ADA)),
        (profile("ada"), vec!["g2"], vec!["r2"])
    );
}

#[test]
fn a_placeholder_does_not_become_a_person_who_had_left_that_address_before() {
    let mut story = Story::with(seats(5));
    story.hears(created(ADA).named("ada").at(10));
    story.hears(updated(ADA).named("lovelace").at(20));
    story.hears(created(BY_EMAIL).named("ada").at(30));
    assert!(!story.roster.is_placeholder_of(&id(BY_EMAIL), &id(ADA), (Change::Updated, at(15))));
    assert!(
        !story.roster.is_placeholder_of(&id(BY_EMAIL), &id(ADA), (Change::Deleted, at(35))),
        "a deletion gives no user an address"
    );
    assert!(story.roster.is_placeholder_of(&id(BY_EMAIL), &id(ADA), (Change::Updated, at(35))));

    story.hears(created("email:before").named("before").at(12));
    assert!(story.roster.is_placeholder_of(
        &id("email:before"),
        &id(ADA),
        (Change::Updated, at(11))
    ));

    story.hears(deleted(ADA).at(40));
    story.hears(created("email:later").named("later").at(50));
    assert!(!story.roster.is_placeholder_of(
        &id("email:later"),
        &id(ADA),
        (Change::Updated, at(15))
    ));
}

#[test]
fn an_address_names_the_person_who_had_it_at_that_moment() {
    let mut story = Story::with(seats(5));
    story.hears(created(ADA).named("ada").at(10));
    story.hears(updated(ADA).named("lovelace").at(20));
    let named = |story: &Story, second| story.roster.with_email("Ada@acme.test", at(second));
    assert_eq!(named(&story, 15), Addressee::Person(id(ADA)));
    assert_eq!(named(&story, 5), Addressee::Person(id(ADA)));
    assert_eq!(named(&story, 20), Addressee::None);

    story.hears(created("new hire").named("ada").at(30));
    assert_eq!(named(&story, 15), Addressee::Person(id(ADA)));
    assert_eq!(named(&story, 35), Addressee::Person(id("new hire")));
}
