use std::{collections::HashMap, fs};

use super::*;
use crate::domain::{organization::SeatLimit, setting::SettingValues};

const KEY_24: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";

fn config(variables: &[(&str, &str)]) -> Result<Config, Problems> {
    Config::from(|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
}

fn problem(name: &str, value: &str) -> String {
    let Problems(problems) = config(&[(name, value)]).expect_err(value);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].variable, name);
    problems[0].wrong.clone()
}

#[test]
fn nothing_set_is_enough_to_begin() {
    let config = config(&[]).unwrap();

    assert_eq!(config.database_url.to_string(), "data/seatkeeper.db");
    assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.public_url().to_string(), "http://127.0.0.1:3000");
    assert!(!config.is_https());
    assert!(config.scalekit.is_none() && config.smtp.is_none());
    assert_eq!(config.mail_from.to_string(), "Seatkeeper <seatkeeper@localhost>");
    assert_eq!(config.webhook_body_limit, 1_048_576);
    assert_eq!(config.fixed, FixedSettings::default());
    assert_eq!(
        (config.check_every, config.metrics_listen, config.log_format),
        (Duration::from_mins(5), None, None)
    );
    assert_eq!(config.log, LogFilter::parse("info").unwrap());
    let seconds = [config.limits.head, config.limits.body, config.limits.idle, config.limits.read]
        .map(|limit| limit.as_secs());
    assert_eq!((config.limits.connections, seconds), (None, [10, 30, 120, 5]));
    assert_eq!((config.limits.live_per_account, config.limits.live_per_address), (20, 500));
}

#[test]
fn a_limit_is_a_number_that_lets_requests_in() {
    let limits = config(&[("SEATKEEPER_CONNECTIONS", "200"), ("SEATKEEPER_IDLE_SECONDS", "3600")])
        .unwrap()
        .limits;

    assert_eq!((limits.connections, limits.idle), (Some(200), Duration::from_hours(1)));
    assert_eq!(
        problem("SEATKEEPER_CONNECTIONS", "1"),
        "is “1”, which is not a whole number from 16 to 100000."
    );
    for setting in [
        "SEATKEEPER_HEAD_SECONDS",
        "SEATKEEPER_BODY_SECONDS",
        "SEATKEEPER_READ_SECONDS",
        "SEATKEEPER_LIVE_PER_ACCOUNT",
    ] {
        assert!(problem(setting, "0").contains("which is not a whole number from 1 to"));
    }
}

#[test]
fn everything_can_be_set() {
    let two = format!("{KEY_24}, {KEY_24}=,");
    let config = config(&[
        ("DATABASE_URL", "postgresql://seats:pass%23word@db.example.com/seats"),
        ("SEATKEEPER_LISTEN", "[::]:8080"),
        ("SEATKEEPER_PUBLIC_URL", "https://Seats.Example.com:443/"),
        ("SCALEKIT_ENVIRONMENT_URL", "https://acme.scalekit.com/"),
        ("SCALEKIT_CLIENT_ID", "skc_1"),
        ("SCALEKIT_CLIENT_SECRET", "very-secret"),
        ("SEATKEEPER_STAFF_ISSUER", "https://login.example.com/"),
        ("SEATKEEPER_STAFF_CLIENT_ID", "seatkeeper"),
        ("SEATKEEPER_STAFF_CLIENT_SECRET", "very-secret"),
        ("SCALEKIT_WEBHOOK_SECRET", two.trim_end_matches("=,")),
        ("SMTP_URL", "smtps://user:very-secret@mail.example.com"),
        ("MAIL_FROM", "seats@example.com"),
        ("SEATKEEPER_WEBHOOK_BODY_LIMIT", "2_000_000"),
        ("SEATKEEPER_DEFAULT_SEAT_LIMIT", "unlimited"),
        ("SEATKEEPER_RAW_BODY_DAYS", "forever"),
        ("SEATKEEPER_CHECK_MINUTES", "1"),
        ("SEATKEEPER_METRICS_LISTEN", "127.0.0.1:9464"),
        ("SEATKEEPER_LOG_FORMAT", "json"),
        ("RUST_LOG", "warn,seatkeeper=debug"),
    ])
    .unwrap();

    assert_eq!(config.database_url.to_string(), "seats at db.example.com:5432");
    assert_eq!(config.public_url().to_string(), "https://seats.example.com");
    assert!(config.is_https());
    assert_eq!(
        config.scalekit.as_ref().unwrap().environment_url.as_str(),
        "https://acme.scalekit.com/"
    );
    let staff = config.staff_provider.as_ref().unwrap();
    assert_eq!(staff.issuer.as_str(), "https://login.example.com/", "to the letter");
    let scalekit = config.scalekit.as_ref().unwrap().provider().unwrap();
    assert_eq!(scalekit.issuer.as_str(), "https://acme.scalekit.com");
    assert_eq!(config.webhook_secrets().unwrap().count(), 2);
    assert_eq!(config.webhook_body_limit, 2_000_000);
    let mut values = SettingValues::default();
    config.fixed.apply(&mut values);
    assert_eq!(values.default_seat_limit, SeatLimit::Unlimited);
    assert_eq!((values.keep_bodies, config.check_every), (None, Duration::from_mins(1)));
    assert!(!config.fixed.has(SettingName::SessionHours));
    assert_eq!(
        (config.metrics_listen.unwrap().port(), config.log_format),
        (9464, Some(LogFormat::Json))
    );
    let printed = format!("{config:?}");
    for secret in ["very-secret", "pass%23word", "pass#word", "MDEy"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn a_provider_of_the_staff_needs_an_issuer_and_a_client_id() {
    let wrong = |values: &[(&str, &str)]| {
        let problems = config(values).unwrap_err().0;
        problems.iter().map(|problem| problem.variable).collect::<Vec<_>>()
    };

    assert_eq!(
        wrong(&[("SEATKEEPER_STAFF_CLIENT_SECRET", "very-secret")]),
        ["SEATKEEPER_STAFF_ISSUER", "SEATKEEPER_STAFF_CLIENT_ID"]
    );
    let plain = [
        ("SEATKEEPER_STAFF_ISSUER", "http://login.example.com"),
        ("SEATKEEPER_STAFF_CLIENT_ID", "seatkeeper"),
    ];
    assert_eq!(wrong(&plain), ["SEATKEEPER_STAFF_ISSUER"]);
}

#[test]
fn the_public_address_follows_the_port_that_was_got() {
    let mut config = config(&[("SEATKEEPER_LISTEN", "0.0.0.0:0")]).unwrap();

    config.listen.set_port(4711);

    assert_eq!(config.public_url().to_string(), "http://localhost:4711");
}

#[test]
fn all_problems_are_reported_together_with_an_example() {
    let problems = config(&[
        ("DATABASE_URL", "mysql://root@db"),
        ("SEATKEEPER_LISTEN", "3000"),
        ("SCALEKIT_CLIENT_ID", "skc_1"),
    ])
    .unwrap_err();

    insta::assert_snapshot!(problems, @r#"
    4 settings cannot be used.

      DATABASE_URL must start with sqlite:, postgres: or postgresql:.
        For example: DATABASE_URL=postgres://seatkeeper:password@localhost/seatkeeper

      SEATKEEPER_LISTEN is “3000”, which is not an IP address and a port.
        For example: SEATKEEPER_LISTEN=0.0.0.0:3000

      SCALEKIT_ENVIRONMENT_URL is missing: it goes with SCALEKIT_CLIENT_ID. Set all three, or none.
        For example: SCALEKIT_ENVIRONMENT_URL=https://acme.scalekit.com

      SCALEKIT_CLIENT_SECRET is missing: it goes with SCALEKIT_CLIENT_ID. Set all three, or none.
        For example: SCALEKIT_CLIENT_SECRET=live_…
    "#);
}

#[test]
fn a_wrong_value_says_what_is_wrong_with_it() {
    insta::assert_snapshot!(problem("DATABASE_URL", "sqlite://"), @"names no file.");
    insta::assert_snapshot!(problem("DATABASE_URL", "postgres://seats:a/b@db/seats"), @"cannot be read (invalid port number). In a user name or password, write @ as %40, : as %3A, / as %2F, # as %23, % as %25.");
    insta::assert_snapshot!(problem("SEATKEEPER_PUBLIC_URL", "seats.example.com"), @"must start with https:// (or http://).");
    insta::assert_snapshot!(problem("SEATKEEPER_PUBLIC_URL", "https://example.com/seats"), @"must end after the host and port: there is “/seats” behind them.");
    insta::assert_snapshot!(problem("SEATKEEPER_PUBLIC_URL", "ftp://example.com"), @"must start with https:// (or http://).");
    insta::assert_snapshot!(problem("MAIL_FROM", "Seatkeeper"), @"is “Seatkeeper”, which is not an e-mail address, with or without a name before it.");
    insta::assert_snapshot!(problem("SEATKEEPER_WEBHOOK_BODY_LIMIT", "1 MiB"), @"is “1 MiB”; it takes a number of bytes from 16384 to 67108864.");
    insta::assert_snapshot!(problem("SEATKEEPER_DEFAULT_SEAT_LIMIT", "-1"), @"is “-1”; it takes a whole number from 0 to 10,000,000, “unlimited” or “not set”.");
    insta::assert_snapshot!(problem("SEATKEEPER_RAW_BODY_DAYS", "0"), @"is “0”; it takes a whole number from 1 to 3,650, or “forever”.");
    insta::assert_snapshot!(problem("SEATKEEPER_CHECK_MINUTES", "5 min"), @"is “5 min”; it takes a number of minutes from 1 to 1440.");
    insta::assert_snapshot!(problem("SEATKEEPER_LOG_FORMAT", "xml"), @"is “xml”; it takes “text” or “json”.");
    insta::assert_snapshot!(problem("RUST_LOG", "seatkeeper=loud"), @r#"is “seatkeeper=loud”, which is no log filter (error parsing level filter: expected one of "off", "error", "warn", "info", "debug", "trace", or a number 0-5)."#);
}

#[test]
fn a_wrong_webhook_secret_is_refused_and_never_quoted() {
    let short = "whsec_c2hvcnQtc2VjcmV0";
    let url_safe = "whsec_-_EyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";

    insta::assert_snapshot!(problem("SCALEKIT_WEBHOOK_SECRET", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"), @"does not start with whsec_. Copy it whole from the Scalekit dashboard, under Webhooks.");
    insta::assert_snapshot!(problem("SCALEKIT_WEBHOOK_SECRET", url_safe), @"is not base64 after whsec_. Copy it whole from the Scalekit dashboard, under Webhooks.");
    insta::assert_snapshot!(problem("SCALEKIT_WEBHOOK_SECRET", "whsec_"), @"is too short: a key of 0 bytes, where at least 24 are needed.");
    insta::assert_snapshot!(problem("SCALEKIT_WEBHOOK_SECRET", &format!("{KEY_24},{short}")), @"(number 2 of 2) is too short: a key of 12 bytes, where at least 24 are needed.");
    insta::assert_snapshot!(problem("SCALEKIT_WEBHOOK_SECRET", ","), @"holds commas and no secret.");
    insta::assert_snapshot!(problem("SCALEKIT_WEBHOOK_SECRET", &[KEY_24; 9].join(",")), @"holds more than 8 secrets; a rotation needs two.");
    assert!(config(&[]).unwrap().webhook_secrets().is_err());
}

#[test]
fn scalekits_secret_goes_over_https_or_stays_on_this_machine() {
    let with = |url| {
        let rest = [("SCALEKIT_CLIENT_ID", "skc_1"), ("SCALEKIT_CLIENT_SECRET", "s")];
        config(&[("SCALEKIT_ENVIRONMENT_URL", url), rest[0], rest[1]])
    };

    assert!(with("http://127.0.0.1:4000").is_ok());
    assert!(with("http://localhost:4000").is_ok());
    insta::assert_snapshot!(with("http://acme.scalekit.com").unwrap_err().0[0].wrong, @"must start with https://: the client’s secret travels there. (http:// is for this machine only.)");
}

#[test]
fn an_empty_variable_is_an_absent_one() {
    assert!(config(&[("SMTP_URL", " "), ("SCALEKIT_CLIENT_ID", ""), ("DATABASE_URL", "")]).is_ok());
}

#[test]
fn a_mail_server_is_described_without_its_password() {
    insta::assert_snapshot!(problem("SMTP_URL", "mail.example.com:587"), @"must start with smtp:// or smtps://, then the server’s name.");
    insta::assert_snapshot!(problem("SMTP_URL", "smtp://user@mail.example.com"), @"has a user name without a password.");
    insta::assert_snapshot!(problem("SMTP_URL", "smtp://user:p#ss@mail.example.com"), @"cannot be read (invalid port number). In a user name or password, write @ as %40, : as %3A, / as %2F, # as %23, % as %25.");
    insta::assert_snapshot!(problem("SMTP_URL", "smtp://mail.example.com?tls=maybe"), @"knows tls=required, tls=opportunistic and tls=none.");
}

#[test]
fn every_setting_has_an_example_that_works() {
    let examples: Vec<_> =
        SETTINGS.iter().filter_map(|setting| setting.example.split_once('=')).collect();

    let config = config(&examples).unwrap();

    assert!(
        SETTINGS.iter().all(|setting| setting.example.starts_with(&format!("{}=", setting.name)))
    );
    assert!(config.scalekit.is_some() && config.smtp.is_some() && config.is_https());
}

#[test]
fn the_table_has_a_row_for_every_setting() {
    let table = settings_table();

    assert_eq!(table.lines().count(), SETTINGS.len() + 2);
    assert!(table.contains("| `SEATKEEPER_LISTEN` | `127.0.0.1:3000` |"), "{table}");
    assert!(table.lines().all(|row| row.matches('|').count() == 5), "{table}");
}

#[test]
fn a_broken_env_file_is_refused_without_quoting_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    assert_eq!(env_file::read_env_file(&path), Ok(HashMap::new()));

    fs::write(&path, "RUST_LOG=debug\nMAIL_FROM='Seat Keeper <a@b.test>'\n").unwrap();
    assert_eq!(env_file::read_env_file(&path).unwrap()["MAIL_FROM"], "Seat Keeper <a@b.test>");

    fs::write(&path, "RUST_LOG=debug\nSCALEKIT_CLIENT_SECRET=very secret\n").unwrap();
    insta::assert_snapshot!(env_file::read_env_file(&path).unwrap_err(), @r#"
    .env has a line after RUST_LOG that is not NAME=value. Quote values with blanks: NAME='two words'.
        For example: SEATKEEPER_LISTEN=127.0.0.1:3000
    "#);
}
