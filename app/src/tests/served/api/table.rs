//! What each kind of key may do.

use std::fmt::Write;

use super::{bare, call, code, key, started};

/// The kinds of keys: the arguments of `api-key create`; without any, a call without a key.
const KEYS: [&[&str]; 7] = [
    &[],
    &["--scope", "read"],
    &["--scope", "write"],
    &["--scope", "import"],
    &["--scope", "read", "--organization", "org_1"],
    &["--scope", "write", "--organization", "org_1"],
    &["--scope", "write", "--organization", "org_2"],
];

/// Each call about `org_1`, its body, and the status that each kind of key gets. The last column is
/// the answer about an organization that does not exist, to a key that may write anywhere, or 0 if
/// the call names none.
#[rustfmt::skip]
pub const TABLE: [(&str, &str, [u16; 8]); 38] = [
    // none, read, write, import, own read, own write, another's write; unknown
    ("GET /organizations", "",                        [401, 200, 200, 403, 200, 200, 200, 0]),
    ("POST /organizations", r#"{"id":"org_1","name":"A"}"#, [401, 403, 409, 403, 403, 403, 403, 0]),
    ("GET /organizations/{organization}", "",         [401, 200, 200, 403, 200, 200, 404, 404]),
    ("PUT /organizations/{organization}/seat-limit", r#"{"seat_limit":3,"reason":"why"}"#,
                                                      [401, 403, 200, 403, 403, 403, 404, 404]),
    ("PUT /organizations/{organization}/policy", r#"{"kind":"first-come","reason":"why"}"#,
                                                      [401, 403, 200, 403, 403, 403, 404, 404]),
    ("GET /organizations/{organization}/access?user=diruser_1", "",
                                                      [401, 200, 200, 403, 200, 200, 404, 404]),
    ("GET /organizations/{organization}/people", "",  [401, 200, 200, 403, 200, 200, 404, 404]),
    ("GET /organizations/{organization}/people/{user}", "", [401, 200, 200, 403, 200, 200, 404, 404]),
    ("GET /organizations/{organization}/waitlist", "", [401, 200, 200, 403, 200, 200, 404, 404]),
    // the person holds a seat
    ("POST /organizations/{organization}/waitlist/{user}/{decision}", "{}",
                                                      [401, 403, 409, 403, 403, 409, 404, 404]),
    ("GET /organizations/{organization}/groups", "",  [401, 200, 200, 403, 200, 200, 404, 404]),
    ("GET /organizations/{organization}/decisions", "", [401, 200, 200, 403, 200, 200, 404, 404]),
    ("GET /organizations/{organization}/alerts", "",  [401, 200, 200, 403, 200, 200, 404, 404]),
    ("GET /organizations/{organization}/requests", "", [401, 200, 200, 403, 200, 200, 404, 404]),
    ("POST /organizations/{organization}/requests", r#"{"seats":0,"reason":"why"}"#,
                                                      [401, 403, 422, 403, 403, 422, 404, 422]),
    ("GET /organizations/{organization}/resyncs", "", [401, 200, 200, 403, 200, 200, 404, 404]),
    // without credentials for the Directory API
    ("POST /organizations/{organization}/resyncs", "{}", [401, 403, 409, 403, 403, 409, 404, 409]),
    ("GET /organizations/{organization}/resyncs/{resync}", "",
                                                      [401, 404, 404, 403, 404, 404, 404, 404]),
    ("POST /organizations/{organization}/resyncs/{resync}/confirm", r#"{"people":5}"#,
                                                      [401, 403, 404, 403, 403, 404, 404, 404]),
    ("POST /organizations/{organization}/resyncs/{resync}/cancel", "{}",
                                                      [401, 403, 404, 403, 403, 404, 404, 404]),
    ("POST /organizations/{organization}/activity", r#"{"signals":[{"user":"diruser_1","last_used_at":"2026-01-01T00:00:00Z"}]}"#,
                                                      [401, 403, 200, 403, 403, 200, 404, 404]),
    // only a key that imports may bring people in
    ("POST /organizations/{organization}/imports", r#"{"email":"ada@acme.test"}"#,
                                                      [401, 403, 403, 202, 403, 403, 403, 403]),
    ("GET /organizations/{organization}/imports/{import}", "",
                                                      [401, 404, 404, 404, 404, 404, 404, 404]),
    ("GET /organizations/{organization}/imports/{import}/result", "",
                                                      [401, 404, 404, 404, 404, 404, 404, 404]),
    ("POST /organizations/{organization}/imports/{import}/confirm", r#"{"people":5}"#,
                                                      [401, 403, 403, 404, 403, 403, 403, 403]),
    ("POST /organizations/{organization}/imports/{import}/cancel", "{}",
                                                      [401, 403, 403, 404, 403, 403, 403, 403]),
    ("GET /events", "",                               [401, 200, 200, 403, 200, 200, 200, 0]),
    ("GET /events?organization={organization}", "",   [401, 200, 200, 403, 200, 200, 404, 404]),
    // endpoints belong to the installation
    ("GET /webhook-endpoints", "",                    [401, 200, 200, 403, 403, 403, 403, 0]),
    ("POST /webhook-endpoints", r#"{"url":"https://product.example/events"}"#,
                                                      [401, 403, 201, 403, 403, 403, 403, 0]),
    ("GET /webhook-endpoints/{endpoint}", "",         [401, 404, 404, 403, 403, 403, 403, 0]),
    ("PATCH /webhook-endpoints/{endpoint}", r#"{"note":"why"}"#,
                                                      [401, 403, 404, 403, 403, 403, 403, 0]),
    ("DELETE /webhook-endpoints/{endpoint}", "",      [401, 403, 404, 403, 403, 403, 403, 0]),
    ("POST /webhook-endpoints/{endpoint}/rotate-secret", "{}",
                                                      [401, 403, 404, 403, 403, 403, 403, 0]),
    ("POST /webhook-endpoints/{endpoint}/test", "{}", [401, 403, 404, 403, 403, 403, 403, 0]),
    ("POST /webhook-endpoints/{endpoint}/recover", r#"{"since":"2026-01-01T00:00:00Z"}"#,
                                                      [401, 403, 404, 403, 403, 403, 403, 0]),
    ("GET /webhook-endpoints/{endpoint}/deliveries", "",
                                                      [401, 404, 404, 403, 403, 403, 403, 0]),
    ("POST /webhook-endpoints/{endpoint}/deliveries/{delivery}/resend", "{}",
                                                      [401, 403, 404, 403, 403, 403, 403, 0]),
];

#[test]
fn each_key_is_answered_as_the_table_says() {
    let server = started();
    let keys =
        KEYS.map(|scopes| if scopes.is_empty() { String::new() } else { key(&server, scopes) });
    let mut wrong = String::new();

    for (what, body, expected) in TABLE {
        let ours = what.replace("{organization}", "org_1");
        let unknown = what.replace("{organization}", "org_404");
        let mut seen = [0; 8];
        for (at, key) in keys.iter().enumerate() {
            let answer = call(&server, &ours, key, body);
            seen[at] = answer.status;
            if answer.status == 404 {
                let missing = call(&server, &unknown, key, body);
                assert_eq!(bare(answer), bare(missing), "{what} shows that org_1 exists");
            } else if answer.status > 400 {
                code(&answer);
            }
        }
        if what.contains("{organization}") {
            seen[7] = call(&server, &unknown, &keys[2], body).status;
        }
        if seen != expected {
            writeln!(wrong, "{what} {body}\n    is {seen:?}, not {expected:?}").unwrap();
        }
    }

    assert!(wrong.is_empty(), "\n{wrong}");
}
