//! The log of a busy server contains ids, and no e-mail address, password, cookie or secret.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use serde_json::Value;

use super::support::{KEY, PASSWORD, Server, joined};

const STAFF: &str = "sam.staff@seats.test";
const TESS: &str = "tess.admin@seats.test";

fn start() -> Server {
    Server::new()
        .with("SMTP_URL", &format!("smtp://{}", grumpy_mail_server()))
        .account(STAFF, "staff", &[])
        .serving()
}

/// Starts a mail server that refuses every e-mail and repeats the address in its answer, as mail
/// servers often do.
fn grumpy_mail_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = refuse(stream); // the client may have disconnected
        }
    });
    address
}

fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(b"220 mail.test\r\n")?;
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        let answer = if line.starts_with("RCPT") {
            format!("550 no such mailbox: {line}\r\n")
        } else {
            "250 fine\r\n".to_owned()
        };
        stream.write_all(answer.as_bytes())?;
    }
    Ok(())
}

#[test]
fn a_busy_run_logs_ids_and_no_addresses_or_secrets() {
    let server = start();
    for n in 0..20 {
        server.deliver(&format!("msg_{n}"), &joined(n));
    }
    server.deliver("msg_broken", r#"{"id":"evt_broken","type":"organization.directory.user_created","organization_id":"org_1","data":{"email":17,"name":"secret.person@customer.test"}}"#);
    assert_eq!(server.sign_in(STAFF, "wrong passphrase").status, 422);
    let cookie = server.signed_in(STAFF);
    assert_eq!(server.page("/organizations/org_1", &cookie).status, 200);
    server.wait_for("an e-mail is refused", || server.log().contains("given up"));

    let log = server.log();
    for kept in [KEY, PASSWORD, "wrong passphrase", cookie.split_once('=').unwrap().1] {
        assert!(!log.contains(kept), "{kept} in\n{log}");
    }
    let addresses = log
        .split(|c: char| c.is_whitespace() || "\"<>,;".contains(c))
        .filter(|word| word.contains('@'));
    assert_eq!(addresses.collect::<Vec<_>>(), [""; 0]);
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let line = |message: &str| {
        lines
            .iter()
            .find(|line| line["message"] == message)
            .unwrap_or_else(|| panic!("{message} in\n{log}"))
    };
    let dead = line("a delivery became a dead letter");
    assert_eq!(
        (&dead["webhook_id"], &dead["event"], &dead["organization"]),
        (&"msg_broken".into(), &"evt_broken".into(), &Value::Null)
    );
    for message in ["a delivery became a dead letter", "a sign-in was refused", "signed in"] {
        assert!(
            line(message)["request"].as_str().is_some_and(|id| id.starts_with("req_")),
            "{}",
            line(message)
        );
    }
    assert!(lines.iter().all(|line| line["level"] != "ERROR"), "{log}");
}

#[test]
fn what_is_refused_leaves_a_line_with_its_request() {
    let server =
        Server::new().organization("org_1").account(TESS, "tenant-admin", &["org_1"]).serving();
    server.deliver("msg_1", &joined(1));
    let cookie = server.signed_in(TESS);

    assert_eq!(server.page("/system", &cookie).status, 404);
    assert_eq!(server.page("/organizations/org_2", &cookie).status, 404);
    let foreign = format!("origin: https://evil.test\r\ncookie: {cookie}\r\n");
    assert_eq!(server.ask("POST /api/sign_out", &foreign, "").status, 403);
    assert_eq!(server.page("/organizations?search=%00", &cookie).status, 400);

    let log = server.log();
    let lines: Vec<Value> =
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of =
        |message: &str| lines.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    let lacking = of("a right was lacking");
    assert!(lacking.len() >= 2, "{log}");
    assert!(lacking.iter().all(|line| line["account"].as_str().is_some()), "{lacking:?}");
    let refused = of("a request was refused");
    let statuses: Vec<_> = refused.iter().filter_map(|line| line["status"].as_i64()).collect();
    assert_eq!(statuses, [403, 400], "{log}");
}

#[test]
fn a_log_in_a_file_has_no_colours() {
    let server = Server::new().with("SEATKEEPER_LOG_FORMAT", "text").serving();

    server.wait_for("it says where it is", || server.log().contains("Seatkeeper is at"));

    let log = server.log();
    assert!(!log.contains('\u{1b}'), "{log:?}");
}

#[test]
fn a_browser_that_goes_away_in_the_middle_of_a_page_is_no_error() {
    let server = start();
    let cookie = server.signed_in(STAFF);

    // so many that the account would have no share left if one in a hundred kept its own
    for n in (0..10).flat_map(|_| 0..200_u64) {
        let path = ["/organizations", "/system", "/organizations/org_1/people"]
            [usize::try_from(n % 3).unwrap()];
        let stream = server.begin(&format!("GET {path}"), &format!("cookie: {cookie}\r\n"), "");
        thread::sleep(Duration::from_micros(n * 50));
        drop(stream);
    }
    // the abandoned requests have ended when another request is answered
    server.wait_for("the account has its share again", || {
        server.page("/organizations", &cookie).status == 200
    });

    assert!(!server.log().contains("ERROR"), "{}", server.log());
}
