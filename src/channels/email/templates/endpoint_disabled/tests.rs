use super::*;

#[test]
fn staff_read_which_endpoint_gets_nothing_and_why() {
    let email = |state, others| {
        let host = "https://product.example<b>/…".to_owned();
        let since = Timestamp::from_seconds(1_795_326_492);
        let id = WebhookEndpointId::new("wep_1");
        EndpointDisabled { id, host, state, since, others }.email("https://seats.example.com")
    };
    let gone = email(EndpointState::Gone, 0);

    assert_eq!(gone.subject, "An endpoint gets no events any more");
    insta::assert_snapshot!(gone.text, @r"
    https://product.example<b>/… gets no events any more. It answered 410, which says that it is gone; it is disabled since 22 Nov 2026, 05:48:12 UTC.

    When the product takes events again, a staff admin enables the endpoint and sends what it missed: events are kept for 30 days.

    Open the endpoint:
    https://seats.example.com/settings/webhook-endpoints/wep_1

    You get this e-mail because you are a staff admin. It comes once until no endpoint is disabled in this way.
    Change what you get: https://seats.example.com/preferences
    ");
    assert!(!gone.html.contains("<b>/"), "{}", gone.html);
    let failing = email(EndpointState::Failing, 2).text;
    assert!(failing.contains("It took no event for five days"), "{failing}");
    assert!(failing.contains("2 other endpoints are disabled, too."), "{failing}");
}
