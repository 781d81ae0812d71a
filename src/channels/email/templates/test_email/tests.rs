use super::*;

#[test]
fn the_reader_knows_who_asked_and_that_there_is_nothing_to_do() {
    let (email, at) = ("sam@vendor.test".to_owned(), Timestamp::from_seconds(1_795_326_492));
    let email = TestEmail { email, at }.email("https://seats.example.com");

    assert_eq!(email.subject, "A test from Seatkeeper");
    insta::assert_snapshot!(email.text, @r"
    E-mails arrive. sam@vendor.test asked for this test at 22 Nov 2026, 05:48:12 UTC. E-mails of this Seatkeeper reach the address.

    There is nothing to do. If it is in the folder for unwanted e-mails, let the sender’s address through.

    See all messages:
    https://seats.example.com/messages

    You get this e-mail because you asked for it.
    ");
}
