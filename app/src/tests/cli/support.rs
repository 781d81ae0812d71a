//! A database in an empty folder, and commands that run one after the other.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use domain::{id::WebhookId, setting::FixedSettings};
use seatkeeper::{
    clock::Clock,
    commands::{self, Delivery},
    config::PublicUrl,
    db::Db,
    scalekit::payload,
    state::{AppState, Operations, Settings},
};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// An empty temporary folder with a database of its own.
pub struct Workspace(TempDir);

impl Workspace {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seatkeeper"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("DATABASE_URL", self.url())
            .env("RUST_LOG", "info")
            .env("USER", "robin");
        command
            .env_remove("SCALEKIT_WEBHOOK_SECRET")
            .env_remove("SCALEKIT_ENVIRONMENT_URL")
            .env_remove("SUDO_USER");
        command.env_remove("SCALEKIT_CLIENT_ID").env_remove("SCALEKIT_CLIENT_SECRET");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        result(&self.command(arguments).output().unwrap())
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> (i32, String, String) {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        result(&child.wait_with_output().unwrap())
    }

    /// Whether the folder contains this file or folder.
    pub fn holds(&self, path: &str) -> bool {
        self.0.path().join(path).exists()
    }

    pub fn env_file(&self, text: &str) {
        std::fs::write(self.0.path().join(".env"), text).unwrap();
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn url(&self) -> String {
        format!("sqlite://{}", self.0.path().join("data").join("seats.db").display())
    }

    /// Lets `people` people join `org_1`.
    pub fn joined(&self, people: u32) {
        let bodies = (1..=people).map(|n| {
            format!(
                r#"{{"id":"evt_{n}","type":"organization.directory.user_created","occurred_at":"2026-01-01T00:00:0{n}Z","organization_id":"org_1","data":{{"id":"diruser_{n}","organization_id":"org_1","email":"person.{n}@acme.test","active":true}}}}"#
            )
        });
        self.deliver(bodies);
    }

    /// Ingests these webhooks.
    pub fn deliver(&self, bodies: impl IntoIterator<Item = String>) {
        let deliveries = bodies.into_iter().map(|body| {
            let reading = payload::read(body.as_bytes());
            let (id, now) = (WebhookId::new(format!("msg_{body}")), Clock::machine().now());
            Delivery::new(id, body.into_bytes(), reading, now)
        });
        let deliveries: Vec<_> = deliveries.collect();
        runtime().block_on(async {
            let db = Db::open(&self.url().parse().unwrap(), Clock::machine()).await.unwrap();
            let public_url = PublicUrl::parse("http://127.0.0.1:3000").unwrap();
            let (fixed, operations) = (FixedSettings::default(), Operations::default());
            let settings = Settings { public_url, fixed, operations };
            let state = AppState::new(db, Clock::machine(), settings);
            commands::ingest_deliveries(&state, &deliveries).await.unwrap();
            state.db.close().await;
        });
    }

    /// Changes rows directly in the database, without Seatkeeper.
    pub fn tamper(&self, statement: &'static str) {
        runtime().block_on(async {
            let mut connection = SqliteConnection::connect(&self.url()).await.unwrap();
            sqlx::query(statement).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    }
}

fn runtime() -> Runtime {
    Runtime::new().unwrap()
}

pub fn result(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}
