//! The texts about a resync in every state.

use std::time::Duration;

use domain::{
    directory::PlanWarning,
    id::{OrganizationId, ResyncId},
    resync::{Resync, ResyncCause, ResyncCounts, ResyncState, WaitCause, WaitingFor},
    time::Timestamp,
};
use views::resyncs::Progress;

use super::{failure::next, words};

fn run(state: ResyncState, dry_run: bool, counts: ResyncCounts) -> Resync {
    let at = Some(Timestamp::from_seconds(1_000));
    Resync {
        organization: OrganizationId::new("org_1"),
        id: ResyncId::new("rsn_1"),
        state,
        dry_run,
        cause: ResyncCause::Schedule,
        by: None,
        created_at: Timestamp::from_seconds(1_000),
        started_at: at,
        since: at,
        planned_at: at,
        finished_at: at,
        is_complete: true,
        listed: 120,
        total: Some(600),
        applied: 0,
        calls: 7,
        waits: None,
        set_aside: 0,
        counts,
        warning: None,
        confirmed_by: None,
        error: None,
        is_plan_gone: false,
    }
}

#[test]
fn what_came_of_it_is_one_sentence() {
    let counts = ResyncCounts { created: 1_200, updated: 3, removed: 1, ..ResyncCounts::default() };
    let sentence = |state, dry_run, counts| words::sentence(&run(state, dry_run, counts));

    assert_eq!(
        sentence(ResyncState::Done, false, counts),
        "1,200 people created, 3 updated and 1 removed."
    );
    assert_eq!(
        sentence(ResyncState::Done, true, counts),
        "1,200 people would be created, 3 updated and 1 removed. Nothing was changed."
    );
    assert_eq!(
        sentence(ResyncState::Done, true, ResyncCounts { groups: 2, ..ResyncCounts::default() }),
        "2 groups would be changed. Nothing was changed."
    );
    assert_eq!(
        sentence(ResyncState::Done, false, ResyncCounts::default()),
        "Nothing differs. 120 people were compared."
    );
    assert_eq!(
        sentence(ResyncState::Waiting, false, counts),
        "Takes 1 person away, and waits for a person to confirm it."
    );
    assert_eq!(
        sentence(ResyncState::Cancelled, false, counts),
        "Cancelled. No person was changed."
    );
    let unplanned =
        Resync { planned_at: None, ..run(ResyncState::Failed, false, ResyncCounts::default()) };
    assert_eq!(words::sentence(&unplanned), "Failed. Nothing was changed.");
    let waited = Resync {
        warning: Some(PlanWarning::RemovesMany),
        ..run(ResyncState::Cancelled, false, counts)
    };
    assert_eq!(words::sentence(&waited), "Cancelled. Nothing was changed.");
    let confirmed = Resync { confirmed_by: Some("Sam".to_owned()), ..waited };
    assert_eq!(words::sentence(&confirmed), "Cancelled. No person was changed.");
    let half = Resync { applied: 40, ..run(ResyncState::Cancelled, false, counts) };
    assert_eq!(
        words::sentence(&half),
        "Cancelled after 40 of 1,204 people; those stay as they are now."
    );
}

#[test]
fn a_plan_with_a_warning_says_what_it_is_about_and_one_that_ended_by_itself_says_why() {
    let counts = ResyncCounts { created: 80, reactivated: 1, ..ResyncCounts::default() };
    let adds =
        Resync { warning: Some(PlanWarning::AddsMany), ..run(ResyncState::Waiting, false, counts) };
    assert_eq!(words::sentence(&adds), "Adds 81 people, and waits for a person to confirm it.");

    let sentence = "No person confirmed the plan within 7 days, so it expired.".to_owned();
    let expired = Resync {
        state: ResyncState::Cancelled,
        error: Some((Resync::EXPIRED.to_owned(), sentence)),
        ..adds
    };
    assert_eq!(words::sentence(&expired), "Expired. Nothing was changed.");
}

#[test]
fn a_run_that_waits_says_what_for_and_until_when() {
    let progress = Progress { done: 120, total: Some(600), pace: None, left: None };
    let waits = |cause| {
        let waits = Some(WaitingFor { cause, until: Timestamp::from_seconds(38_520) });
        words::progress(
            &Resync { waits, ..run(ResyncState::Listing, false, ResyncCounts::default()) },
            &progress,
        )
        .1
    };

    assert_eq!(
        waits(WaitCause::RateLimit),
        "Scalekit allows only a few calls a minute; the next call is at 10:42:00 UTC."
    );
    assert_eq!(
        waits(WaitCause::Unavailable),
        "Scalekit does not answer; the next try is at 10:42:00 UTC."
    );
}

#[test]
fn progress_says_how_far_how_fast_and_how_long_still() {
    let sentence =
        |state, progress| words::progress(&run(state, false, ResyncCounts::default()), &progress);
    let listing = Progress {
        done: 120,
        total: Some(600),
        pace: Some(30),
        left: Some(Duration::from_secs(16)),
    };

    assert_eq!(
        sentence(ResyncState::Listing, listing),
        ("120 of 600 people listed".to_owned(), "30 people a second, about 16 s left".to_owned())
    );
    let unknown = Progress { total: None, left: None, ..listing };
    let says = "30 people a second. Scalekit does not say how many there are.".to_owned();
    assert_eq!(sentence(ResyncState::Listing, unknown), ("120 people listed".to_owned(), says));
    let begun = Progress { done: 0, total: None, pace: None, left: None };
    assert_eq!(sentence(ResyncState::Listing, begun).0, "Asking Scalekit");
    assert_eq!(sentence(ResyncState::Queued, begun).0, "Waiting for its turn");
    let applying = Progress {
        done: 40,
        total: Some(100),
        pace: Some(400),
        left: Some(Duration::from_millis(150)),
    };
    assert_eq!(sentence(ResyncState::Applying, applying).1, "400 people a second, about 1 s left");
}

#[test]
fn a_duration_is_written_in_words() {
    let span = |millis| words::span(Duration::from_millis(millis));
    assert_eq!(
        [
            span(40),
            span(420),
            span(3_000),
            span(12_700),
            span(185_000),
            span(120_000),
            span(7_500_000)
        ],
        ["under 0.1 s", "0.4 s", "3 s", "12 s", "3 min 5 s", "2 min", "2 h 5 min"]
    );
}

#[test]
fn a_failure_says_what_to_do_to_the_person_who_can_do_it() {
    assert!(next("invalid_client", true).contains("SCALEKIT_CLIENT_SECRET"));
    assert!(next("NOT_FOUND", true).contains("does not know this organization"));
    assert!(next("DIRECTORY_DISABLED", true).contains("in Scalekit"));
    assert!(next("INCOMPLETE_LIST", true).contains("support"));
    assert!(next("TIMEOUT", true).contains("in a few minutes"));
    assert!(next("NO_PROGRESS", true).contains("log"));
    for code in [
        "invalid_client",
        "NOT_FOUND",
        "DIRECTORY_DISABLED",
        "UNUSABLE_ANSWER",
        "TIMEOUT",
        "INTERNAL",
        "NO_PROGRESS",
    ] {
        assert!(
            !next(code, false).contains("SCALEKIT_") && !next(code, false).contains("log"),
            "{code}"
        );
    }
}
