use super::*;
use crate::domain::organization::SeatLimit;

fn email(limit: i64, used: i64) -> Email {
    facts(limit, used, Audience::TenantAdmins).email("https://seats.example.com")
}

fn facts(limit: i64, used: i64, audience: Audience) -> SeatUsageHigh {
    SeatUsageHigh {
        organization: OrganizationId::new("org_17"),
        name: "R&D <Labs>".to_owned(),
        usage: Usage { limit: SeatLimit::Seats(limit), used, waiting: 0 },
        audience,
    }
}

#[test]
fn admins_read_how_many_seats_are_left() {
    let email = email(50, 42);

    assert_eq!(email.subject, "R&D <Labs>: 8 seats are left");
    insta::assert_snapshot!(email.text, @r#"
    8 seats are left at R&D <Labs>. The plan has 50 seats, 8 of them free.

    When all seats are taken, the next people from your directory have to wait. To keep seats free, deactivate people who no longer need one, or ask for more seats: https://seats.example.com/organizations/org_17/requests/new

    See who has a seat:
    https://seats.example.com/organizations/org_17/people

    You get this e-mail because you are an admin of R&D <Labs>. It comes once when the usage gets this high, not for each person.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(email.html.contains("R&#38;D &#60;Labs&#62;") && !email.html.contains("<Labs>"));
    assert!(email.html.contains("https://seats.example.com/organizations/org_17/people"));
}

#[test]
fn the_last_seats_are_counted_as_people_say_it() {
    assert_eq!(email(10, 9).subject, "R&D <Labs>: 1 seat is left");
    assert_eq!(email(10, 10).subject, "R&D <Labs>: no seat is left");
    assert_eq!(email(20_000, 16_000).subject, "R&D <Labs>: 4,000 seats are left");
}

#[test]
fn staff_read_that_the_settings_say_so() {
    let email = facts(50, 42, Audience::Staff).email("https://seats.example.com");

    insta::assert_snapshot!(email.text, @r#"
    8 seats are left at R&D <Labs>. The plan has 50 seats, 8 of them free.

    When all seats are taken, the next people from the directory of R&D <Labs> have to wait.

    See who has a seat:
    https://seats.example.com/organizations/org_17/people

    You get this e-mail because you are on the staff, as the settings say; the admins of R&D <Labs> get it, too. It comes once when the usage gets this high, not for each person.
    Change what you get: https://seats.example.com/preferences
    "#);
}
