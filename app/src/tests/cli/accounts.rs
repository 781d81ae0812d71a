//! `seatkeeper account`.

use std::{
    ffi::OsString,
    io::{Read, Write},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Workspace, result};

#[test]
fn an_account_needs_a_good_password_and_an_organization_that_is_there() {
    let workspace = Workspace::new();
    let create = ["account", "create", "--email", "kim@acme.test", "--name", "Kim", "--role"];
    let with = |more: &[&'static str]| [&create[..], more].concat();

    assert_eq!(workspace.run_with_input(&with(&["staff", "--password-stdin"]), "short\n").0, 2);
    assert_eq!(
        workspace
            .run_with_input(&with(&["tenant-admin", "--password-stdin"]), "long enough for us\n")
            .0,
        2
    );
    let elsewhere = with(&["tenant-admin", "--organization", "org_unknown", "--password-stdin"]);
    assert_eq!(workspace.run_with_input(&elsewhere, "long enough for us\n").0, 2);

    let (code, out, says) = workspace
        .run_with_input(&with(&["staff-admin", "--password-stdin"]), "long enough for us\n");
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(!says.contains("long enough"), "{says}");
    assert_eq!(
        workspace.run_with_input(&with(&["staff", "--password-stdin"]), "long enough for us\n").0,
        2
    );
}

#[test]
fn accounts_are_listed_shut_out_and_let_in_again() {
    let workspace = Workspace::new();
    let create = [
        "account",
        "create",
        "--email",
        "kim@acme.test",
        "--name",
        "Kim",
        "--role",
        "staff",
        "--password-stdin",
    ];
    workspace.run_with_input(&create, "long enough for us\n");
    let listed = |disabled: bool| json!([{"email": "kim@acme.test", "name": "Kim", "role": "staff", "organizations": [], "disabled": disabled}]);
    let list =
        || serde_json::from_str::<Value>(&workspace.run(&["account", "list", "--json"]).1).unwrap();
    assert_eq!(list(), listed(false));

    let (code, _, says) = workspace.run(&["account", "disable", "kim@acme.test"]);
    assert!(code == 0 && says.contains("kim@acme.test is disabled."), "{says}");
    assert_eq!(list(), listed(true));
    assert!(workspace.run(&["account", "list"]).1.contains("disabled"));
    assert_eq!(workspace.run(&["account", "enable", "kim@acme.test"]).0, 0);
    assert_eq!(list(), listed(false));

    assert_eq!(
        workspace
            .run_with_input(
                &["account", "password", "kim@acme.test", "--password-stdin"],
                "short\n"
            )
            .0,
        2
    );
    assert_eq!(
        workspace
            .run_with_input(
                &["account", "password", "kim@acme.test", "--password-stdin"],
                "another long one\n"
            )
            .0,
        0
    );
    assert_eq!(
        workspace.run(&["account", "grant", "kim@acme.test", "--organization", "org_1"]).0,
        2,
        "staff see everything"
    );
    let (code, _, says) = workspace.run(&["account", "disable", "unknown@acme.test"]);
    assert!(code == 2 && says.contains("no account for unknown@acme.test"), "{says}");
}

#[test]
fn a_tenant_is_let_into_one_organization_more() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme"]);
    workspace.run(&["organization", "add", "org_2", "--name", "Borealis"]);
    let create = [
        "account",
        "create",
        "--email",
        "kim@acme.test",
        "--name",
        "Kim",
        "--role",
        "tenant-admin",
        "--password-stdin",
    ];
    workspace.run_with_input(
        &[&create[..], &["--organization", "org_1"]].concat(),
        "long enough for us\n",
    );
    let grant = |id| {
        workspace.run(&[
            "account",
            "grant",
            "kim@acme.test",
            "--organization",
            "org_1",
            "--organization",
            id,
        ])
    };

    let (code, out, says) = grant("org_2");
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(says.contains("kim@acme.test has access to 1 more organization."), "{says}");
    assert!(workspace.run(&["account", "list"]).1.trim_end().ends_with("org_1 org_2"));
    assert!(grant("org_2").2.contains("kim@acme.test had access to all of them already."));
    let (code, _, says) = grant("org_unknown");
    assert!(code == 2 && says.contains("no such organization"), "{says}");
}

/// A pseudo-terminal, as `script` provides one, with the text that the program has printed there.
struct Terminal {
    child: Child,
    said: String,
}

impl Terminal {
    fn running(workspace: &Workspace, arguments: &[&str]) -> Self {
        let words: Vec<_> = arguments.iter().map(|word| format!("'{word}'")).collect();
        let line = format!("tty; exec '{}' {}", env!("CARGO_BIN_EXE_seatkeeper"), words.join(" "));
        let mut script = Command::new("script");
        script
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .current_dir(workspace.folder())
            .envs(settings(&workspace.command(&[])));
        let child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Self { child, said: String::new() }
    }

    /// Waits until the prompt was printed and the terminal no longer shows what is typed.
    fn asks(&mut self, prompt: &str) {
        while !self.said.contains(prompt) {
            let mut piece = [0; 1_000];
            let length = self.child.stdout.as_mut().unwrap().read(&mut piece).unwrap();
            assert_ne!(length, 0, "it never said {prompt}:\n{}", self.said);
            self.said += &String::from_utf8_lossy(&piece[..length]);
        }
        let tty = self.said.lines().next().unwrap().trim().to_owned();
        for _ in 0..400 {
            let (_, settings, _) =
                result(&Command::new("stty").args(["--file", &tty, "--all"]).output().unwrap());
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
    command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect()
}

/// Creates an account and types a password twice; returns the exit code and the printed text.
fn typed(workspace: &Workspace, password: &str, once_more: &str) -> (i32, String) {
    let create =
        ["account", "create", "--email", "sam@seats.test", "--name", "Sam", "--role", "staff"];
    let mut terminal = Terminal::running(workspace, &create);
    terminal.asks("it is not shown");
    terminal.type_in(password);
    terminal.asks("same password again");
    terminal.type_in(once_more);
    terminal.ends()
}

#[test]
fn a_password_is_not_shown_while_it_is_typed() {
    let workspace = Workspace::new();

    let (code, said) = typed(&workspace, "correct horse battery", "correct horse battery");

    assert_eq!(code, 0, "{said}");
    assert!(said.contains("sam@seats.test can sign in as staff"), "{said}");
    assert!(!said.contains("horse"), "{said}");
}

#[test]
fn a_password_that_was_mistyped_changes_nothing() {
    let workspace = Workspace::new();

    let (code, said) = typed(&workspace, "correct horse battery", "correct horse buttery");

    assert_eq!(code, 2, "{said}");
    assert!(said.contains("The two passwords differ"), "{said}");
    assert_eq!(workspace.run(&["account", "list"]).1, "");
}
