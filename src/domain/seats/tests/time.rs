//! The order of events: late ones, ones with few fields, ones with equal times, and ones without an
//! activity.

use super::story::{Story, UNLIMITED, created, deleted, profile, seats, updated};
use crate::{
    decision::Outcome,
    directory_user::SeatState::{Blocked, Dismissed, Inactive, Provisioned, Removed},
};

#[test]
fn an_older_update_of_everything_it_carries_is_stale_and_changes_nothing() {
    let mut story = Story::with(UNLIMITED);
    story.hears(
        updated("ada").active().named("new").in_groups(&["b"]).with_roles(&["admin"]).at(20),
    );
    let mut story = story.unchanged();

    let outcome = story
        .outcome(updated("ada").inactive().named("old").in_groups(&["a"]).with_roles(&[]).at(19));

    assert_eq!(outcome, Outcome::Stale);
}

#[test]
fn one_nanosecond_is_enough_to_be_older() {
    let mut story = Story::with(UNLIMITED);
    story.hears(created("ada").active().at(20));

    assert_eq!(story.outcome(updated("ada").inactive().at(20).later(-1)), Outcome::Stale);
    assert_eq!(story.outcome(updated("ada").inactive().at(20).later(1)), Outcome::Released);
}

#[test]
fn a_late_thin_update_undoes_nothing_of_a_newer_full_one() {
    let mut story = Story::with(UNLIMITED);
    story.hears(
        updated("ada").active().named("new").in_groups(&["b"]).with_roles(&["admin"]).at(20),
    );
    let mut story = story.unchanged();

    for thin in [
        updated("ada").inactive(),
        updated("ada").named("old"),
        updated("ada").in_groups(&[]),
        updated("ada").with_roles(&[]),
    ] {
        assert_eq!(story.outcome(thin.at(10)), Outcome::Stale);
    }
}

#[test]
fn a_late_update_is_taken_for_the_parts_that_no_update_has_told_since() {
    let mut story = Story::with(UNLIMITED);
    story.hears(updated("ada").inactive().at(20));

    let outcome = story.outcome(
        created("ada")
            .active()
            .named("ada")
            .in_groups(&["b", "a", "b"])
            .with_roles(&["admin"])
            .at(10),
    );

    assert_eq!(outcome, Outcome::Updated);
    assert_eq!(story.state("ada"), Some(Inactive));
    assert_eq!(story.profile("ada"), profile("ada"));
    assert_eq!((story.groups("ada"), story.roles("ada")), (vec!["a", "b"], vec!["admin"]));
}

#[test]
fn each_part_keeps_the_time_of_its_own_update() {
    let mut story = Story::with(UNLIMITED);
    story.hears(
        created("ada").active().named("one").in_groups(&["one"]).with_roles(&["one"]).at(10),
    );
    story.hears(updated("ada").named("three").at(30));

    let outcome = story.outcome(updated("ada").inactive().named("two").in_groups(&["two"]).at(20));

    assert_eq!(outcome, Outcome::Released);
    assert_eq!(story.profile("ada"), profile("three"));
    assert_eq!((story.groups("ada"), story.roles("ada")), (vec!["two"], vec!["one"]));
}

#[test]
fn no_groups_and_no_word_about_groups_are_two_things() {
    let mut story = Story::with(UNLIMITED);
    story.hears(created("ada").active().in_groups(&["sales"]).with_roles(&["admin"]));

    story.hears(updated("ada").named("ada"));
    assert_eq!((story.groups("ada"), story.roles("ada")), (vec!["sales"], vec!["admin"]));

    story.hears(updated("ada").in_groups(&[]).with_roles(&[]));
    assert!(story.groups("ada").is_empty() && story.roles("ada").is_empty());
}

#[test]
fn a_deletion_ends_the_groups_that_are_older_whenever_it_arrives() {
    let (grouped, deletion, back) = (
        created("ada").active().in_groups(&["sales"]).at(10),
        deleted("ada").at(20),
        created("ada").active().at(30),
    );
    let orders = [
        [&grouped, &deletion, &back],
        [&grouped, &back, &deletion],
        [&deletion, &back, &grouped],
        [&back, &deletion, &grouped],
    ];
    for (number, order) in orders.into_iter().enumerate() {
        let mut story = Story::with(UNLIMITED);
        for said in order {
            story.hears(said.clone());
        }

        assert_eq!(
            (story.state("ada"), story.groups("ada")),
            (Some(Provisioned), vec![]),
            "order {number}"
        );
        story.hears(updated("ada").in_groups(&["sales"]).at(19));
        assert_eq!(story.groups("ada"), [""; 0]);
        story.hears(updated("ada").in_groups(&["sales"]).at(21));
        assert_eq!(story.groups("ada"), ["sales"]);
    }
}

#[test]
fn at_the_same_moment_deleted_beats_inactive_beats_active() {
    let active = updated("ada").active().at(10).event(9);
    let inactive = updated("ada").inactive().at(10).event(5);
    let gone = deleted("ada").at(10).event(1);
    for (first, second, end) in [
        (&active, &inactive, Inactive),
        (&inactive, &active, Inactive),
        (&active, &gone, Removed),
        (&gone, &active, Removed),
        (&inactive, &gone, Removed),
        (&gone, &inactive, Removed),
    ] {
        let mut story = Story::with(UNLIMITED);

        story.hears(first.clone());
        story.hears(second.clone());

        assert_eq!(story.state("ada"), Some(end));
    }
}

#[test]
fn at_the_same_moment_and_of_the_same_weight_the_larger_number_wins() {
    let nine = updated("ada").active().named("nine").at(10).event(9);
    let ten = updated("ada").active().named("ten").at(10).event(10);
    for (first, second) in [(&nine, &ten), (&ten, &nine)] {
        let mut story = Story::with(UNLIMITED);

        story.hears(first.clone());
        story.hears(second.clone());

        assert_eq!(story.profile("ada"), profile("ten"));
    }
}

#[test]
fn the_same_update_again_is_stale_and_changes_nothing() {
    for said in [
        created("ada").active().named("ada").in_groups(&["a"]).with_roles(&["r"]),
        created("ada"),
        updated("ada"),
        updated("ada").named("ada"),
        updated("ada").inactive(),
        deleted("ada"),
        deleted("ada").named("ada"),
    ] {
        let said = said.at(10).event(7);
        let mut story = Story::with(seats(5));
        story.hears(said.clone());

        let decision = story.unchanged().hears(said);

        assert_eq!((decision.outcome, decision.wants_resync), (Outcome::Stale, false));
    }
}

#[test]
fn a_creation_without_activity_claims_a_seat() {
    for before in [None, Some(updated("ada").inactive()), Some(deleted("ada"))] {
        let mut story = Story::with(seats(1));
        before.map(|said| story.hears(said));

        assert_eq!(story.outcome(created("ada")), Outcome::Admitted);
    }
}

#[test]
fn an_update_without_activity_leaves_activity_as_it_is() {
    let mut story = Story::with(seats(1)).joined(&["ada", "bob", "dan"]);
    story.dismiss("dan").unwrap();
    story.hears(created("ina").inactive());
    story.hears(deleted("rob"));

    for (name, state) in [
        ("ada", Provisioned),
        ("bob", Blocked),
        ("dan", Dismissed),
        ("ina", Inactive),
        ("rob", Removed),
    ] {
        let decision = story.hears(updated(name).named("renamed"));

        assert_eq!((decision.outcome, decision.transitions), (Outcome::Updated, vec![]), "{name}");
        assert_eq!(story.state(name), Some(state), "{name}");
        assert_eq!(story.profile(name), profile("renamed"));
    }
}

#[test]
fn an_update_without_activity_about_an_unknown_user_lets_them_in() {
    let mut story = Story::with(seats(1));

    assert_eq!(story.outcome(updated("ada").named("ada")), Outcome::Admitted);
    assert_eq!(story.outcome(updated("bob").named("bob")), Outcome::Blocked);
}

#[test]
fn a_user_who_was_let_in_without_a_word_on_activity_follows_the_first_word_however_old() {
    for (said, state) in [
        (updated("ada").inactive(), Inactive),
        (deleted("ada"), Removed),
        (created("ada"), Provisioned),
    ] {
        let mut story = Story::with(seats(1));
        story.hears(updated("ada").named("ada").at(50));

        story.hears(said.at(3));

        assert_eq!(story.state("ada"), Some(state));
        assert_eq!(story.profile("ada"), profile("ada"));
    }
}

#[test]
fn a_late_activation_does_not_bring_back_who_was_switched_off_later() {
    let mut story = Story::with(seats(1)).joined(&["ada"]);
    story.hears(updated("ada").inactive().at(2_000));
    let mut story = story.unchanged();

    assert_eq!(story.outcome(updated("ada").active().at(1_999)), Outcome::Stale);
}

#[test]
fn a_deletion_older_than_a_later_update_is_stale_and_wants_a_resync() {
    for later in [updated("ada").active(), updated("ada").inactive(), created("ada")] {
        let mut story = Story::with(seats(1));
        story.hears(later.named("ada").in_groups(&[]).at(20));

        let decision = story.unchanged().hears(deleted("ada").at(10));

        assert_eq!((decision.outcome, decision.wants_resync), (Outcome::Stale, true));
        assert!(decision.transitions.is_empty());
    }
}

#[test]
fn a_deletion_older_than_an_update_that_is_silent_on_activity_removes_and_wants_a_resync() {
    let mut story = Story::with(seats(1));
    story.hears(created("ada").active().named("ada").at(10));
    story.hears(updated("ada").named("renamed").at(30));

    let decision = story.hears(deleted("ada").at(20));

    assert_eq!((decision.outcome, decision.wants_resync), (Outcome::Removed, true));
    assert_eq!((story.state("ada"), story.profile("ada")), (Some(Removed), profile("renamed")));
}

#[test]
fn a_deletion_in_its_order_or_older_than_another_deletion_wants_no_resync() {
    let mut story = Story::with(seats(1)).joined(&["ada"]);

    assert!(!story.hears(deleted("ada").at(2_000)).wants_resync);
    assert!(!story.hears(deleted("ada").at(1_990)).wants_resync);
    assert!(!story.hears(deleted("uma")).wants_resync);
}

#[test]
fn a_user_who_comes_back_after_a_deletion_is_let_in_again() {
    let mut story = Story::with(seats(1)).joined(&["ada"]);
    story.hears(deleted("ada"));

    assert_eq!(story.outcome(created("ada").active()), Outcome::Admitted);
}

#[test]
fn a_deletion_labels_a_tombstone_that_no_update_has_named() {
    let mut story = Story::with(seats(1)).joined(&["ada"]);

    story.hears(deleted("ada").named("thin"));
    story.hears(deleted("new").named("thin"));

    assert_eq!(story.profile("ada"), profile("ada"));
    assert_eq!(story.profile("new"), profile("thin"));
}

#[test]
fn the_label_of_a_tombstone_is_the_newest_deletions_in_any_order() {
    let (older, newer) =
        (deleted("ada").named("older").at(10), deleted("ada").named("newer").at(20));
    for (first, second) in [(&older, &newer), (&newer, &older)] {
        let mut story = Story::with(seats(1));

        story.hears(first.clone());
        story.hears(second.clone());

        assert_eq!(story.profile("ada"), profile("newer"));
    }
}

#[test]
fn a_newer_profile_that_says_nothing_leaves_an_older_one() {
    let mut story = Story::with(seats(1));
    story.hears(created("ada").at(20).emptied());

    story.hears(updated("ada").named("old").in_groups(&["sales"]).at(10));

    assert_eq!(story.profile("ada"), profile("old"));
    assert_eq!(story.groups("ada"), ["sales"]);
}
