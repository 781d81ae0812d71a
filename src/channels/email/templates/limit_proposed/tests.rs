use super::{super::samples::proposed, *};

#[test]
fn staff_read_who_proposes_what_and_why() {
    let email = LimitProposed { proposed: proposed() }.email("https://seats.example.com");

    assert_eq!(email.subject, "Northwind Robotics: 500 seats need a second person");
    insta::assert_snapshot!(email.text, @"
    Northwind Robotics: 500 seats need a second person. The plan has 50 seats, all taken.

    > Contract of 2027.

    Sam Rivera

    Nothing was changed yet. Any staff member but the one who proposed it can approve or reject it, until 29 Nov 2026, 05:48:12 UTC.

    Look at the proposal:
    https://seats.example.com/organizations/org_1001/proposals/lpr_01

    You get this e-mail because you are on the staff. It comes once for each proposal.
    Change what you get: https://seats.example.com/preferences
    ");
    insta::assert_snapshot!(email.brief.unwrap(), @"Northwind Robotics: 500 seats need a second person. The plan has 50 seats, all taken. “Contract of 2027.”");
}

#[test]
fn what_a_person_wrote_stays_text() {
    let mut proposed = proposed();
    proposed.reason = "<img src=x onerror=alert(1)>\nsecond\r\nBcc: all@example.com".to_owned();
    proposed.by = "Kim\r\n\r\nhttps://evil.test".to_owned();

    let email = LimitProposed { proposed }.email("https://seats.example.com");

    assert!(!email.html.contains("<img") && email.html.contains("&#60;img"), "{}", email.html);
    assert!(email.text.contains("> second\n> Bcc: all@example.com\n"), "{}", email.text);
    assert!(email.text.contains("Kim https://evil.test\n"), "{}", email.text);
}
