use super::*;

#[test]
fn staff_read_what_could_not_be_taken() {
    let facts = DeadLetters {
        kind: "organization.directory.user_created".to_owned(),
        organization: Some("org_<17>".to_owned()),
        why: "The user has neither an id nor an e-mail address.".to_owned(),
    };

    let email = facts.email("https://seats.example.com");

    assert_eq!(email.subject, "A webhook could not be processed");
    insta::assert_snapshot!(email.text, @"
    A webhook could not be processed.

    The user has neither an id nor an e-mail address.

    Type: organization.directory.user_created
    Organization: org_<17>

    Nothing is lost: the webhook is stored unchanged. Fix the cause, then replay it. The replay uses the original time of the event, and sends no other e-mails unless you ask for them.

    See the dead letters:
    https://seats.example.com/deliveries?show=dead

    You get this e-mail because you are on the staff. It comes once when there are dead letters, not once for each of them.
    Change what you get: https://seats.example.com/preferences
    ");
    assert!(email.html.contains("org_&#60;17&#62;") && !email.html.contains("<17>"));
}

#[test]
fn a_body_that_could_not_be_read_is_reported_as_such() {
    let facts = DeadLetters {
        kind: String::new(),
        organization: None,
        why: "The body is not JSON.".to_owned(),
    };

    let email = facts.email("https://seats.example.com");

    assert!(
        email.text.contains("Type: not readable\nOrganization: not readable"),
        "{}",
        email.text
    );
}
