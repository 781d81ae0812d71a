//! `seatkeeper simulator`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Stdio,
};

use crate::support::Workspace;

#[test]
fn the_simulator_says_what_a_seatkeeper_beside_it_needs_and_answers_there() {
    let workspace = Workspace::new();
    let arguments = [
        "simulator",
        "--listen",
        "127.0.0.1:0",
        "--people",
        "30",
        "--organizations",
        "3",
        "--no-first-push",
    ];
    let mut command = workspace.command(&arguments);
    command
        .env_remove("SCALEKIT_CLIENT_ID")
        .env_remove("SCALEKIT_CLIENT_SECRET")
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let lines: Vec<_> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .take(4)
        .map(|line| line.unwrap())
        .collect();
    let value = |name: &str| {
        lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap().to_owned()
    };

    let (id, secret) = (value("SCALEKIT_CLIENT_ID"), value("SCALEKIT_CLIENT_SECRET"));
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let address = value("SCALEKIT_ENVIRONMENT_URL").replace("http://", "");
    let mut connection = TcpStream::connect(&address).unwrap();
    let length = form.len();
    let head = format!(
        "POST /oauth/token HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}"
    );
    write!(connection, "{head}\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n{form}")
        .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
    assert!(value("SCALEKIT_WEBHOOK_SECRET").starts_with("whsec_"));
}

#[test]
fn the_simulator_knows_its_faults_and_profiles() {
    let workspace = Workspace::new();

    let (code, _, says) = workspace.run(&["simulator", "--fault", "gremlins"]);
    assert_eq!(code, 2);
    assert!(says.contains("no fault “gremlins”") && says.contains("rate-limit"), "{says}");
    assert_eq!(workspace.run(&["simulator", "--profile", "ldap"]).0, 2);
    assert_eq!(workspace.run(&["simulator", "--people", "2000000"]).0, 2);
    assert!(workspace.run(&["simulator", "--help"]).1.contains("deactivate-by-delete"));
}

#[test]
fn open_to_other_machines_the_simulator_warns_and_has_a_secret_of_its_own() {
    let workspace = Workspace::new();
    let started = |listen: &str| {
        let mut command = workspace.command(&[
            "simulator",
            "--listen",
            listen,
            "--people",
            "3",
            "--no-first-push",
        ]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines: Vec<_> = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .take(4)
            .map(|line| line.unwrap())
            .collect();
        let mut warned = String::new();
        if !listen.starts_with("127.") {
            let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
            warned =
                said.find_map(|line| line.ok().filter(|line| line.contains("WARNING"))).unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let secret = lines
            .iter()
            .find_map(|line| line.strip_prefix("SCALEKIT_CLIENT_SECRET="))
            .unwrap()
            .to_owned();
        (secret, warned)
    };

    assert_eq!(started("127.0.0.1:0").0, "simulator_secret");
    let (secret, warned) = started("0.0.0.0:0");
    assert!(secret != "simulator_secret" && secret.len() > 40, "{secret}");
    assert!(warned.contains("press its buttons"), "{warned}");
    assert_ne!(started("0.0.0.0:0").0, secret);
}
