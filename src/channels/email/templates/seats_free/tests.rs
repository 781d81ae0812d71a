use super::*;
use crate::domain::{id::DirectoryUserId, organization::SeatLimit};

fn email(admitted: i64, names: &[&str]) -> Email {
    let person = |name: &&str| WaitingPerson {
        id: DirectoryUserId::new("diruser_9"),
        name: Some((*name).to_owned()),
        email: None,
    };
    SeatsFree {
        organization: OrganizationId::new("org_17"),
        name: "Acme Robotics".to_owned(),
        usage: Usage { limit: SeatLimit::Seats(52), used: 51, waiting: 0 },
        admitted,
        first: names.iter().map(person).collect(),
        audience: Audience::TenantAdmins,
    }
    .email("https://seats.example.com")
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
    "#);
}
