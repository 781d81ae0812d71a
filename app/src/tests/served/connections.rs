//! Clients on raw sockets that hold connections without using them: each connection ends at its
//! time limit and blocks no other client. And one account that sends too many requests at once.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use seatkeeper::clock::Stopwatch;

use super::support::{Answer, Server, joined};

const VIEWER: &str = "vera@customer.test";
const HALF_HEAD: &str = "GET / HTTP/1.1\r\nhost: seats\r\n";
const HALF_BODY: &str =
    "POST /webhooks/scalekit HTTP/1.1\r\nhost: seats\r\ncontent-length: 100\r\n\r\n{";
const KEEP_ALIVE: &str = "GET /healthz HTTP/1.1\r\nhost: seats\r\n\r\n";
/// Longer than any time limit in this file.
const PATIENCE: Duration = Duration::from_secs(20);

fn start() -> Server {
    Server::new().organization("org_1").account(VIEWER, "tenant-viewer", &["org_1"])
}

fn send(server: &Server, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

/// What the server sends until it closes the connection, and how long that takes.
fn until_closed(stream: &mut TcpStream) -> (String, Duration) {
    let (began, mut bytes) = (Stopwatch::start(), Vec::new());
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    }
    (String::from_utf8_lossy(&bytes).into_owned(), began.elapsed())
}

#[test]
fn silent_connections_keep_no_delivery_and_no_page_out() {
    let server = start().with_descriptors(128).serving();

    let silent: Vec<_> = ["", HALF_HEAD, HALF_BODY, KEEP_ALIVE]
        .iter()
        .cycle()
        .take(400)
        .map(|text| send(&server, text))
        .collect();

    let began = Stopwatch::start();
    for number in 0..20 {
        server.deliver(&format!("msg_{number}"), &joined(number));
    }
    assert_eq!(server.ask("GET /healthz", "", "").status, 200);
    assert_eq!(server.page("/sign-in", "").status, 200);
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    assert!(!server.log().contains("cannot be accepted"), "{}", server.log());
    drop(silent);
}

#[test]
fn forms_that_are_half_sent_keep_no_page_out() {
    let server = start().with_descriptors(128).serving();
    let half = "POST /api/sign_in HTTP/1.1\r\nhost: seats\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 10\r\n\r\n";

    let held: Vec<_> = (0..400).map(|_| send(&server, half)).collect();

    for _ in 0..20 {
        assert_eq!(server.page("/sign-in", "").status, 200);
    }
    drop(held);
}

#[test]
fn bodies_with_false_signatures_take_only_so_much_memory() {
    /// Fewer large bodies fit in the room of one client.
    const MOST: usize = 16;
    let server = start().with("SEATKEEPER_BODY_SECONDS", "300").serving();
    let start =
        "POST /webhooks/scalekit HTTP/1.1\r\nhost: seats\r\ncontent-length: 1000000\r\n\r\n";
    let unfinished = format!("{start}{}", "a".repeat(999_000));

    let mut open: Vec<TcpStream> = Vec::new();
    for _ in 0..3 * MOST {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        // a body that is refused may be refused while it is being sent
        let _ = stream.write_all(unfinished.as_bytes());
        stream.set_nonblocking(true).unwrap();
        open.push(stream);
    }

    let is_held = |stream: &mut TcpStream| {
        stream.read(&mut [0; 12]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    };
    let began = Stopwatch::start();
    while open.len() > MOST {
        assert!(began.elapsed() < PATIENCE, "{} bodies are held", open.len());
        open.retain_mut(is_held);
        thread::sleep(Duration::from_millis(50));
    }
    server.deliver("msg_1", &joined(1));
    assert!(open.len() > MOST / 2, "{}: room for large bodies, too", open.len());
}

#[test]
fn each_connection_that_waits_for_its_client_has_an_end() {
    let settings =
        ["SEATKEEPER_HEAD_SECONDS", "SEATKEEPER_BODY_SECONDS", "SEATKEEPER_IDLE_SECONDS"];
    let server =
        settings.into_iter().fold(start(), |server, setting| server.with(setting, "1")).serving();

    for (text, answer) in
        [("", ""), (HALF_HEAD, ""), (HALF_BODY, "HTTP/1.1 408"), (KEEP_ALIVE, "HTTP/1.1 200")]
    {
        let (got, after) = until_closed(&mut send(&server, text));
        assert!(
            got.starts_with(answer) && got.is_empty() == answer.is_empty(),
            "{text:?}: {got:?}"
        );
        assert!(
            after > Duration::from_millis(500) && after < Duration::from_secs(5),
            "{text:?}: {after:?}"
        );
    }
}

#[test]
fn a_body_that_trickles_in_is_answered_408_whatever_it_is_for() {
    let server = start().with("SEATKEEPER_BODY_SECONDS", "1").serving();

    for path in ["/webhooks/scalekit", "/api/webhooks/scalekit", "/api/sign_in", "/api/load_person"]
    {
        let form = "content-type: application/x-www-form-urlencoded";
        let mut stream = send(
            &server,
            &format!(
                "POST {path} HTTP/1.1\r\nhost: seats\r\n{form}\r\ncontent-length: 1000\r\n\r\n"
            ),
        );
        let mut trickle = stream.try_clone().unwrap();
        let trickling = thread::spawn(move || {
            while trickle.write_all(b"a").is_ok() {
                thread::sleep(Duration::from_millis(100));
            }
        });

        let (answer, after) = until_closed(&mut stream);

        assert!(answer.starts_with("HTTP/1.1 408"), "{path}: {answer:?}");
        assert!(answer.contains("x-content-type-options: nosniff"), "{path}: {answer:?}");
        assert!(after < Duration::from_secs(5), "{path}: {after:?}");
        trickling.join().unwrap();
    }
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[test]
fn a_body_that_is_announced_as_too_long_is_refused_before_it_comes() {
    let server = start().serving();
    let form = "content-type: application/x-www-form-urlencoded";

    for (path, length) in [
        ("/webhooks/scalekit", 5_000_000_000_u64),
        ("/api/webhooks/scalekit", 5_000_000_000),
        ("/api/sign_in", 5_000_000_000),
        ("/api/sign_in", 70_000),
        ("/sign-in", 70_000),
    ] {
        let mut stream = send(
            &server,
            &format!(
                "POST {path} HTTP/1.1\r\nhost: seats\r\n{form}\r\ncontent-length: {length}\r\n\r\n"
            ),
        );
        let (began, mut start) = (Stopwatch::start(), [0; 12]);
        stream.read_exact(&mut start).unwrap();

        assert_eq!(&start, b"HTTP/1.1 413", "{path} {length}");
        assert!(began.elapsed() < Duration::from_secs(5), "{path} {length}: {:?}", began.elapsed());
    }
}

#[test]
fn whatever_connections_are_open_a_stop_takes_less_than_five_seconds() {
    let mut server = start().serving();
    let cookie = server.signed_in(VIEWER);
    let live =
        format!("GET /live?organization=org_1 HTTP/1.1\r\nhost: seats\r\ncookie: {cookie}\r\n\r\n");
    let texts = ["", HALF_HEAD, HALF_BODY, KEEP_ALIVE, &live];
    let mut open: Vec<_> = texts.iter().cycle().take(50).map(|text| send(&server, text)).collect();
    let mut last = [0; 15];
    open.last_mut().unwrap().read_exact(&mut last).unwrap();
    assert_eq!(&last, b"HTTP/1.1 200 OK");

    let (after, ended_well) = server.terminated();

    assert!(after < Duration::from_secs(5), "{after:?}");
    assert!(ended_well, "{}", server.log());
}

#[test]
fn an_account_has_so_many_live_connections_and_no_more() {
    let server = start().with("SEATKEEPER_LIVE_PER_ACCOUNT", "2").serving();
    let cookie = server.signed_in(VIEWER);
    let live =
        || server.begin("GET /live?organization=org_1", &format!("cookie: {cookie}\r\n"), "");
    let first = live();
    let second = live();
    server.wait_for("both are live", || {
        [&first, &second].iter().all(|stream| stream.peek(&mut [0]).is_ok())
    });

    let third = Answer::read(live());

    assert_eq!((third.status, third.header("retry-after")), (503, Some("5")));
    assert_eq!(
        server.page("/organizations/org_1", &cookie).status,
        200,
        "the page itself is there"
    );
    drop(first);
    server.wait_for("a place is free", || Answer::read(live()).status == 200);
}

#[test]
fn a_client_has_so_many_live_connections_and_so_much_room_and_its_addresses_share_them() {
    // 64 connections leave 56 for pages, and a quarter of them to one client
    const PART: usize = 14;
    let start = || {
        start().with("SEATKEEPER_TRUSTED_PROXIES", "127.0.0.1").with("SEATKEEPER_CONNECTIONS", "64")
    };
    let from = |client: &str, cookie: &str| {
        format!("accept: text/html\r\nx-forwarded-for: {client}\r\ncookie: {cookie}\r\n")
    };

    for (live, limit) in [("2", 2), ("100", PART)] {
        let server = start().with("SEATKEEPER_LIVE_PER_ADDRESS", live).serving();
        let cookie = server.signed_in(VIEWER);
        let listen = |client: &str| {
            Answer::read(server.begin("GET /live?organization=org_1", &from(client, &cookie), ""))
        };
        let page = |client: &str| {
            server.ask("GET /organizations/org_1", &from(client, &cookie), "").status
        };
        let open = |number: usize| {
            server.begin(
                "GET /live?organization=org_1",
                &from(&format!("2001:db8::{number}"), &cookie),
                "",
            )
        };

        let held: Vec<_> = (0..limit).map(open).collect();
        server.wait_for("all are live", || held.iter().all(|stream| stream.peek(&mut [0]).is_ok()));

        let refused = listen("2001:db8::ffff");
        assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")), "{live}");
        assert_eq!(page("2001:db8::ffff"), if limit == PART { 503 } else { 200 }, "{live}");
        assert_eq!(
            (listen("2001:db8:0:1::1").status, page("192.0.2.1")),
            (200, 200),
            "{live}: the others have room"
        );
        drop(held);
        server.wait_for("there is room again", || listen("2001:db8::ffff").status == 200);
    }
}

#[test]
fn an_account_that_asks_for_too_much_at_once_gets_an_error_and_keeps_no_other_waiting() {
    const OTHER: &str = "sam.staff@seats.test";
    let server = start().account(OTHER, "staff", &[]).serving();
    let (cookie, other) = (server.signed_in(VIEWER), server.signed_in(OTHER));
    let page = "GET /organizations/org_1/people?search=a";
    let headers = format!("accept: text/html\r\ncookie: {cookie}\r\n");

    let open: Vec<_> = (0..100).map(|_| server.begin(page, &headers, "")).collect();
    let others = server.page("/organizations", &other);
    let answers: Vec<_> = open.into_iter().map(Answer::read).collect();

    assert_eq!(others.status, 200);
    let of = |status| answers.iter().filter(|answer| answer.status == status).collect::<Vec<_>>();
    assert_eq!(of(200).len() + of(429).len(), answers.len());
    assert!(!of(200).is_empty() && !of(429).is_empty(), "{} and {}", of(200).len(), of(429).len());
    let refused = of(429)[0];
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert!(refused.body.contains("Too much at once"), "{}", refused.body);
    assert!(!server.log().contains("ERROR"), "{}", server.log());
    assert_eq!(
        server.page("/organizations/org_1/people", &cookie).status,
        200,
        "nothing is kept back"
    );
}
