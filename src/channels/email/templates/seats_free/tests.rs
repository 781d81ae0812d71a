use super::*;
use crate::domain::{id::DirectoryUserId, organization::SeatLimit};

fn day(day: i64) -> Timestamp {
    Day::new(20_000 + day).begins()
}

fn email(admitted: i64, names: &[&str]) -> Email {
    facts(admitted, names).email("https://seats.example.com")
}

fn facts(admitted: i64, names: &[&str]) -> SeatsFree {
    let person = |name: &&str| WaitingPerson {
        id: DirectoryUserId::new("diruser_9"),
        name: Some((*name).to_owned()),
        email: None,
    };
    SeatsFree {
        organization: OrganizationId::new("org_17"),
        name: "Acme Robotics".to_owned(),
        usage: Usage { limit: SeatLimit::Seats(52), used: 51, waiting: 0 },
        waited: (day(0), day(0)),
        admitted,
        first: names.iter().map(person).collect(),
        audience: Audience::TenantAdmins,
    }
}

#[test]
fn those_who_waited_for_days_are_counted_since_the_first_day() {
    let facts = SeatsFree { waited: (day(0), day(11)), ..facts(4, &["Ada"]) };

    let text = facts.email("https://seats.example.com").text;

    assert!(text.contains("4 people got in from the waitlist since 4 Oct."), "{text}");
}

#[test]
fn readers_without_an_account_have_nothing_to_choose() {
    let facts = SeatsFree { audience: Audience::ExtraRecipients, ..facts(1, &["Ada"]) };

    let email = facts.email("https://seats.example.com");

    assert!(!email.text.contains("/preferences") && !email.html.contains("/preferences"));
}

#[test]
fn admins_read_who_got_in() {
    let email = email(3, &["Ada Lovelace", "Bob <b>"]);

    assert_eq!(email.subject, "Acme Robotics: the waitlist is empty, 3 people got in");
    insta::assert_snapshot!(email.text, @r#"
    The waitlist is empty at Acme Robotics. 3 people got in from the waitlist. The plan has 52 seats, 1 of them free.

    Got in:
    1. Ada Lovelace
    2. Bob <b>
    and 1 more

    You need to do nothing. When all seats are taken and a person has to wait again, you get a new e-mail.

    See the seats:
    https://seats.example.com/organizations/org_17

    You get this e-mail because you were notified that people waited.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(email.html.contains("Bob &#60;b&#62;") && !email.html.contains("<b>"));
}

#[test]
fn people_who_left_the_waitlist_did_not_get_in() {
    let email = email(0, &[]);

    assert_eq!(email.subject, "Acme Robotics: the waitlist is empty");
    insta::assert_snapshot!(email.text, @r#"
    The waitlist is empty at Acme Robotics. The people who waited have left the waitlist without a seat. The plan has 52 seats, 1 of them free.

    You need to do nothing. When all seats are taken and a person has to wait again, you get a new e-mail.

    See the seats:
    https://seats.example.com/organizations/org_17

    You get this e-mail because you were notified that people waited.
    Change what you get: https://seats.example.com/preferences
    "#);
}
