use super::*;

#[test]
fn the_owner_reads_what_changed_and_what_to_do_if_it_was_another_person() {
    let (email, at) = ("kim@acme.test".to_owned(), Timestamp::from_seconds(1_795_326_492));
    let what = FactorMessage::AppAdded;
    let email = FactorChanged { email, what, at }.email("https://seats.example.com");

    assert_eq!(email.subject, "Seatkeeper: an authenticator app was added to your account");
    insta::assert_snapshot!(email.text, @r"
    An authenticator app was added to your account. Signing in needs a code of the app from now on: it was added at 22 Nov 2026, 05:48:12 UTC, for the Seatkeeper account of kim@acme.test.

    If it was you, there is nothing to do. If not, set another password now, which ends all sessions of your account, and tell the people who run Seatkeeper.

    Set another password:
    https://seats.example.com/reset-password

    You get this e-mail because the second step of your sign-in was changed or replaced.
    ");
}
