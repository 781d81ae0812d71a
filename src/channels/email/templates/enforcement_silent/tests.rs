use super::*;
use crate::domain::{id::OrganizationId, invariant::Invariant};

#[test]
fn staff_read_what_was_found_and_where_to_look() {
    let finding = |n| {
        Finding {
        invariant: Invariant::Enforcement,
        organization: Some(OrganizationId::new(format!("org_{n}<b>"))),
        sentence: "every seat is taken, and none of the last 10 deliveries about its people was understood".to_owned(),
    }
    };

    let email = EnforcementSilent { found: vec![finding(1)] }.email("https://seats.example.com");
    let many = EnforcementSilent { found: (0..12).map(finding).collect() }
        .email("https://seats.example.com");

    assert_eq!(
        email.subject,
        "Seatkeeper may have stopped deciding: No person is refused at 1 full organization"
    );
    insta::assert_snapshot!(email.text, @"
    No person is refused at 1 full organization. Deliveries arrive, but Seatkeeper decides nothing:

    - org_1<b>: every seat is taken, and none of the last 10 deliveries about its people was understood.

    Check their latest deliveries first: if Scalekit has changed its events, Seatkeeper can admit and refuse no person until it understands them. All deliveries are kept.

    See what was found:
    https://seats.example.com/system

    You get this e-mail because you are on the staff. It comes once, and again only after something was decided.
    Change what you get: https://seats.example.com/preferences
    ");
    assert!(
        email.html.contains("org_1&#60;b&#62;")
            && email.html.contains("https://seats.example.com/system")
    );
    assert!(many.text.contains("- and 2 more\n") && !many.text.contains("org_10"), "{}", many.text);
}
