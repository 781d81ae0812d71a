use super::*;

fn parse(text: &str) -> Option<SlackWebhook> {
    SlackWebhook::parse(text, AllowedAddresses::Public)
}

#[test]
fn an_address_is_https_and_never_shown_whole() {
    let webhook = parse(" https://hooks.slack.com/services/T0/B0/secret ").unwrap();

    assert_eq!(webhook.as_str(), "https://hooks.slack.com/services/T0/B0/secret");
    assert_eq!(format!("{webhook:?} {}", webhook.shown()).matches("secret").count(), 0);
    for bad in [
        "",
        "hooks.slack.com/services",
        "http://hooks.slack.com/services/T0/B0/secret",
        "https://user:password@hooks.slack.com/",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "ftp://hooks.slack.com/",
        "javascript:alert(1)",
        &format!("https://hooks.slack.com/{}", "x".repeat(500)),
    ] {
        assert_eq!(parse(bad), None, "{bad}");
    }
    let private = |text| SlackWebhook::parse(text, AllowedAddresses::Private);
    assert!(private("http://10.0.0.8:8065/hooks/x").is_some());
    assert!(private("ftp://10.0.0.8/").is_none());
}

#[test]
fn a_post_is_the_first_paragraph_and_a_link_without_commands() {
    let email = Email {
        subject: "A <b>".to_owned(),
        text: "2 people are waiting at <!channel> & <https://evil.test|here>.\n\nMore.".to_owned(),
        html: String::new(),
        brief: None,
        link: "https://seats.test/organizations/org_1".to_owned(),
        unsubscribe: None,
    };

    assert_eq!(
        SlackPost::of(&email).text(),
        "2 people are waiting at &lt;!channel&gt; &amp; &lt;https://evil.test|here&gt;.\n\
         <https://seats.test/organizations/org_1|Open in Seatkeeper>"
    );
}
