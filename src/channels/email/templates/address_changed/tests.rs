use super::*;

#[test]
fn the_old_address_learns_of_the_change_and_not_of_the_new_address() {
    let (email, at) = ("kim@acme.test".to_owned(), Timestamp::from_seconds(1_795_326_492));
    let email = AddressChanged { email, at }.email("https://seats.example.com");

    assert_eq!(email.subject, "The e-mail address of your Seatkeeper account was changed");
    insta::assert_snapshot!(email.text, @r"
    Your e-mail address was changed. The Seatkeeper account of kim@acme.test has another e-mail address since 22 Nov 2026, 05:48:12 UTC.

    If it was you, sign in with the new address from now on. If not, tell the people who run Seatkeeper at once: they can disable the account.

    Sign in:
    https://seats.example.com/sign-in

    You get this e-mail because your account had this address. It is the last one here.
    ");
}
