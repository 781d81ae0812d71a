//! An organization is created, deleted and restored.

use super::story::{NOT_SET, Story, UNLIMITED, created, deleted, seats, updated};
use crate::{
    decision::{Outcome, Reason},
    directory_user::SeatState::{Blocked, Inactive, Removed},
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
fn a_deleted_organization_removes_every_user_and_admits_none_meanwhile() {
    let mut story = lively();

    let decision = story.organization_deleted(5_000);

    assert_eq!(decision.outcome, Outcome::Removed);
    assert_eq!(
        decision.transitions.iter().map(|step| step.user.as_str()).collect::<Vec<_>>(),
        ["ada", "bob", "dan"]
    );
    assert!(
        decision
            .transitions
            .iter()
            .all(|step| step.to == Removed && step.reason == Reason::OrganizationDeleted)
    );
    assert!(story.roster.people().all(|user| user.state == Removed));
    assert_eq!(story.counts(), (0, 0));
    assert!(story.roster.archived);
}

#[test]
fn an_update_of_an_archived_organization_is_recorded_as_such_and_gives_no_seat() {
    let mut story = archived();

    for said in [created("new").active(), updated("ada").active(), deleted("ada")] {
        let decision = story.hears(said.at(6_000));

        assert_eq!((decision.outcome, decision.transitions), (Outcome::Archived, vec![]));
        assert!(story.roster.people().all(|user| user.state == Removed));
        assert_eq!(story.counts(), (0, 0));
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
    assert_eq!(story.does(&crate::seats::Command::SetLimit(seats(9))), Err(Refusal::Archived));
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
fn an_update_from_before_the_deletion_brings_no_user_back_after_the_revival() {
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

    assert_eq!(
        (decision.outcome, decision.wants_resync, decision.transitions),
        (Outcome::Updated, false, vec![])
    );
    assert_eq!((story.usage().limit, story.counts()), (seats(1), (1, 1)));
}

#[test]
fn a_deletion_older_than_later_events_ends_what_was_before_it_and_wants_a_resync() {
    let mut story = lively();
    story.organization_seen(6_000);

    let decision = story.organization_deleted(5_000);

    assert_eq!((decision.outcome, decision.wants_resync), (Outcome::Removed, true));
    assert!(
        decision
            .transitions
            .iter()
            .all(|step| step.to == Removed && step.reason == Reason::OrganizationDeleted)
    );
    assert!(story.roster.people().all(|user| user.state == Removed));
    assert_eq!(
        (story.usage().limit, story.counts(), story.roster.archived),
        (NOT_SET, (0, 0), false)
    );
}

#[test]
fn an_update_from_after_the_revival_counts_when_the_revival_arrives() {
    let mut story = Story::with(seats(1)).joined(&["old"]);
    story.organization_deleted(1_100);
    for said in [
        created("new").active().at(1_300),
        created("off").inactive().at(1_300),
        created("between").active().at(1_150),
    ] {
        assert_eq!(story.outcome(said), Outcome::Archived);
    }
    story.passes(1_000);

    let decision = story.organization_seen(1_200);

    let steps: Vec<_> = decision
        .transitions
        .iter()
        .map(|step| (step.user.as_str(), step.to, step.reason))
        .collect();
    assert_eq!(steps, [("new", Blocked, Reason::OrganizationRestored)]);
    assert_eq!(
        ["old", "new", "off", "between"].map(|name| story.state(name)),
        [Removed, Blocked, Inactive, Removed].map(Some)
    );
    assert_eq!(story.outcome(updated("between").active().at(1_400)), Outcome::Blocked);
}

#[test]
fn an_older_event_of_the_new_life_brings_in_who_came_after_it() {
    let mut story = Story::with(seats(1));
    story.organization_deleted(1_100);
    story.passes(1_000);
    story.organization_seen(1_300);
    assert_eq!(story.outcome(created("ada").active().at(1_200)), Outcome::Updated);

    let decision = story.organization_seen(1_150);

    assert_eq!((decision.outcome, decision.wants_resync), (Outcome::Updated, false));
    assert_eq!(story.line(), ["ada"]);
}

#[test]
fn an_old_event_shows_that_a_user_was_there_when_the_organization_was_deleted() {
    let mut story = Story::with(seats(5));
    story.organization_deleted(500);
    story.organization_seen(600);
    assert_eq!(
        story.outcome(updated("ada").at(700)),
        Outcome::Blocked,
        "not known before, so active"
    );
    assert_eq!(
        story.outcome(updated("bob").at(550)),
        Outcome::Updated,
        "the organization did not exist"
    );

    assert_eq!(
        ["ada", "bob"].map(|name| story.outcome(updated(name).at(400))),
        [Outcome::Removed, Outcome::Updated]
    );

    assert_eq!(["ada", "bob"].map(|name| story.state(name)), [Some(Removed); 2]);
    assert_eq!(
        ["ada", "bob"].map(|name| story.unchanged().outcome(updated(name).at(400))),
        [Outcome::Stale; 2]
    );
}

#[test]
fn a_limit_belongs_to_the_life_in_which_it_was_set() {
    for is_late in [false, true] {
        let mut story = Story::with(seats(5));
        story.passes(1_000);
        story.set(seats(7));
        let set_at = story.now();
        if is_late {
            story.organization_seen(set_at + 20);
        }
        story.organization_deleted(set_at + 10);
        story.organization_seen(set_at + 20);
        assert_eq!(story.usage().limit, NOT_SET, "set before the deletion");

        let mut story = Story::with(seats(5));
        story.passes(1_000);
        story.set(seats(7));
        let set_at = story.now();
        if is_late {
            story.organization_seen(set_at - 10);
        }
        story.organization_deleted(set_at - 20);
        story.organization_seen(set_at - 10);
        assert_eq!(story.usage().limit, seats(7), "set after the deletion, which was not known");
    }
}

#[test]
fn a_clock_that_is_ahead_hides_no_listing_that_is_asked_for_after_the_revival() {
    let mut ahead = Story::with(UNLIMITED);
    ahead.organization_deleted(900);
    ahead.organization_seen(ahead.now() + 120);

    let asked_at = ahead.now() + 1;

    assert_eq!(ahead.outcome(updated("ada").active().at(asked_at)), Outcome::Blocked);
}

#[test]
fn the_same_or_an_older_deletion_of_an_archived_organization_is_stale_and_wants_no_resync() {
    for second in [5_000, 4_999] {
        let mut story = archived();

        let decision = story.unchanged().organization_deleted(second);

        assert_eq!((decision.outcome, decision.wants_resync), (Outcome::Stale, false));
    }
}

#[test]
fn a_person_ends_an_organization_as_scalekit_does_and_the_reason_says_who() {
    let (mut by_hand, mut deleted) = (lively(), lively());

    let decision = by_hand.organization_archived(5_000);

    let reasons: Vec<_> = decision.transitions.iter().map(|step| step.reason).collect();
    assert_eq!(reasons, [Reason::OrganizationArchived; 3]);
    assert_eq!(decision.outcome, deleted.organization_deleted(5_000).outcome);
    assert_eq!((by_hand.counts(), by_hand.roster.archived), (deleted.counts(), true));
    assert_eq!(by_hand.usage().limit, NOT_SET);
    assert!(by_hand.roster.deleted_by_hand && !deleted.roster.deleted_by_hand);
}

#[test]
fn a_late_event_does_not_revive_what_a_person_has_archived_and_a_newer_one_does() {
    let mut story = lively();
    story.organization_archived(5_000);

    for late in [4_000, 5_000] {
        story.organization_seen(late);
        assert!(story.roster.archived, "{late}");
    }
    story.hears(created("new").active().at(4_000));
    assert_eq!(story.counts(), (0, 0));

    story.organization_seen(6_000);
    assert!(!story.roster.archived);
    assert_eq!(story.outcome(updated("ada").active().at(7_000)), Outcome::Blocked);
}

#[test]
fn the_newest_deletion_says_whether_a_person_ended_the_organization() {
    let mut story = lively();
    story.organization_archived(5_000);
    story.organization_deleted(4_000);
    assert!(story.roster.deleted_by_hand, "an older deletion changes nothing");

    story.organization_deleted(6_000);
    assert!(story.roster.archived && !story.roster.deleted_by_hand);
}
