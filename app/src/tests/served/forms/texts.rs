//! Each parameter of each route with texts that no person types.

use std::fmt::Write;

use super::{
    super::{
        doors::{TABLE, something_to_ask_about, started},
        support::{PASSWORD, Server, fresh_postgres},
    },
    FORM, STAFF, errors,
};

/// What PostgreSQL refuses, and invalid escapes.
const UNREADABLE: [&str; 4] = ["%00", "a%00b", "%", "%C3"];
/// What is not a character, and one beyond the first plane.
const CHARACTERS: [&str; 2] = ["%EF%BF%BF", "%F0%9F%92%A9"];
/// The `like` of SQLite refuses it.
const QUOTES: &str = "%27%22%3C%25_%5C";

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

#[test]
fn what_cannot_be_read_is_answered_alike_on_every_route_of_both_engines_and_below_500() {
    every_route_answers_alike(&UNREADABLE);
}

#[test]
fn odd_characters_are_answered_alike_on_every_route_of_both_engines_and_below_500() {
    every_route_answers_alike(&CHARACTERS);
}

#[test]
fn quotes_and_long_texts_are_answered_alike_on_every_route_of_both_engines_and_below_500() {
    let long = "a".repeat(100_000);
    // the shorter one fits into the request head once for each parameter
    every_route_answers_alike(&[QUOTES, &long, &long[..1_500]]);
}

/// In three tests, so that they run side by side: the pages of every list are drawn for each of
/// the texts in each parameter.
fn every_route_answers_alike(texts: &[&str]) {
    let sqlite = started(Server::new());
    let postgres = started(Server::new().with("DATABASE_URL", &fresh_postgres()));
    let ids = [&sqlite, &postgres].map(|server| {
        let cookie = server.signed_in(STAFF);
        let ids = something_to_ask_about(server, &cookie);
        (server, cookie, ids)
    });
    let mut wrong = String::new();

    for (what, body) in requests(texts) {
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

/// The parameters that lists read: what they show, in which order, and from which row on.
const LISTS: [&str; 29] = [
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
    "only",
    "group",
    "role",
    "duplicates",
    "since",
    "all",
    "mine",
    "list",
    "kind",
    "after",
    "result",
    "policy",
    "user",
    "at",
];
/// The other parameters of all pages.
const OTHERS: [&str; 47] = [
    "sent",
    "told",
    "range",
    "setting",
    "value",
    "reason",
    "refused",
    "saved",
    "next",
    "year",
    "position",
    "note",
    "done",
    "form",
    "name",
    "external_id",
    "account_manager",
    "change",
    "preview",
    "dashboard",
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
    "reach",
    "days",
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
                    "/settings/api-keys",
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
                let parameters: Vec<_> =
                    LISTS.iter().chain(&OTHERS).map(|name| format!("{name}={text}")).collect();
                // a longer request head is not accepted: the connection ends without a page
                let is_head = text.len() < 60_000;
                if is_list && is_head {
                    // one at a time, because a list that refuses one does not look at the others
                    all.extend(
                        parameters[..LISTS.len()]
                            .iter()
                            .map(|one| (format!("GET {path}?{one}"), String::new())),
                    );
                }
                if text.len() * parameters.len() < 63_000 {
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
