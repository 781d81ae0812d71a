//! The access rights: every server function, every page and every other route is requested by every
//! kind of viewer. The answer about another organization is 404, and is the same as for an
//! organization that does not exist.

mod table;

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use serde_json::Value;

pub use self::table::TABLE;
use super::support::{Answer, Server, joined};

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

/// Ids that exist, or ids that do not.
pub struct Ids {
    organization: String,
    person: String,
    group: String,
    run: String,
    request: String,
    proposal: String,
    delivery: String,
    /// One that was revoked.
    invitation: String,
    /// A member of the organization.
    account: String,
    /// A staff account.
    colleague: String,
}

impl Ids {
    fn of_nothing() -> Self {
        Self {
            organization: "org_404".to_owned(),
            person: "diruser_404".to_owned(),
            group: "dirgroup_404".to_owned(),
            run: "rsn_404".to_owned(),
            request: "srq_404".to_owned(),
            proposal: "lpr_404".to_owned(),
            delivery: "dlv_404".to_owned(),
            invitation: "inv_404".to_owned(),
            account: "acc_404".to_owned(),
            colleague: "acc_405".to_owned(),
        }
    }

    fn all(&self) -> [(&'static str, &str); 10] {
        [
            ("{organization}", &self.organization),
            ("{person}", &self.person),
            ("{group}", &self.group),
            ("{run}", &self.run),
            ("{request}", &self.request),
            ("{proposal}", &self.proposal),
            ("{delivery}", &self.delivery),
            ("{invitation}", &self.invitation),
            ("{account}", &self.account),
            ("{colleague}", &self.colleague),
        ]
    }

    pub fn put_into(&self, text: &str) -> String {
        self.all().into_iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
    }

    fn take_out_of(&self, text: &str) -> String {
        self.all().into_iter().fold(text.to_owned(), |text, (name, id)| text.replace(id, name))
    }
}

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

/// Creates a person, a group, a delivery, a resync, a seat request, a proposed limit and an
/// invitation. The last four are over, so that no viewer can end them again.
pub fn something_to_ask_about(server: &Server, staff: &str) -> Ids {
    server.deliver("msg_0", &joined(1));
    server.deliver(
        "msg_2",
        r#"{"id":"evt_2","type":"organization.directory.group_created","organization_id":"org_1","data":{"id":"dirgroup_1","display_name":"secret.person's group"}}"#,
    );
    server.deliver(
        "msg_1",
        r#"{"id":"evt_1","type":"organization.renamed","organization_id":"org_1","data":{"email":"secret.person@customer.test"}}"#,
    );
    let call = |name: &str, form: &str| {
        let answer = server.call(name, form, staff);
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_str::<Value>(&answer.body).unwrap_or_default()
    };
    let delivery = call("load_deliveries", "query[search]=&query[show]=All&query[kind]=")["rows"]
        [0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    call("start_resync", &format!("id={ASKED}&dry_run=yes"));
    let run =
        call("load_resyncs", &format!("id={ASKED}"))["rows"][0]["id"].as_str().unwrap().to_owned();
    call("cancel_resync", &format!("id={ASKED}&run={run}"));
    let admin = server.signed_in(&address("admin"));
    let asks = format!("id={ASKED}&seats=3&reason=secret.person needs one");
    assert_eq!(server.call("ask_for_seats", &asks, &admin).status, 200);
    let query = format!("query[organization]={ASKED}&query[list]=open");
    let request = call("load_requests", &query)["rows"][0]["id"].as_str().unwrap().to_owned();
    // one that is over counts in no menu
    let ends = format!("id={ASKED}&request={request}&answer=withdrawn&version=1");
    assert_eq!(server.call("reply_to_request", &ends, &admin).status, 200);
    let proposal = proposed(&call);
    let invites = format!("id={ASKED}&email=secret.person@customer.test&role=tenant-viewer");
    assert_eq!(server.call("invite_member", &invites, &admin).status, 200);
    let members = call("load_members", &format!("id={ASKED}&query[search]="));
    let invitation = members["invitations"][0]["id"].as_str().unwrap().to_owned();
    let ends = format!("id={ASKED}&invitation={invitation}&act=revoke");
    assert_eq!(server.call("change_invitation", &ends, &admin).status, 200);
    let by_email = |rows: &Value, email: &str| -> String {
        let row = rows.as_array().unwrap().iter().find(|row| row["email"]["shown"] == email);
        row.unwrap()["account"].as_str().unwrap().to_owned()
    };
    let account = by_email(&members["rows"], &address("viewer"));
    let boss = server.signed_in(&address("staff admin"));
    let colleagues = server.call("load_staff_accounts", "query[search]=", &boss).body;
    let colleagues: Value = serde_json::from_str(&colleagues).unwrap();
    let colleague = by_email(&colleagues["rows"], &address("staff"));
    let (person, group) = ("diruser_1".to_owned(), "dirgroup_1".to_owned());
    let organization = ASKED.to_owned();
    Ids {
        organization,
        person,
        group,
        run,
        request,
        proposal,
        delivery,
        invitation,
        account,
        colleague,
    }
}

/// A limit that a second staff member would have to approve, and that was withdrawn.
fn proposed(call: &impl Fn(&str, &str) -> Value) -> String {
    let organization = format!("id={ASKED}");
    let version = call("load_organization", &organization)["limit_version"].as_i64().unwrap();
    call(
        "set_seat_limit",
        &format!("{organization}&limit=5000&limit_version={version}&reason=secret.person"),
    );
    let proposal = call("load_organization", &organization)["proposal"]["id"].clone();
    let proposal = proposal.as_str().unwrap().to_owned();
    call("withdraw_proposal", &format!("{organization}&proposal={proposal}"));
    proposal
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
    let unknown = Ids { organization: ASKED.to_owned(), ..Ids::of_nothing() };
    let elsewhere = Ids { organization: OTHER.to_owned(), ..known };

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
        let path = path.replace(":proposal", "{proposal}");
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
    let all: BTreeSet<String> = calls
        .chain(pages)
        .chain(exports)
        .chain(others)
        .chain(["GET /nothing/like/it".to_owned()])
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
