//! A release server in a process of its own, and calls of its API.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use seatkeeper::scalekit::signature::Secret;
use serde_json::Value;
use simulator::load::{Connection, Load, Target};
use tokio::net::TcpListener;

use super::place::Place;

const SECRET: &str = "whsec_YSBzZWNyZXQgZm9yIGJlbmNobWFya3Mgb25seQ==";
/// How long the server may take to come up.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Product {
    child: Child,
    address: SocketAddr,
    pub key: String,
    place: Place,
}

impl Product {
    pub async fn start(binary: &Path, place: Place) -> Result<Self> {
        let key = make_key(binary, &place.url)?;
        // the port is free again when the listener is dropped
        let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let mut command = on_its_own(binary, &place.url);
        command
            .arg("serve")
            .env("SEATKEEPER_LISTEN", address.to_string())
            .env("SEATKEEPER_PUBLIC_URL", format!("http://{address}"))
            .env("SCALEKIT_WEBHOOK_SECRET", SECRET)
            // the receiver is on this machine
            .env("SEATKEEPER_ALLOW_PRIVATE_ADDRESSES", "yes")
            // Every user gets a seat: this is the ordinary case, and no endless waitlist grows.
            .env("SEATKEEPER_DEFAULT_SEAT_LIMIT", "unlimited")
            .env("RUST_LOG", "warn");
        let child = command.spawn().context("the server did not start")?;
        let product = Self { child, address, key, place };
        let is_up = async {
            while product.caller().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, is_up)
            .await
            .with_context(|| format!("the server did not come up on {address}"))?;
        Ok(product)
    }

    /// The name of its engine.
    pub fn engine(&self) -> &'static str {
        self.place.name
    }

    /// A connection that calls the API.
    pub async fn caller(&self) -> Result<Caller> {
        let target = Target::parse(&self.url("/")).context("no address")?;
        let connection = Connection::open(&target).await?;
        let head = format!("host: {}\r\nauthorization: Bearer {}\r\n", self.address, self.key);
        Ok(Caller { connection, head })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Deliveries for 100 organizations.
    pub fn load(&self, seconds: u64) -> Result<Load> {
        let load = Load::new(self.url("/webhooks/scalekit"), Secret::parse(SECRET)?);
        Ok(Load { seconds, ..load })
    }

    /// Where the memory of the server is told.
    pub fn status_file(&self) -> String {
        format!("/proc/{}/status", self.child.id())
    }

    /// Adds an organization and gives its path in the API.
    pub async fn organization(&self, id: &str) -> Result<String> {
        let body = serde_json::json!({ "id": id, "name": "Acme" });
        self.caller().await?.ask("POST", "/organizations", "", &body).await?;
        Ok(format!("/organizations/{id}"))
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let _ = self.child.kill(); // fails if the server has ended by itself
        let _ = self.child.wait();
    }
}

/// Resident memory in bytes, from a status file in `/proc`.
pub fn resident(status_file: &str) -> Result<u64> {
    let status = std::fs::read_to_string(status_file)?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("/proc tells no memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1_024)
}

/// A command without the developer's own settings, in a folder without a `.env`.
fn on_its_own(binary: &Path, database: &str) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(std::env::temp_dir());
    let families = ["SEATKEEPER_", "SCALEKIT_", "SMTP_", "MAIL_"];
    for (name, _) in std::env::vars() {
        if families.iter().any(|family| name.starts_with(family)) {
            command.env_remove(name);
        }
    }
    command.env("DATABASE_URL", database);
    command
}

/// A key that may do everything.
fn make_key(binary: &Path, database: &str) -> Result<String> {
    let made = on_its_own(binary, database)
        .args(["api-key", "create", "--name", "Bench", "--scope", "read,write,import"])
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("{} cannot be started", binary.display()))?;
    let said = String::from_utf8_lossy(&made.stderr);
    ensure!(made.status.success(), "`seatkeeper api-key create` failed: {said}");
    Ok(String::from_utf8(made.stdout)?.trim().to_owned())
}

/// Calls the API over one connection, one call after the other.
pub struct Caller {
    connection: Connection,
    head: String,
}

impl Caller {
    /// The bytes of a call without a body.
    pub fn request(&self, path: &str) -> Vec<u8> {
        format!("GET /api/v1{path} HTTP/1.1\r\n{}\r\n", self.head).into_bytes()
    }

    /// Sends a call that was written before; gives its status.
    pub async fn status(&mut self, request: &[u8]) -> Result<u16> {
        Ok(self.connection.exchange(request).await?.status)
    }

    pub async fn get(&mut self, path: &str) -> Result<Value> {
        let request = self.request(path);
        self.answer(path, &request).await
    }

    /// A call with a body of JSON. `headers` are whole lines.
    pub async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &Value,
    ) -> Result<Value> {
        let headers = format!("{headers}content-type: application/json\r\n");
        self.send(method, path, &headers, body.to_string().as_bytes()).await
    }

    /// A call with any body.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Result<Value> {
        let length = body.len();
        let head = format!(
            "{method} /api/v1{path} HTTP/1.1\r\n{}{headers}content-length: {length}\r\n\r\n",
            self.head
        );
        let request = [head.as_bytes(), body].concat();
        self.answer(path, &request).await
    }

    /// The JSON of an answer; one without a 2xx is an error that quotes it.
    async fn answer(&mut self, path: &str, request: &[u8]) -> Result<Value> {
        let status = self.connection.exchange(request).await?.status;
        let body = self.connection.body();
        if !(200..300).contains(&status) {
            bail!("{path} was answered {status}: {}", String::from_utf8_lossy(body));
        }
        if body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(body)?) }
    }
}
