use super::*;
use crate::domain::organization::SeatLimit;

fn email(audience: Audience, used: i64) -> Email {
    OverLimit {
        organization: OrganizationId::new("org_17"),
        name: "Acme Robotics".to_owned(),
        usage: Usage { limit: SeatLimit::Seats(40), used, waiting: 2 },
        audience,
    }
    .email("https://seats.example.com")
}

#[test]
fn admins_read_what_brings_them_below_the_limit() {
    let email = email(Audience::TenantAdmins, 48);

    assert_eq!(email.subject, "Acme Robotics: 8 seats over the limit");
    insta::assert_snapshot!(email.text, @r#"
    8 seats over the limit at Acme Robotics. The plan has 40 seats, and 48 are taken: 8 over.

    The limit was lowered below the number of used seats. No person lost a seat, but no person gets in until the usage is below the limit. Deactivate 8 people in your directory, or ask for more seats: https://seats.example.com/organizations/org_17/requests/new

    See the seats:
    https://seats.example.com/organizations/org_17

    You get this e-mail because you are an admin of Acme Robotics. It comes once until the usage is within the limit.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(email.html.contains("https://seats.example.com/organizations/org_17"));
}

#[test]
fn staff_read_that_they_and_the_customer_must_agree() {
    let email = email(Audience::Staff, 41);

    assert_eq!(email.subject, "Acme Robotics: 1 seat over the limit");
    insta::assert_snapshot!(email.text, @r#"
    1 seat over the limit at Acme Robotics. The plan has 40 seats, and 41 are taken: 1 over.

    The limit was lowered below the number of used seats. No person lost a seat, but no person gets in until the usage is below the limit. Agree with Acme Robotics on more seats, or on who gives a seat back.

    See the seats:
    https://seats.example.com/organizations/org_17

    You get this e-mail because you are on the staff. It comes once until the usage is within the limit.
    Change what you get: https://seats.example.com/preferences
    "#);
}
