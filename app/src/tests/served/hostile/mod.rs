//! Text from outside stays text on every page and in every e-mail. Every column with text from
//! outside gets hostile text, every page is requested, and the bytes of the answers are checked.

mod columns;
mod html;
mod made;
mod pages;

use std::{collections::BTreeMap, time::Duration};

use domain::setting::FixedSettings;
use seatkeeper::{
    channels::email::mailer::Mailer,
    clock::Clock,
    config::PublicUrl,
    db::Db,
    jobs::send_messages::{self, Mail},
    state::{AppState, Operations, Settings},
};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

use self::{
    html::{Html, unseen},
    pages::{encoded, pages},
};
use super::support::{Answer, Server, joined, renamed};

const STAFF: &str = "sam.staff@seats.test";
const ADMIN: &str = "tess.admin@customer.test";

/// A name that a customer has chosen: a form that covers the whole page and raises the seat limit.
const EVIL: &str = "Evil Ltd</title></head><form method=post action=/api/set_seat_limit>\
    <input type=hidden name=id value=org_1><input type=hidden name=limit value=unlimited>\
    <input type=hidden name=limit_version value=0><input type=hidden name=reason value=agreed>\
    <button class=row__link></button></form>";

/// Where the text of a column comes from, and whether a page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Ours,
    Shown,
    Hidden,
}

#[test]
fn an_organization_cannot_leave_the_title_of_its_page() {
    let server = Server::new().organization("org_1").account(STAFF, "staff", &[]).serving();
    server.deliver("msg_1", &renamed("org_1", EVIL));
    let cookie = server.signed_in(STAFF);

    let page = server.page("/organizations/org_1", &cookie);

    let title = page.body.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
    assert!(
        title.starts_with("Evil Ltd&lt;/title&gt;&lt;/head&gt;&lt;form")
            && title.ends_with("· Seatkeeper"),
        "{title}"
    );
    assert!(
        !page.body.contains("<form method=post") && !page.body.contains("<button class=row__link>"),
        "{}",
        page.body
    );
}

/// A text with many kinds of attack at once; `tag` shows where the text came from.
fn hostile(tag: &str) -> String {
    format!(
        "{tag}</title></textarea></script><xss-{tag}>\"' onxss=1 {{{{x}}}} javascript:x %0d%0a&lt;xss \u{202e}evil\u{2066}x\u{200f}\
         a\u{200b}b\u{feff}\u{e0041}\u{1b}[31m\u{9b}31m\0\r\nBcc: xss@evil.test\r\n\r\n\u{2028}שלום 👨\u{200d}👩\u{200d}👧 {}",
        "w".repeat(10_000)
    )
}

/// Checks that no text from outside acts as markup, reverses text or is invisible.
fn is_harmless(label: &str, page: &str) {
    let html = Html::of(page);
    let commands: Vec<_> = html.tags.iter().filter(|tag| tag.contains("xss")).collect();
    assert!(commands.is_empty(), "{label}: {commands:?}");
    let own = html.attributes.iter().filter(|(name, value)| {
        name.contains("xss") || value.trim_start().starts_with("javascript:")
    });
    assert_eq!(own.collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "{label}");
    for text in html.read() {
        let found = unseen(text);
        assert!(
            found.is_empty(),
            "{label}: {found:?} in {}",
            text.chars().take(300).collect::<String>()
        );
    }
}

fn headers_are_harmless(page: &str, answer: &Answer) {
    for (name, value) in &answer.headers {
        assert!(!value.contains("xss@") && !name.contains("bcc"), "{page}: {name}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn no_page_and_no_email_is_changed_by_the_text_it_shows() {
    let server = Server::new()
        .organization("org_1")
        .account(STAFF, "staff-admin", &[])
        .account(ADMIN, "tenant-admin", &["org_1"])
        .serving();
    let (staff, admin) = (server.signed_in(STAFF), server.signed_in(ADMIN));
    deliver_hostile_text(&server, &staff);
    let mut db = SqliteConnection::connect(&server.database()).await.unwrap();
    check_emails(&server).await;
    let (delivery, dead) = (first(&mut db, "admitted").await, first(&mut db, "dead").await);
    let tags = tampered(&mut db, &delivery).await;

    let mut read = String::new();
    for path in pages(&delivery, &dead) {
        for (who, cookie) in
            [("staff", &staff), ("an admin", &admin), ("a stranger", &String::new())]
        {
            let page = format!("{} for {who}", path.chars().take(90).collect::<String>());
            let answer = server.page(&path, cookie);
            assert!(
                [200, 303, 307, 302, 400, 401, 404, 422].contains(&answer.status),
                "{page}: {}",
                answer.status
            );
            headers_are_harmless(&page, &answer);
            is_harmless(&page, &answer.body);
            read.push_str(&answer.body);
            if who != "staff" {
                for (column, tag) in FOR_STAFF.map(|column| (column, &tags[column])) {
                    assert!(!answer.body.contains(tag.as_str()), "{page} shows {column}");
                }
            }
            if path.starts_with(&format!("/deliveries/{delivery}")) {
                for (column, tag) in
                    tags.iter().filter(|(column, _)| PERSONAL.contains(&column.as_str()))
                {
                    assert!(
                        !answer.body.contains(tag.as_str()),
                        "{page} shows {column} before a reveal"
                    );
                }
            }
        }
    }
    check_exports(&server, [&staff, &admin], &tags);
    let path = format!("/deliveries/{delivery}");
    server.call("reveal_personal_data", &format!("id={delivery}"), &staff);
    let page = server.page(&path, &staff).body;
    is_harmless("a delivery with personal data", &page);
    read.push_str(&page);

    let missing: Vec<_> = tags
        .iter()
        .filter(|(_, tag)| !read.contains(tag.as_str()))
        .map(|(column, _)| column)
        .collect();
    assert!(
        missing.is_empty(),
        "no page shows {missing:?}: are they hidden, or does the test not reach them?"
    );
}

/// A list as CSV is no page, and has no more than its page.
fn check_exports(server: &Server, [staff, admin]: [&str; 2], tags: &BTreeMap<String, String>) {
    for path in [
        "/organizations.csv",
        "/activity.csv",
        "/deliveries.csv",
        "/settings/api-keys.csv",
        "/settings/webhook-endpoints.csv",
        "/organizations/org_1/people.csv",
        "/organizations/org_1/members.csv",
        "/organizations/org_1/groups.csv",
        "/organizations/org_1/groups/dirgroup_1/changes.csv",
        "/organizations/org_1/waitlist.csv",
        "/organizations/org_1/history.csv",
        "/organizations/org_1/reclaim.csv",
        "/organizations/org_1/reclaim.csv?show=kept",
        "/organizations/org_1/activity.csv",
    ] {
        for (who, cookie) in [("staff", staff), ("an admin", admin)] {
            let (answer, page) = (server.page(path, cookie), format!("{path} for {who}"));
            let is_allowed = who == "staff" || path.contains("org_1");
            assert_eq!(answer.status, if is_allowed { 200 } else { 404 }, "{page}");
            headers_are_harmless(&page, &answer);
            let kind = answer.header("content-type").unwrap_or_default();
            let expected = if is_allowed { "text/csv" } else { "text/plain" };
            assert!(kind.starts_with(expected), "{page}: {kind}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{page}");
            let hidden = if who == "staff" { &[][..] } else { &FOR_STAFF };
            let personal = if path == "/deliveries.csv" { &PERSONAL[..] } else { &[] };
            for column in hidden.iter().chain(personal) {
                let tag = if *column == "deliveries.body" { "qbody" } else { &tags[*column] };
                assert!(!answer.body.contains(tag), "{page} shows {column}");
            }
        }
    }
}

/// The id of the first delivery with this outcome.
async fn first(db: &mut SqliteConnection, outcome: &str) -> String {
    let select = "select id from deliveries where outcome = ? order by received_at limit 1";
    sqlx::query(select).bind(outcome).fetch_one(db).await.unwrap().get(0)
}

/// The columns that the page of a delivery shows only after a reveal.
const PERSONAL: [&str; 5] = [
    "directory_users.email",
    "directory_users.name",
    "deliveries.kind",
    "deliveries.event_id",
    "deliveries.body",
];

/// The columns that only staff read.
const FOR_STAFF: [&str; 5] = [
    "organization_notes.notes",
    "organization_notes.changed_by",
    "note_drafts.notes",
    "limit_proposals.reason",
    "limit_proposals.proposed_by",
];

/// Sends webhooks with hostile text in every field, and sets a seat limit with a hostile reason.
fn deliver_hostile_text(server: &Server, staff: &str) {
    server.deliver("msg_renamed", &renamed("org_1", &hostile("renamed")));
    for n in 1..=5 {
        let body: serde_json::Value = serde_json::from_str(&joined(n)).unwrap();
        let mut body = body;
        body["data"]["name"] = hostile(&format!("name{n}")).into();
        body["data"]["dp_id"] = hostile("dp").into();
        body["data"]["external_id"] = hostile("ext").into();
        body["data"]["roles"] = serde_json::json!([{ "role_name": hostile("role") }]);
        body["data"]["groups"] =
            serde_json::json!([{ "id": "dirgroup_1", "name": hostile("group") }]);
        server.deliver(&format!("msg_{n}"), &body.to_string());
    }
    let at =
        joined(9).split("\"occurred_at\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let event = |kind: &str, data: serde_json::Value| {
        serde_json::json!({ "id": hostile("evt"), "type": kind, "occurred_at": at, "organization_id": "org_1", "data": data }).to_string()
    };
    let directory = serde_json::json!({ "id": "dir_1", "provider": hostile("provider") });
    let directory = event("organization.directory_enabled", directory)
        .replace(&serde_json::Value::from(hostile("evt")).to_string(), "\"evt_dir\"");
    server.deliver("msg_directory", &directory.replace("_enabled", "_disabled"));
    server.deliver("msg_odd", &event(&hostile("type"), serde_json::json!({ hostile("key"): 1 })));
    server.deliver(
        "msg_dead",
        &event("organization.directory.user_created", serde_json::json!({ "id": hostile("id") })),
    );
    server.deliver("msg_text", &hostile("no json"));
    // a reason with a NUL character is refused
    let reason: String =
        hostile("reason").chars().filter(|c| *c != '\0').take(400).map(encoded).collect();
    let set = server.call(
        "set_seat_limit",
        &format!("id=org_1&limit=2&limit_version=0&reason={reason}"),
        staff,
    );
    assert!(set.status < 400, "{set:?}");
}

/// Checks the e-mails that these webhooks have caused, in the form in which they are sent.
async fn check_emails(server: &Server) {
    let clock = Clock::still(Clock::machine().now().plus(Duration::from_mins(2)), 1);
    let db = Db::open(&server.database().parse().unwrap(), clock.clone()).await.unwrap();
    let settings = Settings {
        public_url: PublicUrl::parse("https://seats.example").unwrap(),
        fixed: FixedSettings::default(),
        operations: Operations::default(),
    };
    let state = AppState::new(db, clock, settings);
    let mail = Mail { mailer: Mailer::memory(), from: "seats@seats.example".parse().unwrap() };
    send_messages::work_off(&state, &mail).await.unwrap();
    state.db.close().await;
    let sent = mail.mailer.sent();
    let subjects: Vec<&str> = sent.iter().map(|sent| sent.email.subject.as_str()).collect();
    assert_eq!(subjects.len(), 6, "each kind of e-mail that webhooks cause: {subjects:?}");
    for sent in &sent {
        let (subject, text) = (&sent.email.subject, &sent.email.text);
        assert!(!subject.contains(['\r', '\n']) && unseen(subject).is_empty(), "{subject:?}");
        assert!(unseen(text).is_empty() && !text.contains("\nBcc:"), "{text:?}");
        is_harmless(subject, &sent.email.html);
    }
}

/// Inserts the rows that the webhooks did not create, and replaces all text from outside by hostile
/// text. Returns the tag of each column that a page must show.
async fn tampered(db: &mut SqliteConnection, delivery: &str) -> BTreeMap<String, String> {
    for (table, known) in made::MADE {
        made(db, table, known, delivery).await;
    }
    sqlx::query("drop trigger audit_log_no_update").execute(&mut *db).await.unwrap();
    let mut tags = BTreeMap::new();
    for (table, column) in texts(db).await {
        let kind = columns::kind(&table, &column)
            .unwrap_or_else(|| panic!("{table}.{column} is new: does it come from outside?"));
        if kind == Kind::Ours {
            continue;
        }
        let tag = format!("q{}q", tags.len() + 100);
        let words = match column.as_str() {
            "roles" => serde_json::json!([hostile(&tag)]).to_string(),
            "attributes" => serde_json::json!({ hostile("name"): hostile(&tag) }).to_string(),
            _ => hostile(&tag),
        };
        // event ids must be unique
        let own = if column == "event_id" { " || rowid" } else { "" };
        let statement = format!("update {table} set {column} = ?{own}");
        sqlx::query(AssertSqlSafe(statement))
            .bind(words)
            .execute(&mut *db)
            .await
            .unwrap_or_else(|error| panic!("{table}.{column}: {error}"));
        if kind == Kind::Shown {
            tags.insert(format!("{table}.{column}"), tag);
        }
    }
    let body = serde_json::json!({ "type": hostile("qbody1q"), hostile("qbody2q"): 1, "data": { "external_id": "qbody3q", "x": hostile("qbody4q") } });
    let body = body.to_string().into_bytes();
    sqlx::query("update deliveries set body = ? where body is not null")
        .bind(body)
        .execute(&mut *db)
        .await
        .unwrap();
    tags.insert("deliveries.body".to_owned(), "qbody".to_owned());
    tags
}

/// Inserts a row in which every required column has a value.
async fn made(db: &mut SqliteConnection, table: &str, known: &[(&str, &str)], delivery: &str) {
    let now = sqlx::query("select max(received_at) from deliveries")
        .fetch_one(&mut *db)
        .await
        .unwrap()
        .get::<i64, _>(0)
        .to_string();
    let staff = sqlx::query("select id from accounts where email = ?").bind(STAFF);
    let staff: String = staff.fetch_one(&mut *db).await.unwrap().get(0);
    let columns = sqlx::query(AssertSqlSafe(format!(
        "select name, type, \"notnull\" from pragma_table_info('{table}')"
    )));
    let mut names = Vec::new();
    let mut values = Vec::new();
    for column in columns.fetch_all(&mut *db).await.unwrap() {
        let (name, kind, needed): (String, String, bool) =
            (column.get(0), column.get(1), column.get(2));
        let value = match known.iter().find(|(known, _)| *known == name) {
            Some((_, "NOW")) => now.clone(),
            Some((_, "DELIVERY")) => delivery.to_owned(),
            Some((_, "STAFF")) => staff.clone(),
            Some((_, value)) => (*value).to_owned(),
            None if needed => if kind.eq_ignore_ascii_case("text") { "x" } else { "0" }.to_owned(),
            None => continue,
        };
        names.push(name);
        values.push(format!("'{value}'"));
    }
    let insert = format!(
        "insert into {table} ({}) values ({}) on conflict do nothing",
        names.join(", "),
        values.join(", ")
    );
    sqlx::query(AssertSqlSafe(insert))
        .execute(&mut *db)
        .await
        .unwrap_or_else(|error| panic!("{table}: {error}"));
}

/// Every text column of every table.
async fn texts(db: &mut SqliteConnection) -> Vec<(String, String)> {
    let all = "select t.name, c.name from sqlite_master t, pragma_table_info(t.name) c where t.type = 'table' and lower(c.type) = 'text' \
               and t.name not like 'sqlite%' and t.name <> '_sqlx_migrations' order by 1, 2";
    let columns: Vec<_> = sqlx::query(all)
        .fetch_all(db)
        .await
        .unwrap()
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    assert!(columns.len() > 100, "not all of them: {columns:?}");
    columns
}

impl Server {
    fn database(&self) -> String {
        format!("sqlite://{}", self.folder().join("seats.db").display())
    }
}
