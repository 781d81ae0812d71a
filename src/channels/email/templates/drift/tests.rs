use super::*;
use crate::domain::{id::OrganizationId, invariant::Invariant};

#[test]
fn staff_read_what_was_found_and_where_to_look() {
    let finding = |n| Finding {
        invariant: Invariant::Counts,
        organization: Some(OrganizationId::new(format!("org_{n}<b>"))),
        sentence: "the stored counts are 5 used and 0 waiting, its people say 4 and 0".to_owned(),
    };

    let email = Drift { found: vec![finding(1)] }.email("https://seats.example.com");
    let many = Drift { found: (0..12).map(finding).collect() }.email("https://seats.example.com");

    assert_eq!(email.subject, "Seatkeeper’s numbers need your attention: 1 rule does not hold");
    insta::assert_snapshot!(email.text, @"
    1 rule does not hold. The check that compares every stored number with its rows has found:

    - org_1<b>: the stored counts are 5 used and 0 waiting, its people say 4 and 0.

    Seatkeeper continues with the stored numbers and has changed nothing. A person has changed rows by hand, or Seatkeeper has a bug. The page shows which rules still do not hold.

    See what was found:
    https://seats.example.com/system

    You get this e-mail because you are on the staff. It comes once, and again only after a check has found nothing.
    Change what you get: https://seats.example.com/preferences
    ");
    assert!(
        email.html.contains("org_1&#60;b&#62;")
            && email.html.contains("https://seats.example.com/system")
    );
    assert!(many.text.contains("- and 2 more\n") && !many.text.contains("org_10"), "{}", many.text);
}
