//! The access rights: every server function, every page and every other route is requested by every
//! kind of viewer. The answer about another organization is 404, and is the same as for an
//! organization that does not exist.

mod ids;
mod table;

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

pub use self::{
    ids::{Ids, send_file, something_to_ask_about},
    table::TABLE,
};
use super::support::{Answer, Server};

/// The viewers: name, role and organizations. All of them ask about [`ASKED`].
const VIEWERS: [(&str, &str, &[&str]); 6] = [
    ("visitor", "", &[]),
    ("staff admin", "staff-admin", &[]),
    ("staff", "staff", &[]),
    ("admin", "tenant-admin", &[ASKED]),
    ("viewer", "tenant-viewer", &[ASKED]),
    ("stranger", "tenant-admin", &[OTHER]),
];
const ASKED: &str = "org_1";
const OTHER: &str = "org_2";

/// Not in the table, because it ends the sessions that the other requests need.
const SIGN_OUT: &str = "POST /api/sign_out";

pub fn started(server: Server) -> Server {
    let mut server = server
        // passkeys need the name of a host
        .with("SEATKEEPER_PUBLIC_URL", "http://localhost:3000")
        .with("SCALEKIT_ENVIRONMENT_URL", "http://127.0.0.1:1")
        .with("SCALEKIT_CLIENT_ID", "skc_1")
        .with("SCALEKIT_CLIENT_SECRET", "not reachable there")
        .with("SEATKEEPER_RESYNC_NIGHTLY", "no")
        .with("SEATKEEPER_APPROVAL_ABOVE", "1000")
        .organization(ASKED)
        .organization(OTHER);
    for (name, role, organizations) in &VIEWERS[1..] {
        server = server.account(&address(name), role, organizations);
    }
    server.serving()
}

pub fn address(name: &str) -> String {
    format!("{}@seats.test", name.replace(' ', "."))
}

pub fn ask(server: &Server, what: &str, form: &str, ids: &Ids, cookie: &str) -> Answer {
    let accept = if what.starts_with("GET") { "text/html" } else { "application/json" };
    let headers = format!(
        "accept: {accept}\r\ncontent-type: application/x-www-form-urlencoded\r\ncookie: {cookie}\r\n"
    );
    server.ask(&ids.put_into(what), &headers, &ids.put_into(form))
}

/// The answer without the requested ids and without values that differ in every answer.
fn bare(answer: &Answer, ids: &Ids) -> Answer {
    let nonce = answer.nonce().unwrap_or("no nonce").to_owned();
    let without = |text: &str| ids.take_out_of(&text.replace(&nonce, "NONCE"));
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.clone(), without(value))).collect();
    Answer { status: answer.status, headers, body: without(&answer.body) }
}

fn reveals(answer: &Answer) -> bool {
    answer.body.contains("The name of org_1") || answer.body.contains("secret.person")
}

#[test]
fn every_role_is_answered_as_the_table_says() {
    let server = started(Server::new());
    let cookies =
        VIEWERS.map(
            |(name, role, _)| {
                if role.is_empty() { String::new() } else { server.signed_in(&address(name)) }
            },
        );
    let staff = &cookies[1];
    let (ids, nothing) = (something_to_ask_about(&server, staff), Ids::of_nothing());
    let mut wrong = String::new();

    for (what, form, expected) in TABLE {
        let has_id = what.contains('{') || form.contains('{');
        let mut seen = [0; 7];
        for (at, cookie) in cookies.iter().enumerate() {
            let answer = ask(&server, what, form, &ids, cookie);
            seen[at] = answer.status;
            let (name, role, organizations) = VIEWERS[at];
            // the layout around a refused page names the tenant's own organization, and the bell of
            // staff those with alerts
            let is_page = what.starts_with("GET ") || what.contains("{organization}");
            let own = (organizations.contains(&ASKED) || role.starts_with("staff")) && is_page;
            if has_id && answer.status == 404 && !own {
                let missing = ask(&server, what, form, &nothing, cookie);
                if bare(&answer, &ids) != bare(&missing, &nothing) || reveals(&answer) {
                    writeln!(
                        wrong,
                        "{what}\n    shows {name} that it exists:\n{}\n{}",
                        answer.body, missing.body
                    )
                    .unwrap();
                }
            }
        }
        if has_id {
            seen[6] = ask(&server, what, form, &nothing, staff).status;
        }
        if seen != expected {
            writeln!(wrong, "{what} {form}\n    is {seen:?}, not {expected:?}").unwrap();
        }
    }
    for cookie in &cookies {
        assert_eq!(ask(&server, SIGN_OUT, "", &nothing, cookie).status, 200);
        assert_eq!(server.call("load_person", "", cookie).body, "null");
    }

    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn an_unknown_person_or_group_is_answered_as_an_unknown_organization_is() {
    let server = started(Server::new());
    let staff = server.signed_in(&address("staff"));
    let known = something_to_ask_about(&server, &staff);
    let nothing = Ids::of_nothing();
    let unknown = Ids::of_nothing().within(ASKED);
    let elsewhere = known.within(OTHER);

    for page in ["people/{person}", "groups/{group}"] {
        let page = format!("GET /organizations/{{organization}}/{page}");
        let missing = ask(&server, &page, "", &nothing, &staff);

        assert_eq!(missing.status, 404);
        for ids in [&unknown, &elsewhere] {
            let answer = ask(&server, &page, "", ids, &staff);
            assert_eq!(main_alone(bare(&answer, ids)), main_alone(bare(&missing, &nothing)));
        }
    }
}

/// Without the layout: it names an organization that exists, and staff may see all of them.
fn main_alone(answer: Answer) -> Answer {
    let (_, body) = answer.body.split_once("<main").unwrap();
    Answer { body: body.to_owned(), ..answer }
}

#[test]
fn a_page_that_leads_elsewhere_does_so_whatever_the_client_accepts() {
    let server = started(Server::new());
    let cookie = server.signed_in(&address("staff"));

    for accept in ["", "accept: */*\r\n", "accept: application/json\r\n", "accept: text/html\r\n"] {
        for method in ["GET", "HEAD"] {
            for (path, cookie, to) in [
                ("/", "", "/sign-in"),
                ("/", cookie.as_str(), "/start"),
                ("/sign-in", cookie.as_str(), "/"),
                ("/system", "", "/sign-in?next=%2Fsystem"),
            ] {
                let answer = server.ask(
                    &format!("{method} {path}"),
                    &format!("{accept}cookie: {cookie}\r\n"),
                    "",
                );
                assert_eq!(
                    (answer.status, answer.header("location")),
                    (303, Some(to)),
                    "{method} {path} {accept}"
                );
            }
        }
    }
}

#[test]
fn the_table_holds_every_server_function_every_page_and_every_route() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let asked: BTreeSet<String> = TABLE
        .iter()
        .map(|(what, ..)| *what)
        .chain([SIGN_OUT])
        .map(|what| what.split(['?']).next().unwrap().to_owned())
        .collect();
    let text = sources(&app);
    let routes = fs::read_to_string(app.join("../../src/http/mod.rs")).unwrap();

    let calls = quoted(&text, "endpoint = \"").map(|name| format!("POST /api/{name}"));
    let pages = quoted(&text, "path!(\"").map(|path| {
        let path = path.replace(":id", "{organization}").replace(":run", "{run}");
        let path = path.replace(":request", "{request}").replace(":token", "{token}");
        let path = path.replace(":proposal", "{proposal}").replace(":endpoint", "{endpoint}");
        let path = path.replace(":event", "{event}");
        format!("GET {}", path.replace(":person", "{person}").replace(":group", "{group}"))
    });
    let pages =
        pages.map(|path| path.replace("/deliveries/{organization}", "/deliveries/{delivery}"));
    let others = quoted(&routes, ".route(\"").map(|path| {
        let is_post = path.contains("webhooks") || path.contains("unsubscribe");
        if is_post { format!("POST {path}") } else { format!("GET {path}") }
    });
    let exports = fs::read_to_string(app.join("export/routes.rs")).unwrap()
        + &fs::read_to_string(app.join("previews.rs")).unwrap()
        + &fs::read_to_string(app.join("single_sign_on.rs")).unwrap();
    let exports = quoted(&exports, ".route(\"").map(|path| format!("GET {path}"));
    let exports = exports.map(|path| path.replace("{message}", "over_limit"));
    let uploads = fs::read_to_string(app.join("uploads.rs")).unwrap();
    let uploads = quoted(&uploads, ".route(\"").map(|path| format!("POST {path}"));
    let all: BTreeSet<String> = calls
        .chain(pages)
        .chain(exports)
        .chain(uploads)
        .chain(others)
        .chain(["/nothing/like/it", "/api/docs", "/api/openapi.json"].map(|at| format!("GET {at}")))
        .collect();

    assert_eq!(asked, all);
    let functions = text.lines().filter(|line| line.starts_with("#[server")).count();
    assert_eq!(
        functions,
        all.iter()
            .filter(|what| what.starts_with("POST /api/") && !what.contains("webhooks"))
            .count()
    );
}

/// The source of the app without its tests.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() && entry.file_name().is_some_and(|name| name != "tests") {
            text += &sources(&entry);
        } else if entry.extension().is_some_and(|kind| kind == "rs") {
            text += &fs::read_to_string(&entry).unwrap();
        }
    }
    text
}

/// Each text between `before` and the next quotation mark.
fn quoted<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).map(|rest| rest.split('"').next().unwrap())
}
