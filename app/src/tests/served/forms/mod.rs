//! Forms and addresses that no browser sends. For every visitor, server function and page, the
//! answer is below 500 and the same on both engines, and no error is logged.

mod texts;

use std::fmt::Write;

use super::{
    doors::TABLE,
    support::{Answer, Server},
};

const STAFF: &str = "staff.admin@seats.test";
const FORM: &str = "application/x-www-form-urlencoded";
/// A form without JavaScript accepts a page; a call of the browser's code accepts JSON.
const ACCEPTS: [&str; 2] = ["text/html", "application/json"];
/// The text in an address that asks for a sign-in.
const SIGN_IN: &str = "__err=IlNpZ25JbiI";
/// The server functions that have no required fields.
const WITHOUT_FIELDS: [&str; 35] = [
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
    "send_test_email",
    "sign_out",
    "start_replay",
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
