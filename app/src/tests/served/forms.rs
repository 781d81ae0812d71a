//! Forms and addresses that no browser sends. For every visitor, server function and page, the
//! answer is below 500 and the same on both engines, and no error is logged.

use std::fmt::Write;

use super::{
    doors::{TABLE, something_to_ask_about, started},
    support::{Answer, PASSWORD, Server, fresh_postgres},
};

const STAFF: &str = "staff.admin@seats.test";
const FORM: &str = "application/x-www-form-urlencoded";
/// A form without JavaScript accepts a page; a call of the browser's code accepts JSON.
const ACCEPTS: [&str; 2] = ["text/html", "application/json"];
/// The text in an address that asks for a sign-in.
const SIGN_IN: &str = "__err=IlNpZ25JbiI";
/// The server functions that have no required fields.
const WITHOUT_FIELDS: [&str; 34] = [
    "begin_app",
    "begin_connection",
    "begin_first_passkey",
    "begin_passkey",
    "begin_passkey_identity",
    "begin_passkey_sign_in",
    "begin_sign_on",
    "connect_sign_on",
    "end_other_sessions",
    "end_view",
    "load_account",
    "load_api_keys",
    "load_factors",
    "load_first_factor",
    "load_identity",
    "load_installation_settings",
    "load_made_key",
    "load_new_app",
    "load_new_organization",
    "load_person",
    "load_preferences",
    "load_previews",
    "load_recovery_codes",
    "load_reset",
    "load_second_step",
    "load_sign_on_form",
    "load_start",
    "load_switcher",
    "load_system",
    "load_webhook_endpoints",
    "make_recovery_codes",
    "remove_app",
    "sign_out",
    "start_replay",
];
/// The texts that each parameter is tried with: one that PostgreSQL refuses, one that is not a
/// character, invalid escapes, and one that the `like` of SQLite refuses.
const ODD: [&str; 7] =
    ["%00", "a%00b", REACHES_ENGINE[0], "%", "%C3", "%F0%9F%92%A9", REACHES_ENGINE[1]];
/// Those that come as far as a statement, and that the engines could read differently.
const REACHES_ENGINE: [&str; 2] = ["%EF%BF%BF", "%27%22%3C%25_%5C"];

/// Rows behind which a page of some list begins.
const ROWS: [&str; 8] = [
    "before=name.0.0.x%20W",
    "before=name.1.-1.W",
    "before=name.0.0.0.x%20W",
    "sort=since&before=since.W.0.x",
    "sort=since&order=desc&before=-since.-9223372036854775808.0.x",
    "state=blocked&before=waitlist.9223372036854775807.0.x",
    "sort=members&order=desc&before=-members.7.-9223372036854775808.W",
    "before=urgency.7.-9223372036854775808.9223372036854775807.x%20W",
];

/// The name of each server function with a valid form.
fn functions() -> Vec<(String, &'static str)> {
    let all =
        TABLE.iter().filter_map(|(what, form, _)| Some((what.strip_prefix("POST /api/")?, *form)));
    let all = all
        .filter(|(name, _)| !name.contains("webhooks"))
        .map(|(name, form)| (name.to_owned(), form));
    all.chain([("sign_out".to_owned(), "")]).collect()
}

fn send(server: &Server, name: &str, (accept, kind): (&str, &str), body: &[u8]) -> Answer {
    let kind = if kind.is_empty() { String::new() } else { format!("content-type: {kind}\r\n") };
    server.ask_bytes(
        &format!("POST /api/{name}"),
        &format!("accept: {accept}\r\nreferer: http://seats.test/system\r\n{kind}"),
        body,
    )
}

fn errors(server: &Server) -> Vec<String> {
    let log = server.log();
    log.lines()
        .filter(|line| line.contains("\"ERROR\"") || line.contains("panicked"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_form_that_cannot_be_read_gets_a_plain_page_from_every_server_function_and_no_error_is_logged()
{
    let server = Server::new().account(STAFF, "staff-admin", &[]).serving();
    let (too_long, long_text) = (vec![b'a'; 3_000_000], format!("id={}", "a".repeat(100_000)));
    let bad: [(u16, &str, &[u8]); 11] = [
        (413, FORM, &too_long),
        (413, FORM, long_text.as_bytes()),
        (400, FORM, b"id=\xff\xfe"),
        (400, FORM, b"id=%FF"),
        (400, FORM, b"id=%"),
        (400, FORM, b"id=%C3"),
        (400, FORM, b"id=%00"),
        (415, "application/json", b"{\"id\":\"org_1\"}"),
        (415, "multipart/form-data; boundary=x", b"--x--"),
        (415, "text/plain", b"id=org_1"),
        (415, "", b"id=org_1"),
    ];
    let mut wrong = String::new();

    for (name, _) in functions() {
        for accept in ACCEPTS {
            for (expected, kind, body) in bad {
                let answer = send(&server, &name, (accept, kind), body);
                let page =
                    answer.header("content-type").unwrap_or_default().starts_with("text/html");
                let plain = page == (accept == "text/html")
                    && answer.header("location").is_none()
                    && !answer.body.is_empty();
                if answer.status != expected || !plain {
                    let start: String = String::from_utf8_lossy(body).chars().take(20).collect();
                    writeln!(
                        wrong,
                        "{name} {accept} {kind} {start:?}: {} instead of {expected}",
                        answer.status
                    )
                    .unwrap();
                }
            }
        }
    }

    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(errors(&server), [""; 0]);
}

#[test]
fn a_form_with_missing_or_impossible_fields_is_refused_everywhere_and_no_error_is_logged() {
    let server = Server::new().account(STAFF, "staff-admin", &[]).serving();
    let mut wrong = String::new();

    for (name, form) in functions() {
        for accept in ACCEPTS {
            let nothing = send(&server, &name, (accept, FORM), b"");
            let expected =
                if WITHOUT_FIELDS.contains(&name.as_str()) { nothing.status.min(422) } else { 422 };
            let page = nothing.header("content-type").unwrap_or_default().starts_with("text/html");
            if nothing.status != expected
                || nothing.status >= 500
                || (expected == 422 && page != (accept == "text/html"))
            {
                writeln!(wrong, "{name} {accept} without fields: {nothing:?}").unwrap();
            }
            for (field, _) in form.split('&').filter_map(|pair| pair.split_once('=')) {
                for value in [
                    "",
                    "x=1&x[y][z]=1",
                    "99999999999999999999",
                    "-1",
                    "9223372036854775807",
                    "NaN",
                ] {
                    let changed = format!("{form}&{field}={value}");
                    let alone = format!("{field}={value}");
                    for body in [
                        changed,
                        alone,
                        format!("{field}[a]={value}"),
                        format!("{field}[]={value}"),
                    ] {
                        let answer = send(&server, &name, (accept, FORM), body.as_bytes());
                        // a visitor without a session is sent back to the page of the form, and
                        // from there to the sign-in
                        let is_error = |to: &str| to.contains("__err") && !to.contains(SIGN_IN);
                        if answer.status >= 500 || answer.header("location").is_some_and(is_error) {
                            writeln!(wrong, "{name} {accept} {body}: {answer:?}").unwrap();
                        }
                    }
                }
            }
        }
    }

    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(errors(&server), [""; 0]);
}

#[test]
fn a_field_that_is_there_twice_or_is_a_list_is_refused() {
    let server = Server::new().account(STAFF, "staff-admin", &[]).serving();
    for form in [
        "id=org_1&id=org_2",
        "id=org_1&id[]=org_2",
        "id[]=org_1",
        "id[]=org_1&id[]=org_2",
        "id[0]=org_1",
        "id[a]=org_1",
    ] {
        for accept in ACCEPTS {
            let answer = send(&server, "load_organization", (accept, FORM), form.as_bytes());
            assert_eq!((answer.status, answer.header("location")), (422, None), "{form} {accept}");
        }
    }
}

#[test]
fn every_text_of_every_route_is_answered_alike_on_both_engines_and_below_500() {
    let sqlite = started(Server::new());
    let postgres = started(Server::new().with("DATABASE_URL", &fresh_postgres()));
    let ids = [&sqlite, &postgres].map(|server| {
        let cookie = server.signed_in(STAFF);
        let ids = something_to_ask_about(server, &cookie);
        (server, cookie, ids)
    });
    let long = "a".repeat(100_000);
    // the shorter one fits into the request head once for each parameter
    let texts: Vec<&str> = ODD.into_iter().chain([long.as_str(), &long[..1_500]]).collect();
    let mut wrong = String::new();

    for (what, body) in requests(&texts) {
        let [one, other] = ids.each_ref().map(|(server, cookie, ids)| {
            let headers =
                format!("accept: text/html\r\ncookie: {cookie}\r\ncontent-type: {FORM}\r\n");
            server.ask(&ids.put_into(&what), &headers, &ids.put_into(&body)).status
        });
        if one != other || one >= 500 {
            let (what, body): (String, String) =
                (what.chars().take(120).collect(), body.chars().take(120).collect());
            writeln!(wrong, "{what} {body}: {one} on SQLite, {other} on Postgres").unwrap();
        }
    }

    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!((errors(&sqlite), errors(&postgres)), (vec![], vec![]));
    assert_eq!(sqlite.sign_in(STAFF, PASSWORD).status, 200, "it still answers");
}

/// The parameters of all pages.
const QUERY: [&str; 76] = [
    "sent",
    "told",
    "range",
    "setting",
    "value",
    "search",
    "action",
    "actor",
    "target",
    "from",
    "to",
    "status",
    "sort",
    "order",
    "state",
    "show",
    "organization",
    "type",
    "before",
    "limit",
    "reason",
    "refused",
    "saved",
    "next",
    "only",
    "group",
    "role",
    "duplicates",
    "since",
    "at",
    "year",
    "user",
    "all",
    "position",
    "note",
    "after",
    "result",
    "policy",
    "mine",
    "done",
    "form",
    "name",
    "external_id",
    "account_manager",
    "list",
    "change",
    "role",
    "preview",
    "dashboard",
    "saved",
    "seats",
    "text",
    "answer",
    "admitted",
    "person",
    "recipients",
    "email",
    "minutes",
    "staff",
    "connect",
    "idp_initiated_login",
    "iss",
    "kind",
    "issuer",
    "client_id",
    "has_no_secret",
    "creates_accounts",
    "domains",
    "code",
    "passkey",
    "rename",
    "key",
    "hours",
    "scopes",
    "types",
    "old",
];

/// Each parameter of each route with each text: in the form, in the query, and in the path.
fn requests(texts: &[&str]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for text in texts {
        for (what, form, _) in TABLE.iter().filter(|(what, ..)| !what.contains("webhooks")) {
            for (field, value) in form.split('&').filter_map(|pair| pair.split_once('=')) {
                let changed = format!("&{form}&")
                    .replace(&format!("&{field}={value}&"), &format!("&{field}={text}&"));
                all.push(((*what).to_owned(), changed.trim_matches('&').to_owned()));
            }
            if let Some(path) =
                what.strip_prefix("GET ").map(|path| path.split('?').next().unwrap_or(path))
            {
                let is_list = [
                    "/organizations",
                    "/activity",
                    "/deliveries",
                    "/settings/accounts",
                    "/settings/webhook-endpoints/{endpoint}",
                    "/organizations/{organization}/people",
                    "/organizations/{organization}/members",
                    "/organizations/{organization}/reclaim",
                    "/organizations/{organization}/groups",
                    "/organizations/{organization}/groups/{group}",
                ]
                .contains(&path);
                if is_list && text.len() < 60_000 {
                    all.extend(ROWS.map(|row| {
                        (format!("GET {path}?{}", row.replace('W', text)), String::new())
                    }));
                }
                let parameters = QUERY.map(|name| format!("{name}={text}"));
                // a longer request head is not accepted: the connection ends without a page
                let is_head = text.len() < 60_000;
                // the others are refused before any page, or tried in all parameters together below
                if is_list && REACHES_ENGINE.contains(text) {
                    all.extend(
                        parameters.iter().map(|one| (format!("GET {path}?{one}"), String::new())),
                    );
                }
                if text.len() * QUERY.len() < 63_000 {
                    all.push((format!("GET {path}?{}", parameters.join("&")), String::new()));
                }
                if is_head {
                    all.push((format!("GET {path}?{text}"), String::new()));
                }
                for id in [
                    "{organization}",
                    "{person}",
                    "{group}",
                    "{delivery}",
                    "{run}",
                    "{request}",
                    "{proposal}",
                    "{endpoint}",
                    "{event}",
                ] {
                    if path.contains(id) && is_head {
                        all.push((format!("GET {}", path.replace(id, text)), String::new()));
                        all.push((
                            format!("GET {}", path.replace(id, &format!("{id}{text}"))),
                            String::new(),
                        ));
                    }
                }
            }
        }
    }
    all
}
