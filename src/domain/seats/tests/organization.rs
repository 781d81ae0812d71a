//! An organization is created, deleted and restored.

use super::story::{NOT_SET, Story, UNLIMITED, created, deleted, seats, updated};
use crate::domain::{
    decision::{Outcome, Reason},
    directory_user::SeatState::Removed,
    refusal::Refusal,
};

/// One seat: Ada holds it, Bob waits, Dan is dismissed, Ina is inactive, Rob is removed.
fn lively() -> Story {
    let mut story = Story::with(seats(1)).joined(&["ada", "bob", "dan"]);
    story.dismiss("dan").unwrap();
    story.hears(created("ina").inactive());
    story.hears(deleted("rob"));
    story
}

fn archived() -> Story {
    let mut story = lively();
    story.organization_deleted(5_000);
    story
}

#[test]
fn a_deleted_organization_removes_everybody_and_admits_nobody_meanwhile() {
    let mut story = lively();

    let decision = story.organization_deleted(5_000);

    assert_eq!(decision.outcome, Outcome::Removed);
    assert_eq!(decision.transitions.iter().map(|step| step.user.as_str()).collect::<Vec<_>>(), ["ada", "bob", "dan"]);
    assert!(decision.transitions.iter().all(|step| step.to == Removed && step.reason == Reason::OrganizationDeleted));
    assert!(story.roster.people().all(|user| user.state == Removed));
    assert_eq!(story.counts(), (0, 0));
    assert!(story.roster.archived);
}

#[test]
fn news_of_an_archived_organization_is_recorded_as_such_and_changes_nothing() {
    let mut story = archived();
    let mut story = story.unchanged();

    for said in [created("new").active(), updated("ada").active(), deleted("ada")] {
        assert_eq!(story.outcome(said.at(6_000)), Outcome::Archived);
    }
}

#[test]
fn an_archived_organization_refuses_every_hand() {
    let mut story = archived();
    let mut story = story.unchanged();

    assert_eq!(story.admit("bob"), Err(Refusal::Archived));
    assert_eq!(story.dismiss("bob"), Err(Refusal::Archived));
    assert_eq!(story.move_to_front("bob"), Err(Refusal::Archived));
    assert_eq!(story.undo_dismiss("dan"), Err(Refusal::Archived));
    assert_eq!(story.does(&crate::domain::seats::Command::SetLimit(seats(9))), Err(Refusal::Archived));
}

#[test]
fn a_newer_organization_event_revives_without_a_limit_and_wants_a_resync() {
    let mut story = archived();

    let decision = story.organization_seen(6_000);

    assert_eq!((decision.outcome, decision.wants_resync), (Outcome::Updated, true));
    assert!(!story.roster.archived);
    assert_eq!((story.usage().limit, story.counts()), (NOT_SET, (0, 0)));
    assert_eq!(story.outcome(created("ada").active().at(7_000)), Outcome::Blocked);
    story.set(UNLIMITED);
    assert_eq!(story.seated(), ["ada"]);
}

#[test]
fn an_older_organization_event_does_not_revive() {
    let mut story = archived();

    let decision = story.unchanged().organization_seen(4_999);

    assert_eq!((decision.outcome, decision.wants_resync), (Outcome::Stale, false));
}

#[test]
fn at_the_same_moment_the_deletion_of_an_organization_wins() {
    let mut before = lively();
    before.organization_seen(5_000);
    before.organization_deleted(5_000);
    assert!(before.roster.archived);

    let mut after = archived();
    after.organization_seen(5_000);
    assert!(after.roster.archived);
}

#[test]
fn news_from_before_the_deletion_brings_nobody_back_after_the_revival() {
    let mut story = archived();
    story.organization_seen(6_000);

    for name in ["ada", "bob", "dan", "ina", "rob"] {
        assert_eq!(story.outcome(updated(name).active().at(4_000)), Outcome::Stale, "{name}");
    }
}

#[test]
fn an_organization_seen_again_changes_no_seat() {
    let mut story = lively();

    let decision = story.organization_seen(6_000);

    assert_eq!((decision.outcome, decision.wants_resync, decision.transitions), (Outcome::Updated, false, vec![]));
    assert_eq!((story.usage().limit, story.counts()), (seats(1), (1, 1)));
}

#[test]
fn a_deletion_older_than_later_news_of_the_organization_is_stale_and_wants_a_resync() {
    let mut story = lively();
    story.organization_seen(6_000);

    let decision = story.unchanged().organization_deleted(5_000);

    assert_eq!((decision.outcome, decision.wants_resync), (Outcome::Stale, true));
}

#[test]
fn the_same_or_an_older_deletion_of_an_archived_organization_is_stale_and_wants_no_resync() {
    for second in [5_000, 4_999] {
        let mut story = archived();

        let decision = story.unchanged().organization_deleted(second);

        assert_eq!((decision.outcome, decision.wants_resync), (Outcome::Stale, false));
    }
}
