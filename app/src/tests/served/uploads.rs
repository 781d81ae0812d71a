//! A file of people from a page, without JavaScript: the form, the plan, and why a file is refused.

use std::{thread, time::Duration};

use super::{
    doors::send_file,
    support::{Answer, Server, joined},
};

const ADMIN: &str = "admin@customer.test";
const PAGE: &str = "/organizations/org_1/import";

fn serving() -> (Server, String) {
    let server =
        Server::new().organization("org_1").account(ADMIN, "tenant-admin", &["org_1"]).serving();
    let cookie = server.signed_in(ADMIN);
    (server, cookie)
}

fn send(server: &Server, cookie: &str, file: (&str, &str)) -> Answer {
    send_file(server, "org_1", cookie, file)
}

/// The page once it says this.
fn until(server: &Server, path: &str, cookie: &str, says: &str) -> String {
    let mut page = String::new();
    for _ in 0..600 {
        page = server.page(path, cookie).body;
        if page.contains(says) {
            return page;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{path} does not say {says}: {page}");
}

#[test]
fn an_admin_sends_a_file_sees_the_plan_and_applies_it() {
    let (server, cookie) = serving();
    server.deliver("msg_1", &joined(1));
    let form = server.page(PAGE, &cookie).body;
    assert!(form.contains("multipart/form-data") && form.contains("Who is in the file?"), "{form}");

    let file = "email,name\nada@acme.test,Ada\nperson.1@customer.test,Another\nx,y\n";
    let sent = send(&server, &cookie, ("People.CSV", file));

    assert_eq!(sent.status, 303, "{sent:?}");
    let run = sent.header("location").unwrap().to_owned();
    assert!(run.starts_with("/organizations/org_1/resyncs/rsn_"), "{run}");
    let plan = until(&server, &run, &cookie, "Apply this plan");
    for says in
        ["Preview of an import", "1 person would be created", "Refused rows", "line 4, email"]
    {
        assert!(plan.contains(says), "{says}: {plan}");
    }
    assert!(!plan.contains("Calls to Scalekit") && !plan.contains("Scalekit’s lists"), "{plan}");
    // the file has changed nothing yet
    let people = "/organizations/org_1/people";
    assert!(!server.page(people, &cookie).body.contains("ada@acme.test"));
    let rows = plan.split("/imports/").nth(1).unwrap().split('"').next().unwrap();
    let rows = server.page(&format!("/organizations/org_1/imports/{rows}"), &cookie).body;
    assert!(rows.contains("4,,,,refused,no,,email,This is no e-mail address."), "{rows}");

    let id = run.rsplit('/').next().unwrap();
    let confirms = server.call("confirm_resync", &format!("id=org_1&run={id}"), &cookie);
    assert_eq!(confirms.status, 200, "{confirms:?}");
    until(&server, people, &cookie, "ada@acme.test");
}

#[test]
fn a_file_that_is_refused_leads_back_to_the_form_with_its_reason() {
    let (server, cookie) = serving();
    let deep = format!("email\n{}", "a".repeat(17_000));
    let refused = [
        ("people.csv", "email,<b>shoe\na@b.test,1\n", "“&lt;b&gt;shoe” is no column here."),
        ("people.csv", "email\n", "There are no people in this file."),
        ("people.csv", deep.as_str(), "Line 2 is longer than 16 KiB."),
        ("people.xlsx", "PK", "Say whether the file is CSV or NDJSON."),
    ];
    for (name, file, says) in refused {
        let sent = send(&server, &cookie, (name, file));

        let back = sent.header("location").unwrap().to_owned();
        assert!(sent.status == 303 && back.starts_with(PAGE), "{sent:?}");
        assert!(!back.contains("shoe"), "{back}");
        let kept = sent.header("set-cookie").unwrap().split(';').next().unwrap();
        let page = server.page(&back, &format!("{cookie}; {kept}")).body;
        assert!(page.contains(says), "{says}: {page}");
        assert!(page.contains("aria-invalid=\"true\""), "{page}");
    }
    // the list of runs has nothing of them
    assert!(!server.page("/organizations/org_1/resyncs", &cookie).body.contains("rsn_"));
    assert!(!server.log().contains("\"ERROR\""), "{}", server.log());
}

#[test]
fn the_script_of_the_page_learns_where_the_plan_is() {
    let (server, cookie) = serving();
    let headers = format!(
        "accept: text/html\r\nx-seatkeeper-form: yes\r\ncookie: {cookie}\r\n\
         content-type: multipart/form-data; boundary=x\r\n"
    );
    let file = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.ndjson\"\r\n\r\n\
                {\"email\":\"ada@acme.test\"}\r\n--x--\r\n";

    let sent = server.ask("POST /organizations/org_1/imports", &headers, file);

    assert_eq!((sent.status, sent.header("location")), (200, None), "{sent:?}");
    let leads_to = sent.header("x-seatkeeper-leads-to").unwrap();
    assert!(leads_to.starts_with("/organizations/org_1/resyncs/rsn_"), "{leads_to}");
}

#[test]
fn no_other_site_and_no_torn_form_brings_people_in() {
    let (server, cookie) = serving();
    let from = |origin: &str, kind: &str, body: &str| {
        let headers =
            format!("accept: text/html\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\n{origin}");
        server.ask("POST /organizations/org_1/imports", &headers, body).status
    };
    let form = "multipart/form-data; boundary=x";
    let file = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
                email\r\nada@acme.test\r\n";

    assert_eq!(from("origin: https://evil.example\r\n", form, &format!("{file}--x--\r\n")), 403);
    assert_eq!(from("", form, file), 400);
    assert_eq!(from("", form, "--x--\r\n"), 415);
    assert_eq!(from("", "multipart/form-data", file), 415);
    assert_eq!(from("", "text/csv", "email\nada@acme.test\n"), 415);
    assert!(!server.page("/organizations/org_1/resyncs", &cookie).body.contains("rsn_"));
}
