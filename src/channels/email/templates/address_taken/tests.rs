use super::*;

#[test]
fn the_owner_learns_that_nothing_was_changed() {
    let email = AddressTaken { email: "kim@acme.test".to_owned() };
    let email = email.email("https://seats.example.com");

    assert_eq!(email.subject, "Your address was entered in Seatkeeper again");
    insta::assert_snapshot!(email.text, @r"
    Your address was entered again. Another Seatkeeper account asked to use kim@acme.test, which is the address of yours.

    Nothing was changed, and the other account was not told that you have one. If it was you, sign in with this address.

    Sign in:
    https://seats.example.com/sign-in

    You get this e-mail because your address was entered in Seatkeeper.
    ");
}
