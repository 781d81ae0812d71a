use super::*;

#[test]
fn the_owner_reads_when_it_was_and_what_to_do_if_it_was_another_person() {
    let (email, at) = ("kim@acme.test".to_owned(), Timestamp::from_seconds(1_795_326_492));
    let email = PasswordChanged { email, at }.email("https://seats.example.com");

    assert_eq!(email.subject, "Your Seatkeeper password was changed");
    insta::assert_snapshot!(email.text, @r"
    Your password was changed. The Seatkeeper account of kim@acme.test has a new password since 22 Nov 2026, 05:48:12 UTC.

    If it was you, there is nothing to do. If not, set another password now: that ends all sessions of your account.

    Set another password:
    https://seats.example.com/reset-password

    You get this e-mail because your password was changed.
    ");
}
