use super::*;

fn email(receiver: FailingReceiver, tries: i64, last_error: &str) -> Email {
    ChannelFailing {
        receiver,
        since: Timestamp::from_seconds(1_795_326_492),
        tries,
        last_error: last_error.to_owned(),
    }
    .email("https://seats.example.com")
}

#[test]
fn staff_read_that_no_email_leaves() {
    let email = email(FailingReceiver::MailServer, 1_200, "Connection refused");

    assert_eq!(email.subject, "The mail server takes no e-mails");
    insta::assert_snapshot!(email.text, @r#"
    The mail server takes no e-mails: the last 1,200 tries failed, since 22 Nov 2026, 05:48:12 UTC. Connection refused.

    E-mails wait and leave as soon as it takes them again. What the server refused for good was given up: send it again on the page of the messages when the cause is gone.

    See the messages:
    https://seats.example.com/messages

    You get this e-mail because you are on the staff. It comes once until a message is taken again.
    Change what you get: https://seats.example.com/preferences
    "#);
}

#[test]
fn staff_read_that_their_slack_channel_is_silent() {
    let email = email(FailingReceiver::SlackOfStaff, 1, "The server answered 404: no_service.");

    insta::assert_snapshot!(email.text, @r#"
    The Slack channel of staff takes no posts: the last post failed, since 22 Nov 2026, 05:48:12 UTC. The server answered 404: no_service.

    Staff are notified by e-mail alone until it works. If its address has changed, set SEATKEEPER_SLACK_WEBHOOK to the new one and start Seatkeeper again.

    See the messages:
    https://seats.example.com/messages

    You get this e-mail because you are on the staff. It comes once until a message is taken again.
    Change what you get: https://seats.example.com/preferences
    "#);
}

#[test]
fn staff_read_which_customer_has_to_set_a_new_address() {
    let receiver = FailingReceiver::SlackOf {
        organization: OrganizationId::new("org_17"),
        name: "R&D <Labs>".to_owned(),
    };
    let email = email(receiver, 3, "The server answered 404: <b>no</b>.");

    insta::assert_snapshot!(email.text, @r#"
    The Slack channel of R&D <Labs> takes no posts: the last 3 tries failed, since 22 Nov 2026, 05:48:12 UTC. The server answered 404: <b>no</b>.

    The admins of R&D <Labs> are notified by e-mail alone until it works. If its address has changed, they or you set the new one in the settings.

    Open the settings:
    https://seats.example.com/organizations/org_17/settings

    You get this e-mail because you are on the staff. It comes once until a message is taken again.
    Change what you get: https://seats.example.com/preferences
    "#);
    assert!(email.html.contains("R&#38;D &#60;Labs&#62;") && !email.html.contains("<b>no"));
}
