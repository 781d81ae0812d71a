//! The live stream over the network: its first event comes at once, proxies must not hold it back,
//! and one stream serves all windows of a browser.

use std::time::Duration;

use super::{
    proxies::read_until,
    support::{Server, begin_at, joined},
};

const STAFF: &str = "sam.staff@seats.test";
const ADMIN: &str = "ada.admin@seats.test";

fn start() -> Server {
    let server = Server::new().organization("org_1").organization("org_2");
    server.account(STAFF, "staff", &[]).account(ADMIN, "tenant-admin", &["org_1"]).serving()
}

fn listen(server: &Server, query: &str, email: &str) -> std::net::TcpStream {
    let headers = format!(
        "accept: text/event-stream\r\naccept-encoding: gzip, br\r\ncookie: {}\r\n",
        server.signed_in(email)
    );
    begin_at(server.address(), &format!("GET /live{query}"), &headers, b"")
}

#[test]
fn the_first_event_comes_at_once_and_nothing_in_between_may_keep_it_or_change_it() {
    let server = start();

    let received = read_until(
        &mut listen(&server, "?organization=org_1", ADMIN),
        &["data: org_1 "],
        Duration::from_secs(1),
    )
    .to_lowercase();

    assert!(received.contains("\r\nx-accel-buffering: no\r\n"), "{received}");
    assert!(received.contains("\r\ncache-control: no-store, no-transform\r\n"), "{received}");
    assert!(
        received.contains("\r\ncontent-type: text/event-stream\r\n")
            && !received.contains("content-encoding"),
        "{received}"
    );
}

#[test]
fn something_is_said_at_least_every_ten_seconds() {
    let server = start();
    let mut stream = listen(&server, "?organization=org_1", ADMIN);

    read_until(&mut stream, &["data: heartbeat\n"], Duration::from_secs(11));
}

#[test]
fn one_connection_carries_what_several_windows_show_and_nothing_that_is_not_theirs() {
    let server = start();
    let mut staff = listen(
        &server,
        "?organization=org_1&organization=org_2&all=yes&organization=org_404",
        STAFF,
    );
    let first = read_until(
        &mut staff,
        &["data: org_1 ", "data: org_2 ", "data: * "],
        Duration::from_secs(2),
    );
    assert!(!first.contains("org_404"), "{first}");
    let mut admin = listen(&server, "?organization=org_2&organization=org_1&all=yes", ADMIN);
    let own = read_until(&mut admin, &["data: org_1 "], Duration::from_secs(2));
    assert!(!own.contains("org_2") && !own.contains("data: *"), "{own}");

    server.deliver("msg_1", &joined(1));

    read_until(&mut staff, &["data: org_1 "], Duration::from_secs(2));
    read_until(&mut admin, &["data: org_1 "], Duration::from_secs(2));
    let headers = format!("cookie: {}\r\n", server.signed_in(ADMIN));
    assert_eq!(server.ask("GET /live?organization=org_2", &headers, "").status, 404);
    assert_eq!(server.ask("GET /live?organization=%20", &headers, "").status, 404);
}
