use super::{super::samples::asked_for, *};

#[test]
fn staff_read_who_asks_for_what_and_why() {
    let email = SeatRequestReceived { asked: asked_for() }.email("https://seats.example.com");

    assert_eq!(email.subject, "Northwind Robotics asks for 10 more seats");
    insta::assert_snapshot!(email.text, @r#"
    Northwind Robotics asks for 10 more seats. The plan has 50 seats, all taken.

    > Two teams start in May.

    Kim Park

    For Ada Lovelace and Grace Hopper.

    If you approve it, the limit becomes 60 seats and the waitlist moves up. You can also ask back or decline; the answer goes to the admins of the organization.

    Answer the request:
    https://seats.example.com/organizations/org_1001/requests/srq_01

    You get this e-mail because you are on the staff. It comes once for each request.
    Change what you get: https://seats.example.com/preferences
    "#);
    insta::assert_snapshot!(email.brief.unwrap(), @r#"Northwind Robotics asks for 10 more seats. The plan has 50 seats, all taken. “Two teams start in May.”"#);
    assert!(email.html.contains("Two teams start in May."));
}

#[test]
fn what_a_person_wrote_stays_text() {
    let mut asked = asked_for();
    asked.reason = "<img src=x onerror=alert(1)>\nsecond\r\nBcc: all@example.com".to_owned();
    asked.asked_by = "Kim\r\n\r\nhttps://evil.test".to_owned();

    let email = SeatRequestReceived { asked }.email("https://seats.example.com");

    assert!(!email.html.contains("<img") && email.html.contains("&#60;img"), "{}", email.html);
    assert!(email.text.contains("> second\n> Bcc: all@example.com\n"), "{}", email.text);
    assert!(email.text.contains("Kim https://evil.test\n"), "{}", email.text);
}
