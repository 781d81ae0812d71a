use super::*;

fn facts(name: &str) -> AddressConfirm {
    let (until, token) = (Timestamp::from_seconds(1_795_326_492), "dGVzdA".to_owned());
    AddressConfirm { name: name.to_owned(), email: "kim@new.test".to_owned(), until, token }
}

#[test]
fn the_reader_learns_who_asks_and_how_long_the_link_works() {
    let email = facts("Kim Park").email("https://seats.example.com");

    assert_eq!(email.subject, "Confirm your e-mail address for Seatkeeper");
    insta::assert_snapshot!(email.text, @r"
    Confirm your e-mail address. Kim Park wants to use kim@new.test for the Seatkeeper account of that name.

    The link works once, until 22 Nov 2026, 05:48:12 UTC. If you do not know about it, do nothing: the address is not used then.

    Confirm this address:
    https://seats.example.com/confirm-address/dGVzdA

    You get this e-mail because your address was entered in Seatkeeper.
    ");
}

#[test]
fn a_name_stays_text_on_one_line() {
    let email =
        facts("<b>Kim</b>\n\nYou won: https://evil.test").email("https://seats.example.com");

    assert!(email.html.contains("&#60;b&#62;Kim") && !email.html.contains("<b>"));
    assert!(!email.text.contains("\nYou won"));
}
