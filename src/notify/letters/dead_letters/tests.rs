use super::*;

#[test]
fn staff_read_what_could_not_be_taken() {
    let facts = DeadLetters {
        kind: "organization.directory.user_created".to_owned(),
        organization: Some("org_<17>".to_owned()),
        why: "The user has neither an id nor an e-mail address.".to_owned(),
    };

    let letter = facts.letter("https://seats.example.com");

    assert_eq!(letter.subject, "A webhook could not be taken");
    insta::assert_snapshot!(letter.text, @"
    A webhook could not be taken.

    The user has neither an id nor an e-mail address.

    Type: organization.directory.user_created
    Organization: org_<17>

    Nothing is lost: the webhook is kept as it came. When the cause is mended, replay it; it counts from the time it happened, and nobody else gets a mail of it unless you ask for that.

    See the dead letters:
    https://seats.example.com/deliveries?show=dead

    You get this mail because you are on the staff. It comes once when there are dead letters, not once for each of them.
    ");
    assert!(letter.html.contains("org_&#60;17&#62;") && !letter.html.contains("<17>"));
}

#[test]
fn what_nobody_could_read_is_said_to_be_so() {
    let facts = DeadLetters { kind: String::new(), organization: None, why: "The body is not JSON.".to_owned() };

    let letter = facts.letter("https://seats.example.com");

    assert!(letter.text.contains("Type: not readable\nOrganization: not readable"), "{}", letter.text);
}
