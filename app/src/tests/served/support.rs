//! A server with its own database in an empty folder, and requests that run one after the other.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use domain::id::WebhookId;
use seatkeeper::{
    clock::{Clock, Stopwatch},
    scalekit::signature::{self, Secret},
};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_seatkeeper");
pub const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
pub const PASSWORD: &str = "a passphrase that stays secret";

pub struct Server {
    folder: TempDir,
    address: SocketAddr,
    settings: Vec<(&'static str, String)>,
    descriptors: Option<u32>,
    child: Option<Child>,
}

impl Server {
    /// The server does not run yet: the test creates accounts and settings first.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
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

    /// Limits the number of files and sockets that the server may have open.
    pub fn with_descriptors(mut self, most: u32) -> Self {
        self.descriptors = Some(most);
        self
    }

    /// Creates an account; the password of every account is [`PASSWORD`].
    pub fn account(self, email: &str, role: &str, organizations: &[&str]) -> Self {
        let mut arguments = vec![
            "account",
            "create",
            "--email",
            email,
            "--name",
            "Robin",
            "--role",
            role,
            "--password-stdin",
        ];
        arguments.extend(organizations.iter().flat_map(|id| ["--organization", id]));
        self.run(&arguments, PASSWORD);
        self
    }

    pub fn organization(self, id: &str) -> Self {
        self.run(
            &["organization", "add", id, "--name", &format!("The name of {id}"), "--limit", "3"],
            "",
        );
        self
    }

    /// Sets the address, so that it is known before the server starts.
    pub fn at(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn serving(mut self) -> Self {
        if self.address.port() == 0 {
            self.address = free(); // as late as possible, because the port is not reserved
        }
        let log = fs::File::create(self.log_path()).unwrap();
        self.child = Some(self.limited().arg("serve").stderr(log).spawn().unwrap());
        self.wait_for("it listens", || TcpStream::connect(self.address).is_ok());
        self
    }

    /// Kills the server; its database and its settings stay.
    pub fn ended(mut self) -> Self {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        self
    }

    fn run(&self, arguments: &[&str], input: &str) {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{arguments:?}");
    }

    fn command(&self) -> Command {
        self.on_its_own(Command::new(BINARY))
    }

    /// A shell lowers the limit of file descriptors and then becomes the program.
    fn limited(&self) -> Command {
        let Some(most) = self.descriptors else { return self.command() };
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(format!("ulimit -n {most} && exec \"$0\" \"$@\"")).arg(BINARY);
        self.on_its_own(shell)
    }

    /// Clears the environment, so that the machine's settings do not reach the process.
    fn on_its_own(&self, mut command: Command) -> Command {
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env(
                "DATABASE_URL",
                format!("sqlite://{}", self.folder.path().join("seats.db").display()),
            )
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

    /// The folder in which the server runs.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Sends SIGTERM, as a service manager does. Returns how long the stop took, and whether the
    /// exit code was 0.
    pub fn terminated(&mut self) -> (Duration, bool) {
        let mut child = self.child.take().unwrap();
        let began = Stopwatch::start();
        assert!(
            Command::new("kill")
                .args(["-TERM", &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        let ended_well = child.wait().unwrap().success();
        (began.elapsed(), ended_well)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
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

    /// Requests a page as a browser does; `cookie` is the cookie of a sign-in.
    pub fn page(&self, path: &str, cookie: &str) -> Answer {
        self.ask(&format!("GET {path}"), &format!("accept: text/html\r\ncookie: {cookie}\r\n"), "")
    }

    /// Calls a server function as the code in the browser does.
    pub fn call(&self, name: &str, form: &str, cookie: &str) -> Answer {
        let headers = format!(
            "accept: application/json\r\ncontent-type: application/x-www-form-urlencoded\r\ncookie: {cookie}\r\n"
        );
        self.ask(&format!("POST /api/{name}"), &headers, form)
    }

    /// `what` is the method and the path.
    pub fn ask(&self, what: &str, headers: &str, body: &str) -> Answer {
        ask_at(self.address, what, headers, body)
    }

    /// Like [`Self::ask`] with a body of any bytes. An answer that arrives before the server has
    /// read the body counts, too.
    pub fn ask_bytes(&self, what: &str, headers: &str, body: &[u8]) -> Answer {
        Answer::read(begin_at(self.address, what, headers, body))
    }

    /// Sends a request with HTTP/1.0, in which the answer ends with the connection.
    pub fn begin(&self, what: &str, headers: &str, body: &str) -> TcpStream {
        begin_at(self.address, what, headers, body.as_bytes())
    }

    pub fn sign_in(&self, email: &str, password: &str) -> Answer {
        let form =
            format!("email={}&password={}", email.replace('@', "%40"), password.replace(' ', "+"));
        self.call("sign_in", &form, "")
    }

    /// Signs in and returns the session cookie.
    pub fn signed_in(&self, email: &str) -> String {
        let welcome = self.sign_in(email, PASSWORD);
        welcome
            .session()
            .unwrap_or_else(|| panic!("{email}: {welcome:?}"))
            .split(';')
            .next()
            .unwrap()
            .to_owned()
    }

    pub fn deliver(&self, id: &str, body: &str) {
        self.deliver_at(self.address, id, body);
    }

    /// Sends a signed delivery to this address, for example that of a proxy.
    pub fn deliver_at(&self, address: SocketAddr, id: &str, body: &str) {
        let now = Clock::machine().now().seconds();
        let secret = Secret::parse(&format!("whsec_{KEY}")).unwrap();
        let signature = signature::sign(&secret, &WebhookId::new(id), now, body.as_bytes());
        let headers = format!(
            "webhook-id: {id}\r\nwebhook-timestamp: {now}\r\nwebhook-signature: {signature}\r\n"
        );
        assert_eq!(
            ask_at(address, "POST /webhooks/scalekit", &headers, body).status,
            200,
            "{}",
            self.log()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill(); // the process may have ended already
            let _ = child.wait();
        }
    }
}

/// The body of a delivery about a new user in `org_1`.
pub fn joined(n: usize) -> String {
    let at = Clock::machine().now().rfc3339();
    format!(
        r#"{{"spec_version":"1","id":"evt_{n}","type":"organization.directory.user_created","occurred_at":"{at}","organization_id":"org_1","data":{{"id":"diruser_{n}","organization_id":"org_1","email":"person.{n}@customer.test","name":"Person {n}","active":true}}}}"#
    )
}

/// The body of a delivery about an organization with a new name.
pub fn renamed(organization: &str, name: &str) -> String {
    let at = Clock::machine().now().rfc3339();
    let data = serde_json::json!({ "id": organization, "display_name": name });
    serde_json::json!({
        "spec_version": "1", "id": "evt_renamed", "type": "organization.updated", "occurred_at": at,
        "organization_id": organization, "data": data,
    })
    .to_string()
}

/// Creates a database in the PostgreSQL server that `TEST_POSTGRES_URL` names, and returns its URL.
pub fn fresh_postgres() -> String {
    use sqlx::Connection;

    let admin = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL names a Postgres server; `cargo xtask test` starts one");
    let name = Clock::machine().unique_name("served");
    let (server, _) = admin.rsplit_once('/').unwrap();
    let url = format!("{server}/{name}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::PgConnection::connect(&admin).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}")))
            .execute(&mut connection)
            .await
            .unwrap();
    });
    url
}

/// Sends one request to this address; `what` is the method and the path.
pub fn ask_at(address: SocketAddr, what: &str, headers: &str, body: &str) -> Answer {
    Answer::read(begin_at(address, what, headers, body.as_bytes()))
}

pub fn begin_at(address: SocketAddr, what: &str, headers: &str, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{what} HTTP/1.0\r\nhost: {address}\r\ncontent-length: {length}\r\n{headers}\r\n"
    )
    .unwrap();
    let _ = stream.write_all(body); // the server may answer before it has read all of it
    stream
}

pub fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// The names are in lower case.
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
        let headers: Vec<_> =
            headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let mut answer = Self { status, headers, body: String::new() };
        // a live stream has no end
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

    /// The session cookie that this answer sets.
    pub fn session(&self) -> Option<&str> {
        let mut cookies = self
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .map(|(_, value)| value.as_str());
        let is_another = |name: &str| name.contains("-device-") || name.contains("-step-");
        cookies.find(|cookie| !cookie.split('=').next().is_some_and(is_another))
    }

    /// The device cookie that this answer sets.
    pub fn device(&self) -> Option<&str> {
        let mut cookies = self
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .map(|(_, value)| value.as_str());
        cookies
            .find(|cookie| cookie.split('=').next().is_some_and(|name| name.contains("-device-")))
    }

    /// The nonce that the policy of this answer allows for scripts.
    pub fn nonce(&self) -> Option<&str> {
        self.header("content-security-policy")?.split("'nonce-").nth(1)?.split('\'').next()
    }
}
