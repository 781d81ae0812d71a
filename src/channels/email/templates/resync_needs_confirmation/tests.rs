use super::*;
use crate::domain::{
    id::{OrganizationId, ResyncId},
    resync::{ResyncCause, ResyncCounts, ResyncState},
};

fn facts(warning: PlanWarning, counts: ResyncCounts) -> ResyncNeedsConfirmation {
    let at = Timestamp::from_seconds(1_795_326_492);
    let run = Resync {
        organization: OrganizationId::new("org_17"),
        id: ResyncId::new("rsn_01"),
        state: ResyncState::Waiting,
        dry_run: false,
        cause: ResyncCause::Schedule,
        by: None,
        created_at: at,
        started_at: Some(at),
        since: Some(at),
        planned_at: Some(at),
        finished_at: None,
        is_complete: true,
        listed: 900,
        total: Some(900),
        applied: 0,
        calls: 32,
        waits: None,
        set_aside: 0,
        counts,
        warning: Some(warning),
        confirmed_by: None,
        error: None,
        is_plan_gone: false,
    };
    ResyncNeedsConfirmation { name: "R&D <Labs>".to_owned(), run }
}

#[test]
fn those_who_may_confirm_read_what_the_plan_does_and_when_it_expires() {
    let counts =
        ResyncCounts { removed: 1_200, deactivated: 34, created: 3, ..ResyncCounts::default() };

    let email = facts(PlanWarning::RemovesMany, counts).email("https://seats.example.com");

    assert_eq!(email.subject, "R&D <Labs>: confirm a resync that takes 1,234 people away");
    insta::assert_snapshot!(email.text, @r#"
    A resync of R&D <Labs> (org_17) waits for a person to confirm its plan.

    Its plan takes 1,234 people away. That is more than usual. It may be right, or the directory lists fewer people than before.

    Nothing was changed yet, and webhooks are still processed. If no person confirms the plan, it expires on 29 Nov 2026, 05:48:12 UTC, and automatic resyncs go on.

    Look at the plan:
    https://seats.example.com/organizations/org_17/resyncs/rsn_01

    You get this e-mail because you may confirm resyncs of this organization. It comes once for a plan.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(email.html.contains("R&#38;D &#60;Labs&#62;") && !email.html.contains("<Labs>"));
    assert!(email.html.contains("https://seats.example.com/organizations/org_17/resyncs/rsn_01"));
}

#[test]
fn a_plan_that_adds_people_says_so() {
    let counts = ResyncCounts { created: 80, reactivated: 1, ..ResyncCounts::default() };

    let email = facts(PlanWarning::AddsMany, counts).email("https://seats.example.com");

    assert_eq!(email.subject, "R&D <Labs>: confirm a resync that adds 81 people");
    assert!(email.text.contains("Its plan adds 81 people. That is more than usual."));
}
