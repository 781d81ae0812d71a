//! The command line as scripts use it: what it prints, and how it ends.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use seatkeeper::{
    acts::{self, Delivery},
    clock::Clock,
    db::Db,
    desk::{Desk, Operations, Settings},
    domain::{event, id::WebhookId, organization::SeatLimit},
};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A database of its own in a folder of its own.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seatkeeper"));
        command.args(arguments).current_dir(self.0.path()).env("DATABASE_URL", self.url()).env("RUST_LOG", "info").env("USER", "robin");
        command.env_remove("SCALEKIT_WEBHOOK_SECRET").env_remove("SCALEKIT_ENVIRONMENT_URL").env_remove("SUDO_USER");
        command.env_remove("SCALEKIT_CLIENT_ID").env_remove("SCALEKIT_CLIENT_SECRET");
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        told(&self.command(arguments).output().unwrap())
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> (i32, String, String) {
        let mut child = self.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        told(&child.wait_with_output().unwrap())
    }
}

impl Place {
    fn holds(&self, path: &str) -> bool {
        self.0.path().join(path).exists()
    }

    fn env_file(&self, text: &str) {
        std::fs::write(self.0.path().join(".env"), text).unwrap();
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.0.path().join("data").join("seats.db").display())
    }

    /// So many people join `org_1`.
    fn joined(&self, people: u32) {
        let deliveries = (1..=people).map(|n| {
            let body = format!(
                r#"{{"id":"evt_{n}","type":"organization.directory.user_created","occurred_at":"2026-01-01T00:00:0{n}Z","organization_id":"org_1","data":{{"id":"diruser_{n}","organization_id":"org_1","email":"person.{n}@acme.test","active":true}}}}"#
            );
            let reading = event::read(body.as_bytes());
            Delivery::new(WebhookId::new(format!("msg_{n}")), body.into_bytes(), reading, Clock::machine().now())
        });
        let deliveries: Vec<_> = deliveries.collect();
        runtime().block_on(async {
            let db = Db::open(&self.url(), Clock::machine()).await.unwrap();
            let (public_url, default_seat_limit) = ("http://127.0.0.1:3000".to_owned(), SeatLimit::NotSet);
            let settings = Settings { public_url, default_seat_limit, operations: Operations::default() };
            let desk = Desk::new(db, Clock::machine(), settings);
            acts::take_deliveries(&desk, &deliveries).await.unwrap();
            desk.db.close().await;
        });
    }

    /// Changes rows behind everybody's back.
    fn tamper(&self, statement: &'static str) {
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

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn status_is_json_and_nothing_else() {
    let place = Place::new();
    place.run(&["migrate"]);
    assert_eq!(place.run(&["status", "--json"]).1.trim(), "[]");

    place.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "50"]);
    place.run(&["organization", "add", "org_2", "--name", "Borealis"]);
    place.run(&["organization", "add", "org_3", "--name", "Cobalt", "--limit", "unlimited"]);

    let (code, out, _) = place.run(&["status", "--json"]);
    let row =
        |id: &str, name: &str, limit: Value| json!({"organization_id": id, "name": name, "seat_limit": limit, "used": 0, "waiting": 0});
    let expected =
        json!([row("org_1", "Acme", json!(50)), row("org_2", "Borealis", Value::Null), row("org_3", "Cobalt", json!("unlimited"))]);
    assert_eq!((code, serde_json::from_str::<Value>(&out).unwrap()), (0, expected));
}

#[test]
fn a_database_that_is_not_there_is_not_made_by_whoever_only_asks() {
    let place = Place::new();
    let asking: [&[&str]; 6] = [
        &["status", "--json"],
        &["organization", "set-limit", "org_1", "5", "--reason", "because"],
        &["resync", "org_1"],
        &["replay", "--all"],
        &["replay", "dlv_1"],
        &["account", "list"],
    ];

    for arguments in asking {
        let (code, out, says) = place.run(arguments);
        assert_eq!((code, out.as_str()), (1, ""), "{arguments:?}");
        assert!(says.contains("no database") && says.contains("seats.db") && says.contains("seatkeeper migrate"), "{says}");
    }
    let secret = ("SCALEKIT_WEBHOOK_SECRET", "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=");
    let drilled = told(&place.command(&["drill", "--kills", "1"]).env(secret.0, secret.1).output().unwrap());
    assert!(drilled.0 == 1 && drilled.2.contains("no database"), "{drilled:?}");
    assert!(!place.0.path().join("data").exists());

    assert_eq!(place.run(&["migrate"]).0, 0);
    assert_eq!(place.run(&["status", "--json"]).0, 0);
}

#[test]
fn a_database_that_does_not_answer_is_named_without_its_password() {
    let place = Place::new();

    let url = "postgres://seats:very-secret@127.0.0.1:1/ledger";
    let (code, _, says) = told(&place.command(&["status"]).env("DATABASE_URL", url).output().unwrap());

    assert_eq!(code, 1);
    assert!(says.contains("ledger at 127.0.0.1:1") && !says.contains("very-secret"), "{says}");
}

#[test]
fn whoever_runs_a_command_is_named_even_where_no_variable_says_who() {
    let place = Place::new();
    place.run(&["organization", "add", "org_1", "--name", "Acme"]);
    let mut command = place.command(&["organization", "set-limit", "org_1", "2", "--reason", "because"]);
    let (code, _, says) = told(&command.env_remove("USER").env_remove("LOGNAME").output().unwrap());
    assert!(code == 0 && says.contains("org_1 has 2 seats now."), "{says}");

    let who = Command::new("id").arg("-un").output().unwrap();
    let who = format!("command line ({})", String::from_utf8(who.stdout).unwrap().trim());
    let file = std::fs::read(place.0.path().join("data").join("seats.db")).unwrap();
    let wal = std::fs::read(place.0.path().join("data").join("seats.db-wal")).unwrap_or_default();
    let holds = |bytes: &[u8]| bytes.windows(who.len()).any(|part| part == who.as_bytes());
    assert!(holds(&file) || holds(&wal), "no change by {who}");
}

#[test]
fn limits_are_said_in_whole_sentences() {
    let place = Place::new();
    let says = |arguments: &[&str]| place.run(arguments).2.lines().last().unwrap_or_default().to_owned();

    assert_eq!(says(&["organization", "add", "org_2", "--name", "Borealis"]), "org_2 is here, with no seat limit yet.");
    let set = |limit| says(&["organization", "set-limit", "org_2", limit, "--reason", "because"]);
    assert_eq!(set("unlimited"), "org_2 has unlimited seats now.");
    assert_eq!(set("1"), "org_2 has 1 seat now.");
    assert_eq!(set("1"), "org_2 has 1 seat already.");
}

#[test]
fn an_unknown_organization_is_refused_and_changes_nothing() {
    let place = Place::new();
    place.run(&["migrate"]);

    let (code, out, says) = place.run(&["organization", "set-limit", "org_nobody", "5", "--reason", "because"]);

    assert_eq!((code, out.as_str()), (2, ""));
    assert!(says.contains("no such organization"), "{says}");
    assert_eq!(place.run(&["status", "--json"]).1.trim(), "[]");
}

#[test]
fn a_limit_is_set_with_a_reason_and_in_words_that_make_sense() {
    let place = Place::new();
    place.run(&["organization", "add", "org_1", "--name", "Acme"]);

    assert_eq!(place.run(&["organization", "set-limit", "org_1", "unlimited", "--reason", "Enterprise"]).0, 0);
    let (code, _, says) = place.run(&["organization", "set-limit", "org_1", "many", "--reason", "x"]);
    assert_eq!(code, 2);
    assert!(says.contains("whole number"), "{says}");
    assert_eq!(place.run(&["organization", "set-limit", "org_1", "5", "--reason", " "]).0, 2);
    assert_eq!(place.run(&["organization", "add", "org_1", "--name", "Again"]).0, 2);
}

#[test]
fn an_account_needs_a_good_password_and_an_organization_that_is_there() {
    let place = Place::new();
    let create = ["account", "create", "--email", "kim@acme.test", "--name", "Kim", "--role"];
    let with = |more: &[&'static str]| [&create[..], more].concat();

    assert_eq!(place.run_with_input(&with(&["staff", "--password-stdin"]), "short\n").0, 2);
    assert_eq!(place.run_with_input(&with(&["tenant-admin", "--password-stdin"]), "long enough for us\n").0, 2);
    let elsewhere = with(&["tenant-admin", "--organization", "org_nobody", "--password-stdin"]);
    assert_eq!(place.run_with_input(&elsewhere, "long enough for us\n").0, 2);

    let (code, out, says) = place.run_with_input(&with(&["staff-admin", "--password-stdin"]), "long enough for us\n");
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(!says.contains("long enough"), "{says}");
    assert_eq!(place.run_with_input(&with(&["staff", "--password-stdin"]), "long enough for us\n").0, 2);
}

#[test]
fn accounts_are_listed_shut_out_and_let_in_again() {
    let place = Place::new();
    let create = ["account", "create", "--email", "kim@acme.test", "--name", "Kim", "--role", "staff", "--password-stdin"];
    place.run_with_input(&create, "long enough for us\n");
    let listed =
        |disabled: bool| json!([{"email": "kim@acme.test", "name": "Kim", "role": "staff", "organizations": [], "disabled": disabled}]);
    let list = || serde_json::from_str::<Value>(&place.run(&["account", "list", "--json"]).1).unwrap();
    assert_eq!(list(), listed(false));

    let (code, _, says) = place.run(&["account", "disable", "kim@acme.test"]);
    assert!(code == 0 && says.contains("kim@acme.test is shut out."), "{says}");
    assert_eq!(list(), listed(true));
    assert!(place.run(&["account", "list"]).1.contains("disabled"));
    assert_eq!(place.run(&["account", "enable", "kim@acme.test"]).0, 0);
    assert_eq!(list(), listed(false));

    assert_eq!(place.run_with_input(&["account", "password", "kim@acme.test", "--password-stdin"], "short\n").0, 2);
    assert_eq!(place.run_with_input(&["account", "password", "kim@acme.test", "--password-stdin"], "another long one\n").0, 0);
    assert_eq!(place.run(&["account", "grant", "kim@acme.test", "--organization", "org_1"]).0, 2, "staff see everything");
    let (code, _, says) = place.run(&["account", "disable", "nobody@acme.test"]);
    assert!(code == 2 && says.contains("no account for nobody@acme.test"), "{says}");
}

#[test]
fn a_check_that_finds_nothing_ends_well() {
    let place = Place::new();
    place.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "1"]);

    assert_eq!(place.run(&["status", "--check"]).0, 0);
}

#[test]
fn the_numbers_of_people_are_json_and_nothing_else_however_much_is_logged() {
    let place = Place::new();
    place.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "2"]);
    place.joined(3);

    let output = place.command(&["status", "--json"]).env("RUST_LOG", "debug").output().unwrap();
    let (code, out, says) = told(&output);

    let row = json!([{"organization_id": "org_1", "name": "Acme", "seat_limit": 2, "used": 2, "waiting": 1}]);
    assert_eq!((code, serde_json::from_str::<Value>(&out).unwrap()), (0, row));
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(says.contains("DEBUG"), "there was something to log: {says}");
}

#[test]
fn a_check_of_what_somebody_tampered_with_fails_and_says_what_does_not_hold() {
    let place = Place::new();
    place.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "2"]);
    place.joined(3);
    assert_eq!(place.run(&["status", "--check"]).0, 0);

    place.tamper("update organizations set used = 1 where id = 'org_1'");
    let (code, out, says) = place.run(&["status", "--check"]);

    assert_eq!((code, out.as_str()), (1, ""));
    let broken: Vec<_> = says.lines().filter(|line| line.starts_with("seatkeeper: ")).collect();
    assert_eq!(
        broken,
        [
            "seatkeeper: org_1: the stored counts are 1 used and 1 waiting, its people say 2 and 1",
            "seatkeeper: org_1: a seat is free and somebody waits, although the line is admitted automatically",
        ]
    );
    assert!(!says.contains("Every invariant holds"), "{says}");
}

#[test]
fn an_empty_folder_gets_its_database_where_the_readme_says() {
    let place = Place::new();

    let (code, ..) = told(&place.command(&["migrate"]).env_remove("DATABASE_URL").output().unwrap());

    assert_eq!((code, place.holds("data/seatkeeper.db")), (0, true));
}

#[test]
fn what_is_set_in_a_file_counts_and_the_environment_counts_more() {
    let place = Place::new();
    place.env_file("DATABASE_URL=sqlite://from_the_file.db\n");

    let (code, ..) = told(&place.command(&["migrate"]).env("DATABASE_URL", "sqlite://from_the_environment.db").output().unwrap());
    assert_eq!((code, place.holds("from_the_file.db"), place.holds("from_the_environment.db")), (0, false, true));

    let (code, ..) = told(&place.command(&["migrate"]).env_remove("DATABASE_URL").output().unwrap());
    assert_eq!((code, place.holds("from_the_file.db"), place.holds("data")), (0, true, false));
}

#[test]
fn a_dollar_in_single_quotes_means_itself() {
    let place = Place::new();
    let migrate = || told(&place.command(&["migrate"]).env_remove("DATABASE_URL").env("CHEAP", "dear").output().unwrap()).0;

    place.env_file("DATABASE_URL='sqlite://pa$CHEAP.db'\n");
    assert_eq!((migrate(), place.holds("pa$CHEAP.db"), place.holds("padear.db")), (0, true, false));

    place.env_file("DATABASE_URL=sqlite://pa$CHEAP.db\n");
    assert_eq!((migrate(), place.holds("padear.db")), (0, true));
}

#[test]
fn a_replay_of_nothing_is_no_failure_and_of_an_unknown_delivery_makes_no_sense() {
    let place = Place::new();
    place.run(&["migrate"]);

    assert_eq!(place.run(&["replay", "--all"]).0, 0);
    let (code, out, says) = place.run(&["replay", "dlv_nobody"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(says.contains("no delivery dlv_nobody"), "{says}");
    let (code, _, says) = place.run(&["replay", "--all", "--type", "bogus"]);
    assert!(code == 2 && says.contains("no type “bogus”") && says.contains("organization.directory.user_created"), "{says}");
    assert_eq!(place.run(&["replay", "--all", "--type", "organization.directory.user_created"]).0, 0);
    let (code, _, says) = place.run(&["replay"]);
    assert!(code == 2 && says.contains("replay --all"), "{says}");
    assert_eq!(place.run(&["replay", "dlv_1", "--all"]).0, 2);
    assert_eq!(place.run(&["replay", "--organization", "org_1"]).0, 2);
}

#[test]
fn serving_without_a_secret_says_what_to_set() {
    let place = Place::new();

    let (code, _, says) = place.run(&["serve"]);

    assert_eq!(code, 2);
    assert!(says.contains("SCALEKIT_WEBHOOK_SECRET") && says.contains("whsec_"), "{says}");
}

#[test]
fn the_simulator_says_what_a_seatkeeper_beside_it_needs_and_answers_there() {
    let place = Place::new();
    let arguments = ["simulator", "--listen", "127.0.0.1:0", "--people", "30", "--organizations", "3", "--no-first-push"];
    let mut command = place.command(&arguments);
    command.env_remove("SCALEKIT_CLIENT_ID").env_remove("SCALEKIT_CLIENT_SECRET").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let lines: Vec<_> = BufReader::new(child.stdout.take().unwrap()).lines().take(4).map(|line| line.unwrap()).collect();
    let value = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap().to_owned();

    let (id, secret) = (value("SCALEKIT_CLIENT_ID"), value("SCALEKIT_CLIENT_SECRET"));
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let address = value("SCALEKIT_ENVIRONMENT_URL").replace("http://", "");
    let mut connection = TcpStream::connect(&address).unwrap();
    let length = form.len();
    let head = format!("POST /oauth/token HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}");
    write!(connection, "{head}\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n{form}").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
    assert!(value("SCALEKIT_WEBHOOK_SECRET").starts_with("whsec_"));
}

#[test]
fn the_simulator_knows_its_faults_and_profiles() {
    let place = Place::new();

    let (code, _, says) = place.run(&["simulator", "--fault", "gremlins"]);
    assert_eq!(code, 2);
    assert!(says.contains("no fault “gremlins”") && says.contains("rate-limit"), "{says}");
    assert_eq!(place.run(&["simulator", "--profile", "ldap"]).0, 2);
    assert_eq!(place.run(&["simulator", "--people", "2000000"]).0, 2);
    assert!(place.run(&["simulator", "--help"]).1.contains("deactivate-by-delete"));
}

#[test]
fn a_resync_without_credentials_is_refused() {
    let place = Place::new();
    place.run(&["organization", "add", "org_1", "--name", "Acme"]);

    let (code, out, says) = place.run(&["resync", "org_1", "--json"]);

    assert_eq!((code, out.as_str()), (2, ""));
    assert!(says.contains("no credentials"), "{says}");
}

/// A terminal of its own, as `script` gives one, with what is said there.
struct Terminal {
    child: Child,
    said: String,
}

impl Terminal {
    fn running(place: &Place, arguments: &[&str]) -> Self {
        let words: Vec<_> = arguments.iter().map(|word| format!("'{word}'")).collect();
        let line = format!("tty; exec '{}' {}", env!("CARGO_BIN_EXE_seatkeeper"), words.join(" "));
        let mut script = Command::new("script");
        script
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .current_dir(place.0.path())
            .envs(settings(&place.command(&[])));
        let child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Self { child, said: String::new() }
    }

    /// Goes on once this was said and what is typed is not shown.
    fn asks(&mut self, prompt: &str) {
        while !self.said.contains(prompt) {
            let mut piece = [0; 1_000];
            let length = self.child.stdout.as_mut().unwrap().read(&mut piece).unwrap();
            assert_ne!(length, 0, "it never said {prompt}:\n{}", self.said);
            self.said += &String::from_utf8_lossy(&piece[..length]);
        }
        let tty = self.said.lines().next().unwrap().trim().to_owned();
        for _ in 0..400 {
            let (_, settings, _) = told(&Command::new("stty").args(["--file", &tty, "--all"]).output().unwrap());
            if settings.split_whitespace().any(|setting| setting == "-echo") {
                return;
            }
            thread::sleep(Duration::from_millis(25));
        }
        panic!("it shows what is typed:\n{}", self.said);
    }

    fn type_in(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    fn ends(mut self) -> (i32, String) {
        self.child.stdout.as_mut().unwrap().read_to_string(&mut self.said).unwrap();
        (self.child.wait().unwrap().code().unwrap(), self.said)
    }
}

fn settings(command: &Command) -> Vec<(OsString, OsString)> {
    command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
}

#[test]
fn a_password_is_not_shown_while_somebody_types_it() {
    let place = Place::new();
    let create = ["account", "create", "--email", "sam@seats.test", "--name", "Sam", "--role", "staff"];

    let mut terminal = Terminal::running(&place, &create);
    terminal.asks("it is not shown");
    terminal.type_in("correct horse battery");
    terminal.asks("once more");
    terminal.type_in("correct horse battery");
    let (code, said) = terminal.ends();

    assert_eq!(code, 0, "{said}");
    assert!(said.contains("sam@seats.test can sign in as staff"), "{said}");
    assert!(!said.contains("horse"), "{said}");
}

#[test]
fn a_password_that_was_mistyped_changes_nothing() {
    let place = Place::new();
    let create = ["account", "create", "--email", "sam@seats.test", "--name", "Sam", "--role", "staff"];

    let mut terminal = Terminal::running(&place, &create);
    terminal.asks("it is not shown");
    terminal.type_in("correct horse battery");
    terminal.asks("once more");
    terminal.type_in("correct horse buttery");
    let (code, said) = terminal.ends();

    assert_eq!(code, 2, "{said}");
    assert!(said.contains("two different passwords"), "{said}");
    assert_eq!(place.run(&["account", "list"]).1, "");
}
