use super::*;
use crate::domain::{
    id::{OrganizationId, ResyncId},
    resync::{ResyncCause, ResyncCounts, ResyncState},
    time::Timestamp,
};

/// A run that failed while it listed the directory.
fn failed() -> Resync {
    let at = Timestamp::from_seconds(1_795_326_492);
    Resync {
        organization: OrganizationId::new("org_17"),
        id: ResyncId::new("rsn_01"),
        state: ResyncState::Failed,
        dry_run: false,
        cause: ResyncCause::Schedule,
        by: None,
        created_at: at,
        started_at: Some(at),
        since: Some(at),
        planned_at: None,
        finished_at: Some(at),
        is_complete: false,
        listed: 0,
        total: None,
        applied: 0,
        calls: 3,
        waits: None,
        set_aside: 0,
        counts: ResyncCounts::default(),
        warning: None,
        confirmed_by: None,
        error: Some((
            "NOT_FOUND".to_owned(),
            "Scalekit said no:\n organization not found".to_owned(),
        )),
        is_plan_gone: false,
    }
}

/// The same run, after it applied a plan for 1,200 people to so many of them.
fn failed_after(applied: i64) -> Resync {
    let counts = ResyncCounts { created: 1_150, removed: 50, ..ResyncCounts::default() };
    let error =
        Some(("INTERNAL".to_owned(), "Seatkeeper itself failed; the log says why.".to_owned()));
    let run = failed();
    Resync { planned_at: run.started_at, counts, applied, error, ..run }
}

fn email(run: Resync, nightly: bool) -> Email {
    ResyncFailed { name: "R&D <Labs>".to_owned(), run, nightly }.email("https://seats.example.com")
}

#[test]
fn staff_read_what_scalekit_said() {
    let email = email(failed(), true);

    assert_eq!(email.subject, "R&D <Labs> could not be compared with its directory: NOT_FOUND");
    insta::assert_snapshot!(email.text, @r#"
    R&D <Labs> (org_17) could not be compared with its directory.

    Scalekit said no: organization not found (NOT_FOUND)

    No person was changed, and webhooks are still processed. Seatkeeper tries again automatically, at the latest tomorrow night.

    Look at the organization:
    https://seats.example.com/organizations/org_17

    You get this e-mail because you are on the staff. It comes once, until a comparison works again.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(email.html.contains("R&#38;D &#60;Labs&#62;") && !email.html.contains("<Labs>"));
}

#[test]
fn a_plan_that_was_applied_in_part_is_not_called_nothing() {
    let email = email(failed_after(500), true);

    insta::assert_snapshot!(email.text, @r#"
    R&D <Labs> (org_17) could not be compared with its directory.

    Seatkeeper itself failed; the log says why. (INTERNAL)

    A part of the plan was applied, for 500 of 1,200 people, and stays applied. Webhooks are still processed. Seatkeeper tries again automatically, at the latest tomorrow night.

    Look at the organization:
    https://seats.example.com/organizations/org_17

    You get this e-mail because you are on the staff. It comes once, until a comparison works again.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(
        email.html.contains(
            "A part of the plan was applied, for 500 of 1,200 people, and stays applied."
        ),
        "{}",
        email.html
    );
}

#[test]
fn a_plan_that_reached_no_person_may_have_changed_groups() {
    let text = email(failed_after(0), true).text;

    assert!(text.contains("No person was changed, but directories and groups may have been. Webhooks are still processed."), "{text}");
}

#[test]
fn without_nightly_resyncs_none_is_promised() {
    let email = email(failed(), false);

    for body in [&email.text, &email.html] {
        assert!(!body.contains("automatically"), "{body}");
        assert!(
            body.contains("Nightly resyncs are switched off: start a resync on the page of the organization when the cause is gone."),
            "{body}"
        );
    }
}
