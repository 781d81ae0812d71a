use super::{super::samples::digest, *};

#[test]
fn a_person_with_one_organization_reads_what_happened_there() {
    let email = digest(Period::Daily).email("https://seats.example.com");

    assert_eq!(email.subject, "Northwind Robotics: daily digest");
    insta::assert_snapshot!(email.text, @r#"
    Your daily digest for Northwind Robotics. All 50 seats taken, 3 waiting.

    4 people got a seat, 3 people had to wait, 1 person gave a seat back.
    The seat limit was changed from 45 seats to 50 seats.
    3 people are waiting, first Ada Lovelace, Grace Hopper.
    Open alert: People are waiting.
    A request for 10 more seats waits.

    That is all.

    See the seats:
    https://seats.example.com/organizations/org_1001

    You get this e-mail because you chose a daily digest.
    Get no more digests: https://seats.example.com/unsubscribe/dGVzdA
    Change what you get: https://seats.example.com/preferences
    "#);
    assert_eq!(email.unsubscribe.as_deref(), Some("https://seats.example.com/unsubscribe/dGVzdA"));
}

#[test]
fn a_person_with_several_organizations_reads_how_many_there_are() {
    let mut digest = digest(Period::Weekly);
    let quiet = DigestSection {
        name: "Acme".to_owned(),
        alerts: Vec::new(),
        first: Vec::new(),
        forecast: None,
        limits: None,
        request: None,
        admitted: 1,
        blocked: 0,
        released: 0,
        ..digest.sections[0].clone()
    };
    digest.sections.push(quiet);
    digest.more = 3;

    let email = digest.email("https://seats.example.com");

    assert_eq!(email.subject, "Weekly digest of 2 organizations");
    assert!(email.text.contains("Something happened at 5 organizations."), "{}", email.text);
    assert!(email.text.contains("3 more are on the page."), "{}", email.text);
    let acme = "\n\nAcme\nAll 50 seats taken, 3 waiting.\n1 person got a seat.\n";
    assert!(email.text.contains(acme), "{}", email.text);
}

#[test]
fn a_quiet_organization_is_not_worth_telling() {
    let mut section = digest(Period::Daily).sections.remove(0);
    assert!(section.is_worth_telling());

    (section.admitted, section.blocked, section.released) = (0, 0, 0);
    (section.limits, section.request) = (None, None);
    section.alerts.clear();
    assert!(!section.is_worth_telling(), "its waitlist is as it was");
}
