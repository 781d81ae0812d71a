use super::*;

fn facts(email: &str) -> PasswordReset {
    let (until, token) = (Timestamp::from_seconds(1_795_326_492), "dGVzdA".to_owned());
    PasswordReset { email: email.to_owned(), until, token }
}

#[test]
fn the_owner_reads_how_long_the_link_works_and_what_happens_without_it() {
    let email = facts("kim@acme.test").email("https://seats.example.com");

    assert_eq!(email.subject, "Set a new password for Seatkeeper");
    insta::assert_snapshot!(email.text, @r"
    Set a new password. A new password was asked for, for the Seatkeeper account of kim@acme.test.

    The link works once, until 22 Nov 2026, 05:48:12 UTC. If you did not ask for it, do nothing: your password stays as it is.

    Set a new password:
    https://seats.example.com/reset-password/dGVzdA

    You get this e-mail because a new password was asked for, for your account.
    ");
}

#[test]
fn an_address_stays_text() {
    let email = facts("<b>kim</b>\n\nBcc: all@evil.test").email("https://seats.example.com");

    assert!(email.html.contains("&#60;b&#62;kim") && !email.html.contains("<b>"));
    assert!(!email.text.contains("\nBcc:"));
}
