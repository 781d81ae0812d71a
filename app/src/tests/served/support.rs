//! A server with a database of its own in an empty folder, and one request after the other.

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
    clock::{Clock, Stopwatch},
    domain::id::WebhookId,
    scalekit::signature::{self, Secret},
};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_seatkeeper");
pub const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
pub const PASSWORD: &str = "a passphrase that stays secret";

pub struct Server {
    place: TempDir,
    address: SocketAddr,
    settings: Vec<(&'static str, String)>,
    descriptors: Option<u32>,
    child: Option<Child>,
}

impl Server {
    /// Does not serve yet: accounts and settings come first.
    pub fn new() -> Self {
        Self {
            place: tempfile::tempdir().unwrap(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            settings: Vec::new(),
            descriptors: None,
            child: None,
        }
    }

    pub fn with(mut self, setting: &'static str, value: &str) -> Self {
        self.settings.push((setting, value.to_owned()));
        self
    }

    /// It may have so many files and sockets open, and no more.
    pub fn with_descriptors(mut self, most: u32) -> Self {
        self.descriptors = Some(most);
        self
    }

    /// Anybody's password is [`PASSWORD`].
    pub fn account(self, email: &str, role: &str, organizations: &[&str]) -> Self {
        let mut arguments = vec!["account", "create", "--email", email, "--name", "Robin", "--role", role, "--password-stdin"];
        arguments.extend(organizations.iter().flat_map(|id| ["--organization", id]));
        self.run(&arguments, PASSWORD);
        self
    }

    pub fn organization(self, id: &str) -> Self {
        self.run(&["organization", "add", id, "--name", &format!("The name of {id}"), "--limit", "3"], "");
        self
    }

    /// On this port, which is known before it serves.
    pub fn at(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn serving(mut self) -> Self {
        if self.address.port() == 0 {
            self.address = free(); // as late as may be: nobody keeps it for us
        }
        let log = fs::File::create(self.log_path()).unwrap();
        self.child = Some(self.limited().arg("serve").stderr(log).spawn().unwrap());
        self.wait_for("it listens", || TcpStream::connect(self.address).is_ok());
        self
    }

    /// Its database stays, and so do its settings.
    pub fn ended(mut self) -> Self {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        self
    }

    fn run(&self, arguments: &[&str], input: &str) {
        let mut child = self.command().args(arguments).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{arguments:?}");
    }

    fn command(&self) -> Command {
        self.on_its_own(Command::new(BINARY))
    }

    /// A shell lowers the limit of descriptors, and then becomes the program.
    fn limited(&self) -> Command {
        let Some(most) = self.descriptors else { return self.command() };
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(format!("ulimit -n {most} && exec \"$0\" \"$@\"")).arg(BINARY);
        self.on_its_own(shell)
    }

    /// Nothing of the machine's own settings reaches it.
    fn on_its_own(&self, mut command: Command) -> Command {
        command
            .current_dir(self.place.path())
            .env_clear()
            .env("DATABASE_URL", format!("sqlite://{}", self.place.path().join("seats.db").display()))
            .env("SCALEKIT_WEBHOOK_SECRET", format!("whsec_{KEY}"))
            .env("SEATKEEPER_LISTEN", self.address.to_string())
            .env("SEATKEEPER_LOG_FORMAT", "json")
            .env("RUST_LOG", "info")
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        if self.settings.contains(&("SEATKEEPER_LISTEN", "[::]".to_owned())) {
            command.env("SEATKEEPER_LISTEN", format!("[::]:{}", self.address.port()));
        }
        command
    }

    /// The folder it runs in.
    pub fn place(&self) -> &std::path::Path {
        self.place.path()
    }

    /// Asks it to stop, as a service manager does; gives how long that took, and whether it ended well.
    pub fn terminated(&mut self) -> (Duration, bool) {
        let mut child = self.child.take().unwrap();
        let began = Stopwatch::start();
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        let ended_well = child.wait().unwrap().success();
        (began.elapsed(), ended_well)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap()
    }

    fn log_path(&self) -> PathBuf {
        self.place.path().join("log")
    }

    pub fn wait_for(&self, what: &str, holds: impl Fn() -> bool) {
        for _ in 0..400 {
            if holds() {
                return;
            }
            thread::sleep(Duration::from_millis(25));
        }
        panic!("{what}: never; the log is\n{}", self.log());
    }

    /// A page, as a browser asks for it; `cookie` is what a sign-in gave.
    pub fn page(&self, path: &str, cookie: &str) -> Answer {
        self.ask(&format!("GET {path}"), &format!("accept: text/html\r\ncookie: {cookie}\r\n"), "")
    }

    /// A server function, as the browser's half calls it.
    pub fn call(&self, name: &str, form: &str, cookie: &str) -> Answer {
        let headers = format!("accept: application/json\r\ncontent-type: application/x-www-form-urlencoded\r\ncookie: {cookie}\r\n");
        self.ask(&format!("POST /api/{name}"), &headers, form)
    }

    /// `what` is the method and the path.
    pub fn ask(&self, what: &str, headers: &str, body: &str) -> Answer {
        ask_at(self.address, what, headers, body)
    }

    /// The same with a body that need not be text. An answer that comes before the body has been read is an answer, too.
    pub fn ask_bytes(&self, what: &str, headers: &str, body: &[u8]) -> Answer {
        Answer::read(begin_at(self.address, what, headers, body))
    }

    /// In the oldest dialect, in which an answer ends where the connection does.
    pub fn begin(&self, what: &str, headers: &str, body: &str) -> TcpStream {
        begin_at(self.address, what, headers, body.as_bytes())
    }

    pub fn sign_in(&self, email: &str, password: &str) -> Answer {
        let form = format!("email={}&password={}", email.replace('@', "%40"), password.replace(' ', "+"));
        self.call("sign_in", &form, "")
    }

    /// The cookie of somebody who has signed in.
    pub fn signed_in(&self, email: &str) -> String {
        let welcome = self.sign_in(email, PASSWORD);
        welcome.session().unwrap_or_else(|| panic!("{email}: {welcome:?}")).split(';').next().unwrap().to_owned()
    }

    pub fn deliver(&self, id: &str, body: &str) {
        self.deliver_at(self.address, id, body);
    }

    /// The same through a proxy.
    pub fn deliver_at(&self, address: SocketAddr, id: &str, body: &str) {
        let now = Clock::machine().now().seconds();
        let secret = Secret::parse(&format!("whsec_{KEY}")).unwrap();
        let signature = signature::sign(&secret, &WebhookId::new(id), now, body.as_bytes());
        let headers = format!("webhook-id: {id}\r\nwebhook-timestamp: {now}\r\nwebhook-signature: {signature}\r\n");
        assert_eq!(ask_at(address, "POST /webhooks/scalekit", &headers, body).status, 200, "{}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill(); // it has ended by itself
            let _ = child.wait();
        }
    }
}

/// Somebody new in `org_1`.
pub fn joined(n: usize) -> String {
    let at = Clock::machine().now().rfc3339();
    format!(
        r#"{{"spec_version":"1","id":"evt_{n}","type":"organization.directory.user_created","occurred_at":"{at}","organization_id":"org_1","data":{{"id":"diruser_{n}","organization_id":"org_1","email":"person.{n}@customer.test","name":"Person {n}","active":true}}}}"#
    )
}

/// An organization calls itself something else.
pub fn renamed(organization: &str, name: &str) -> String {
    let at = Clock::machine().now().rfc3339();
    let data = serde_json::json!({ "id": organization, "display_name": name });
    serde_json::json!({
        "spec_version": "1", "id": "evt_renamed", "type": "organization.updated", "occurred_at": at,
        "organization_id": organization, "data": data,
    })
    .to_string()
}

/// A database of its own in the server that `TEST_POSTGRES_URL` names.
pub fn fresh_postgres() -> String {
    use sqlx::Connection;

    let admin = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a Postgres server; `cargo xtask test` starts one");
    let name = Clock::machine().id::<String>("served");
    let (server, _) = admin.rsplit_once('/').unwrap();
    let url = format!("{server}/{name}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::PgConnection::connect(&admin).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
    });
    url
}

/// One request to whatever listens there; `what` is the method and the path.
pub fn ask_at(address: SocketAddr, what: &str, headers: &str, body: &str) -> Answer {
    Answer::read(begin_at(address, what, headers, body.as_bytes()))
}

pub fn begin_at(address: SocketAddr, what: &str, headers: &str, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "{what} HTTP/1.0\r\nhost: {address}\r\ncontent-length: {length}\r\n{headers}\r\n").unwrap();
    let _ = stream.write_all(body); // an answer may come before all of it is read
    stream
}

pub fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn read(stream: TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        for line in reader.by_ref().lines() {
            let line = line.unwrap();
            if line.is_empty() {
                break;
            }
            head.push(line);
        }
        let status = head[0].split(' ').nth(1).unwrap().parse().unwrap();
        let headers = head[1..].iter().map(|line| line.split_once(": ").unwrap());
        let headers: Vec<_> = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let mut answer = Self { status, headers, body: String::new() };
        // a live line has no end
        if answer.header("content-type") != Some("text/event-stream") {
            let mut body = Vec::new();
            reader.read_to_end(&mut body).unwrap();
            answer.body = String::from_utf8_lossy(&body).into_owned();
        }
        answer
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The cookie of the session that this answer begins.
    pub fn session(&self) -> Option<&str> {
        let mut cookies = self.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.as_str());
        cookies.find(|cookie| !cookie.split('=').next().is_some_and(|name| name.contains("-device-")))
    }

    /// The cookie of the device that this answer makes known.
    pub fn device(&self) -> Option<&str> {
        let mut cookies = self.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.as_str());
        cookies.find(|cookie| cookie.split('=').next().is_some_and(|name| name.contains("-device-")))
    }

    /// The nonce that this answer allows scripts with.
    pub fn nonce(&self) -> Option<&str> {
        self.header("content-security-policy")?.split("'nonce-").nth(1)?.split('\'').next()
    }
}
