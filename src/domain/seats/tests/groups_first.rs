//! The policy groups first: the rank of a person follows the groups, and an admin may put a person
//! elsewhere.

use super::story::{NOT_SET, Story, created, deleted, groups_first, id, seats, updated};
use crate::{
    admission::AdmissionPolicy,
    decision::{Outcome, Reason},
    directory_user::SeatState::{Dismissed, Provisioned},
    seats::merge_placeholder,
};

/// One seat, which Zoe holds. Ann and Nora are in no group, Cleo and Carl are in the crew, Pia is a
/// pilot. They arrived in this order: Ann, Cleo, Pia, Carl, Nora.
fn full() -> Story {
    let mut story = Story::under(groups_first(&["pilots", "crew"]), seats(1)).joined(&["zoe"]);
    for (name, groups) in [
        ("ann", &["others"][..]),
        ("cleo", &["crew", "others"]),
        ("pia", &["crew", "pilots"]),
        ("carl", &["crew"]),
        ("nora", &[]),
    ] {
        story.hears(created(name).active().in_groups(groups));
    }
    story
}

#[test]
fn the_highest_group_comes_first_and_inside_a_group_the_first_come() {
    let mut story = full();
    assert_eq!(story.line(), ["pia", "cleo", "carl", "ann", "nora"]);

    story.set(seats(4));

    assert_eq!(story.seated(), ["carl", "cleo", "pia", "zoe"]);
    assert_eq!(story.line(), ["ann", "nora"]);
}

#[test]
fn a_new_person_is_behind_the_same_group_and_before_lower_ones() {
    let mut story = full();

    story.hears(created("new").active().in_groups(&["crew"]));

    assert_eq!(story.line(), ["pia", "cleo", "carl", "new", "ann", "nora"]);
}

#[test]
fn a_rank_follows_the_groups_and_keeps_the_order_of_arrival() {
    let mut story = full();

    let joined = story.group("crew", &[("ann", true), ("nora", true)]);
    assert_eq!(
        joined.transitions.iter().map(|step| (step.user.as_str(), step.reason)).collect::<Vec<_>>(),
        [("ann", Reason::GroupsChanged), ("nora", Reason::GroupsChanged)]
    );
    assert_eq!(story.line(), ["pia", "ann", "cleo", "carl", "nora"]);

    story.hears(updated("cleo").in_groups(&["pilots"]));
    assert_eq!(story.line(), ["cleo", "pia", "ann", "carl", "nora"]);

    story.group("crew", &[("ann", false)]);
    assert_eq!(story.line(), ["cleo", "pia", "carl", "nora", "ann"]);
}

#[test]
fn the_end_of_a_group_lowers_its_waiting_people() {
    let mut story = full();

    let decision = story.group_deleted("crew");

    assert_eq!(decision.transitions.len(), 2, "Pia is a pilot");
    assert_eq!(story.line(), ["pia", "ann", "cleo", "carl", "nora"]);
    let other = story.group_deleted("others");
    assert_eq!(other.transitions, [], "no rank depends on it");
}

#[test]
fn an_older_word_about_groups_changes_no_rank() {
    let mut story = full();
    let before = story.now();
    story.hears(updated("ann").in_groups(&["crew"]).at(before + 50));

    let stale = story.outcome(updated("ann").in_groups(&["pilots"]).at(before + 40));
    story.group("pilots", &[("ann", true)]);

    assert_eq!(stale, Outcome::Stale);
    assert_eq!(story.line(), ["pia", "ann", "cleo", "carl", "nora"]);
}

#[test]
fn a_person_may_join_a_group_before_they_are_known() {
    let mut story = full();
    story.group("pilots", &[("new", true)]);

    story.hears(created("new").active());

    assert_eq!(story.line(), ["pia", "new", "cleo", "carl", "ann", "nora"]);
}

#[test]
fn a_person_who_comes_back_is_in_none_of_the_old_groups() {
    let mut story = full();

    story.hears(deleted("pia"));
    story.hears(created("pia").active());

    assert_eq!(story.line(), ["cleo", "carl", "ann", "nora", "pia"]);
}

#[test]
fn a_person_at_the_front_stays_there_whatever_happens_to_groups_and_policy() {
    let mut story = full();
    story.move_to_front("nora").unwrap();
    assert_eq!(story.line(), ["nora", "pia", "cleo", "carl", "ann"]);

    story.group("pilots", &[("ann", true), ("nora", true)]);
    story.group("pilots", &[("nora", false)]);
    story.hears(created("new").active().in_groups(&["pilots"]));
    assert_eq!(story.line(), ["nora", "ann", "pia", "new", "cleo", "carl"]);

    for policy in [AdmissionPolicy::FirstCome, groups_first(&["crew"]), AdmissionPolicy::ByHand] {
        story.policy(policy);
        assert_eq!(story.line()[0], "nora");
    }
    story.move_to_front("carl").unwrap();
    assert_eq!(story.line(), ["carl", "nora", "ann", "cleo", "pia", "new"]);
}

#[test]
fn a_person_moved_behind_another_keeps_that_rank_until_the_policy_changes() {
    let mut story = full();
    story.move_to("nora", 2).unwrap();
    assert_eq!(story.line(), ["pia", "nora", "cleo", "carl", "ann"]);

    story.hears(updated("nora").in_groups(&["crew"]));
    story.hears(created("new").active().in_groups(&["pilots"]));
    assert_eq!(story.line(), ["pia", "nora", "new", "cleo", "carl", "ann"], "no crew, by hand");

    story.group("pilots", &[("cleo", true)]);
    assert_eq!(story.line(), ["cleo", "pia", "nora", "new", "carl", "ann"], "a pilot now");

    story.policy(groups_first(&["crew"]));
    assert_eq!(story.line(), ["cleo", "pia", "nora", "carl", "ann", "new"], "all but two are crew");
    story.policy(AdmissionPolicy::FirstCome);
    assert_eq!(story.line(), ["ann", "cleo", "pia", "nora", "carl", "new"], "as they arrived");
}

#[test]
fn a_new_policy_ranks_all_who_wait_and_fills_free_seats() {
    let mut story = Story::by_hand(seats(0)).joined(&["ann", "bob"]);
    story.hears(created("pia").active().in_groups(&["pilots"]));
    story.set(seats(1));
    assert_eq!(story.counts(), (0, 3));

    let decision = story.policy(groups_first(&["pilots"]));

    let reasons: Vec<_> =
        decision.transitions.iter().map(|step| (step.user.as_str(), step.reason)).collect();
    assert_eq!(
        reasons,
        [
            ("ann", Reason::PolicyChanged),
            ("bob", Reason::PolicyChanged),
            ("pia", Reason::NextOnWaitlist)
        ]
    );
    assert_eq!((story.seated(), story.line()), (vec!["pia"], vec!["ann", "bob"]));
}

#[test]
fn a_dismissal_stays_whatever_the_groups_become() {
    let mut story = full();
    story.dismiss("nora").unwrap();
    story.dismiss("zoe").unwrap();
    assert_eq!(story.seated(), ["pia"]);

    story.group("pilots", &[("nora", true), ("zoe", true)]);
    story.hears(updated("nora").active().in_groups(&["pilots"]));

    assert_eq!((story.state("nora"), story.state("zoe")), (Some(Dismissed), Some(Dismissed)));
    story.undo_dismiss("nora").unwrap();
    assert_eq!(story.line(), ["nora", "cleo", "carl", "ann"]);
}

#[test]
fn a_placeholder_brings_its_groups_to_the_person() {
    let mut story = Story::under(groups_first(&["pilots"]), NOT_SET).joined(&["ann", "bob"]);
    story.hears(created("email:bob").active().in_groups(&["pilots"]));
    assert_eq!(story.line(), ["email:bob", "ann", "bob"]);

    let now = crate::time::Timestamp::from_seconds(9_000);
    merge_placeholder(&mut story.roster, &id("email:bob"), &id("bob"), now).unwrap();

    assert_eq!(story.line(), ["bob", "ann"]);
    story.hears(created("email:cleo").active().in_groups(&["pilots"]));
    assert!(story.roster.identify_placeholder(&id("email:cleo"), &id("cleo")));
    story.hears(updated("cleo").active());
    assert_eq!(story.line(), ["bob", "cleo", "ann"]);
    story.set(seats(2));
    assert_eq!(story.state("cleo"), Some(Provisioned));
}
