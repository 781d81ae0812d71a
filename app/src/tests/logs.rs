//! What a busy server logs: everything by its ids, and nobody's address, password, cookie or secret.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use seatkeeper::{
    clock::Clock,
    domain::id::WebhookId,
    scalekit::signature::{self, Secret},
};
use serde_json::Value;
use tempfile::TempDir;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
const PASSWORD: &str = "a passphrase that stays secret";
const STAFF: &str = "sam.staff@seats.test";

/// `seatkeeper serve` on a database of its own, with its log in a file.
struct Server {
    place: TempDir,
    address: SocketAddr,
    child: Child,
}

impl Server {
    fn start(mail: SocketAddr) -> Self {
        let place = tempfile::tempdir().unwrap();
        let address = free();
        let mut account = seatkeeper(&place, address, mail);
        account.args(["account", "create", "--email", STAFF, "--name", "Sam", "--role", "staff", "--password-stdin"]);
        let mut created = account.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        created.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        assert!(created.wait().unwrap().success());
        let log = fs::File::create(place.path().join("log")).unwrap();
        let child = seatkeeper(&place, address, mail).arg("serve").stderr(log).spawn().unwrap();
        let server = Self { place, address, child };
        server.wait_for("it listens", || TcpStream::connect(address).is_ok());
        server
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap()
    }

    fn log_path(&self) -> PathBuf {
        self.place.path().join("log")
    }

    fn wait_for(&self, what: &str, holds: impl Fn() -> bool) {
        for _ in 0..400 {
            if holds() {
                return;
            }
            thread::sleep(Duration::from_millis(25));
        }
        panic!("{what}: never; the log is\n{}", self.log());
    }

    /// The whole answer.
    fn ask(&self, request: &str) -> String {
        let mut stream = self.begin(request);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn begin(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> String {
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        ))
    }

    fn sign_in(&self, password: &str) -> String {
        let form = format!("email={}&password={}", STAFF.replace('@', "%40"), password.replace(' ', "+"));
        self.post("/api/sign_in", "content-type: application/x-www-form-urlencoded\r\n", &form)
    }

    fn deliver(&self, id: &str, body: &str) {
        let now = Clock::machine().now().seconds();
        let secret = Secret::parse(&format!("whsec_{KEY}")).unwrap();
        let signature = signature::sign(&secret, &WebhookId::new(id), now, body.as_bytes());
        let headers = format!("webhook-id: {id}\r\nwebhook-timestamp: {now}\r\nwebhook-signature: {signature}\r\n");
        let answer = self.post("/webhooks/scalekit", &headers, body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it has ended by itself
        let _ = self.child.wait();
    }
}

fn seatkeeper(place: &TempDir, address: SocketAddr, mail: SocketAddr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatkeeper"));
    command
        .current_dir(place.path())
        .env("DATABASE_URL", format!("sqlite://{}", place.path().join("seats.db").display()))
        .env("SCALEKIT_WEBHOOK_SECRET", format!("whsec_{KEY}"))
        .env("SEATKEEPER_LISTEN", address.to_string())
        .env("SMTP_URL", format!("smtp://{mail}"))
        .env("SEATKEEPER_LOG_FORMAT", "json")
        .env("RUST_LOG", "info");
    command
}

fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Refuses every letter, and quotes the address in doing so, as mail servers like to.
fn grumpy_mail_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = refuse(stream); // the other side has gone
        }
    });
    address
}

fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(b"220 mail.test\r\n")?;
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        let answer = if line.starts_with("RCPT") { format!("550 no such mailbox: {line}\r\n") } else { "250 fine\r\n".to_owned() };
        stream.write_all(answer.as_bytes())?;
    }
    Ok(())
}

fn joined(n: usize) -> String {
    let at = Clock::machine().now().rfc3339();
    format!(
        r#"{{"spec_version":"1","id":"evt_{n}","type":"organization.directory.user_created","occurred_at":"{at}","organization_id":"org_1","data":{{"id":"diruser_{n}","organization_id":"org_1","email":"person.{n}@customer.test","name":"Person {n}","active":true}}}}"#
    )
}

#[test]
fn a_busy_run_logs_ids_and_no_addresses_or_secrets() {
    let server = Server::start(grumpy_mail_server());
    for n in 0..20 {
        server.deliver(&format!("msg_{n}"), &joined(n));
    }
    server.deliver("msg_broken", r#"{"id":"evt_broken","type":"organization.directory.user_created","organization_id":"org_1","data":{"email":17,"name":"secret.person@customer.test"}}"#);
    assert!(server.sign_in("wrong passphrase").contains("422"));
    let welcome = server.sign_in(PASSWORD);
    let cookie = welcome.split("seatkeeper=").nth(1).unwrap().split(';').next().unwrap().to_owned();
    let page = format!("GET /organizations/org_1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncookie: seatkeeper={cookie}\r\n\r\n");
    assert!(server.ask(&page).starts_with("HTTP/1.1 200"));
    server.wait_for("a letter is refused", || server.log().contains("given up"));

    let log = server.log();
    for kept in [KEY, PASSWORD, "wrong passphrase", cookie.as_str()] {
        assert!(!log.contains(kept), "{kept} in\n{log}");
    }
    let addresses = log.split(|c: char| c.is_whitespace() || "\"<>,;".contains(c)).filter(|word| word.contains('@'));
    assert_eq!(addresses.collect::<Vec<_>>(), [""; 0]);
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let line = |message: &str| lines.iter().find(|line| line["message"] == message).unwrap_or_else(|| panic!("{message} in\n{log}"));
    let dead = line("a delivery became a dead letter");
    assert_eq!((&dead["webhook_id"], &dead["event"], &dead["organization"]), (&"msg_broken".into(), &"evt_broken".into(), &Value::Null));
    for message in ["a delivery became a dead letter", "a sign-in was refused", "signed in"] {
        assert!(line(message)["request"].as_str().is_some_and(|id| id.starts_with("req_")), "{}", line(message));
    }
    assert!(lines.iter().all(|line| line["level"] != "ERROR"), "{log}");
}

#[test]
fn a_browser_that_goes_away_in_the_middle_of_a_page_is_no_error() {
    let server = Server::start(grumpy_mail_server());
    let welcome = server.sign_in(PASSWORD);
    let cookie = welcome.split("seatkeeper=").nth(1).unwrap().split(';').next().unwrap().to_owned();

    for n in 0..200_u64 {
        let path = ["/organizations", "/system", "/organizations/org_1/people"][usize::try_from(n % 3).unwrap()];
        let stream = server.begin(&format!("GET {path} HTTP/1.1\r\nhost: x\r\ncookie: seatkeeper={cookie}\r\n\r\n"));
        thread::sleep(Duration::from_micros(n * 50));
        drop(stream);
    }
    // whatever they started has ended once somebody else is answered
    assert!(
        server
            .ask(&format!("GET /organizations HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncookie: seatkeeper={cookie}\r\n\r\n"))
            .contains("200 OK")
    );

    assert!(!server.log().contains("ERROR"), "{}", server.log());
}
