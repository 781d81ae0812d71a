//! Limits, and the waitlist of an organization that admits first come, first served.

use super::story::{NOT_SET, Story, UNLIMITED, at, created, deleted, id, seats, updated};
use crate::{
    alert::{Turn, UsageAlert, UsageThresholds, turns},
    decision::{Outcome, Reason},
    directory_user::SeatState::{Inactive, Provisioned},
    refusal::Refusal,
    roster::Addressee,
    seats::Command,
};

#[test]
fn not_set_zero_and_unlimited_are_three_things() {
    let newcomer = |limit| {
        let mut story = Story::with(limit);
        let decision = story.hears(created("ada").active());
        let turns = turns(&[], &story.usage(), &UsageThresholds::default());
        (decision.outcome, decision.transitions[0].reason, turns)
    };

    let opens = |alert| vec![Turn::Opens { alert, is_covered: false }];
    assert_eq!(
        newcomer(NOT_SET),
        (Outcome::Blocked, Reason::LimitNotSet, opens(UsageAlert::LimitNotSet))
    );
    assert_eq!(
        newcomer(seats(0)),
        (Outcome::Blocked, Reason::SeatsTaken, opens(UsageAlert::SeatLimitReached))
    );
    assert_eq!(newcomer(UNLIMITED), (Outcome::Admitted, Reason::SeatFree, vec![]));
}

#[test]
fn a_full_organization_admits_no_user() {
    let story = Story::with(seats(2)).joined(&["ada", "bob", "cat", "dan"]);

    assert_eq!((story.seated(), story.line()), (vec!["ada", "bob"], vec!["cat", "dan"]));
    assert_eq!(story.usage().over(), 0);
}

#[test]
fn raising_the_limit_admits_from_the_line_at_once_and_in_order() {
    let mut story = Story::with(seats(1)).joined(&["zoe", "yan", "xia", "wim"]);

    let decision = story.set(seats(3));

    let admitted: Vec<_> = decision
        .transitions
        .iter()
        .map(|step| (step.user.as_str(), step.reason, step.limit, step.used))
        .collect();
    assert_eq!(
        admitted,
        [
            ("yan", Reason::NextOnWaitlist, seats(3), 1),
            ("xia", Reason::NextOnWaitlist, seats(3), 2)
        ]
    );
    assert_eq!(story.line(), ["wim"]);
}

#[test]
fn setting_a_limit_for_the_first_time_admits_from_the_line() {
    let mut story = Story::with(NOT_SET).joined(&["ada", "bob"]);
    assert_eq!(story.counts(), (0, 2));

    story.set(seats(1));

    assert_eq!((story.seated(), story.line()), (vec!["ada"], vec!["bob"]));
}

#[test]
fn without_a_limit_every_user_gets_in() {
    let mut story = Story::with(seats(0)).joined(&["ada", "bob", "cat"]);

    story.set(UNLIMITED);

    assert_eq!(story.counts(), (3, 0));
}

#[test]
fn lowering_the_limit_evicts_no_user() {
    for before in [seats(4), UNLIMITED] {
        let mut story = Story::with(before).joined(&["ada", "bob", "cat", "dan"]);

        let decision = story.set(seats(1));

        assert_eq!(decision.transitions, []);
        assert_eq!((story.usage().used, story.usage().over()), (4, 3));
    }
}

#[test]
fn over_by_some_no_user_gets_in_until_it_is_below() {
    let mut story = Story::with(seats(3)).joined(&["ada", "bob", "cat", "dan"]);
    story.set(seats(2));

    let newcomer = story.hears(created("eve").active());
    assert_eq!(newcomer.transitions[0].reason, Reason::OverLimit);
    assert_eq!(story.admit("dan"), Err(Refusal::NoFreeSeat));

    story.hears(deleted("ada"));
    assert_eq!((story.counts(), story.usage().over()), ((2, 2), 0));

    story.hears(deleted("bob"));
    assert_eq!((story.seated(), story.line()), (vec!["cat", "dan"], vec!["eve"]));
}

#[test]
fn lowering_to_what_is_taken_is_not_over_and_the_line_stays() {
    let mut story = Story::with(seats(2)).joined(&["ada"]);

    story.set(seats(1));

    assert_eq!(story.usage().over(), 0);
    assert_eq!(story.outcome(created("bob").active()), Outcome::Blocked);
}

#[test]
fn a_raise_that_leaves_it_over_admits_no_user() {
    let mut story = Story::with(seats(3)).joined(&["ada", "bob", "cat", "dan"]);
    story.set(seats(1));

    let decision = story.set(seats(2));

    assert_eq!((decision.transitions, story.line()), (vec![], vec!["dan"]));
}

#[test]
fn a_newcomer_never_overtakes_the_line() {
    let mut story = Story::with(seats(1)).joined(&["ada", "bob"]);

    story.hears(deleted("ada"));
    story.hears(created("new").active());

    assert_eq!((story.seated(), story.line()), (vec!["bob"], vec!["new"]));
}

#[test]
fn a_user_who_left_the_line_comes_back_at_its_end() {
    let mut story = Story::with(seats(0)).joined(&["ada", "bob", "cat"]);

    story.hears(updated("ada").inactive());
    story.hears(updated("ada").active());

    assert_eq!(story.line(), ["bob", "cat", "ada"]);
}

#[test]
fn the_user_who_was_moved_to_the_front_last_stands_first() {
    let mut story = Story::with(seats(0)).joined(&["ada", "bob", "cat"]);

    story.move_to_front("bob").unwrap();
    story.move_to_front("cat").unwrap();
    story.move_to_front("cat").unwrap();

    assert_eq!(story.line(), ["cat", "bob", "ada"]);
    assert_eq!(story.counts(), (0, 3));
}

#[test]
fn deleting_who_waits_moves_no_count_but_the_lines() {
    let mut story = Story::with(seats(1)).joined(&["ada", "bob", "cat"]);

    let decision = story.hears(deleted("bob"));

    assert_eq!((decision.outcome, decision.transitions.len()), (Outcome::Removed, 1));
    assert_eq!((story.counts(), story.line()), ((1, 1), vec!["cat"]));
}

#[test]
fn a_seat_is_released_once() {
    let mut story = Story::with(seats(2)).joined(&["ada", "bob"]);

    story.hears(updated("ada").inactive());
    story.hears(deleted("ada"));
    story.hears(deleted("ada"));

    assert_eq!(story.counts(), (1, 0));
}

#[test]
fn the_same_address_under_two_ids_is_two_seats() {
    let mut story = Story::with(seats(2));

    story.hears(created("ada1").active().named("ada"));
    story.hears(created("ada2").active().named("ada"));

    assert_eq!(story.counts(), (2, 0));
    assert_eq!(story.roster.with_email(" ADA@acme.test ", at(9_000)), Addressee::Several);
}

#[test]
fn only_live_people_are_found_by_address() {
    let mut story = Story::with(seats(2)).joined(&["ada"]);

    story.hears(deleted("ada"));

    assert_eq!(story.roster.with_email("ada@acme.test", at(9_000)), Addressee::None);
}

#[test]
fn the_first_real_id_takes_over_seat_and_position() {
    let mut story = Story::with(seats(1)).joined(&["email:ada", "email:bob"]);

    assert!(story.roster.identify_placeholder(&id("email:ada"), &id("diruser_1")));
    assert!(story.roster.identify_placeholder(&id("email:bob"), &id("diruser_2")));

    assert_eq!((story.seated(), story.line()), (vec!["diruser_1"], vec!["diruser_2"]));
    assert_eq!(story.state("email:ada"), None);
    story.hears(deleted("diruser_1"));
    assert_eq!((story.counts(), story.seated()), ((1, 0), vec!["diruser_2"]));
}

#[test]
fn no_placeholder_is_merged_into_an_id_we_know_and_a_missing_one_into_none() {
    let mut story = Story::with(seats(2)).joined(&["email:ada", "diruser_1"]);
    let mut story = story.unchanged();

    assert!(!story.roster.identify_placeholder(&id("email:ada"), &id("diruser_1")));
    assert!(!story.roster.identify_placeholder(&id("email:bob"), &id("diruser_2")));
}

#[test]
fn since_tells_when_the_seat_or_the_position_was_taken_or_lost() {
    let mut story = Story::with(seats(1)).joined(&["ada", "bob"]);
    let since = |story: &Story, name| story.roster.person(&id(name)).unwrap().since.seconds();
    assert_eq!((since(&story, "ada"), since(&story, "bob")), (1_001, 1_002));

    story.hears(updated("ada").named("renamed"));
    story.does(&Command::MoveToFront(id("bob"))).unwrap();
    assert_eq!((since(&story, "ada"), since(&story, "bob")), (1_001, 1_002));

    story.hears(updated("ada").inactive());
    assert_eq!((story.state("ada"), story.state("bob")), (Some(Inactive), Some(Provisioned)));
    assert_eq!((since(&story, "ada"), since(&story, "bob")), (1_005, 1_005));
}
