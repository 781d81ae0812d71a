//! Where the settings come from, and what happens with and without a database.

use crate::support::{Workspace, result};

#[test]
fn an_empty_folder_gets_its_database_where_the_documents_say() {
    let workspace = Workspace::new();

    let (code, ..) =
        result(&workspace.command(&["migrate"]).env_remove("DATABASE_URL").output().unwrap());

    assert_eq!((code, workspace.holds("data/seatkeeper.db")), (0, true));
}

#[test]
fn what_is_set_in_a_file_counts_and_the_environment_counts_more() {
    let workspace = Workspace::new();
    workspace.env_file("DATABASE_URL=sqlite://from_the_file.db\n");

    let (code, ..) = result(
        &workspace
            .command(&["migrate"])
            .env("DATABASE_URL", "sqlite://from_the_environment.db")
            .output()
            .unwrap(),
    );
    assert_eq!(
        (code, workspace.holds("from_the_file.db"), workspace.holds("from_the_environment.db")),
        (0, false, true)
    );

    let (code, ..) =
        result(&workspace.command(&["migrate"]).env_remove("DATABASE_URL").output().unwrap());
    assert_eq!(
        (code, workspace.holds("from_the_file.db"), workspace.holds("data")),
        (0, true, false)
    );
}

#[test]
fn a_dollar_in_single_quotes_means_itself() {
    let workspace = Workspace::new();
    let migrate = || {
        result(
            &workspace
                .command(&["migrate"])
                .env_remove("DATABASE_URL")
                .env("CHEAP", "dear")
                .output()
                .unwrap(),
        )
        .0
    };

    workspace.env_file("DATABASE_URL='sqlite://pa$CHEAP.db'\n");
    assert_eq!(
        (migrate(), workspace.holds("pa$CHEAP.db"), workspace.holds("padear.db")),
        (0, true, false)
    );

    workspace.env_file("DATABASE_URL=sqlite://pa$CHEAP.db\n");
    assert_eq!((migrate(), workspace.holds("padear.db")), (0, true));
}

#[test]
fn a_command_that_only_reads_creates_no_database() {
    let workspace = Workspace::new();
    let asking: [&[&str]; 6] = [
        &["status", "--json"],
        &["organization", "set-limit", "org_1", "5", "--reason", "because"],
        &["resync", "org_1"],
        &["replay", "--all"],
        &["replay", "dlv_1"],
        &["account", "list"],
    ];

    for arguments in asking {
        let (code, out, says) = workspace.run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(
            says.contains("no database")
                && says.contains("seats.db")
                && says.contains("seatkeeper migrate"),
            "{says}"
        );
    }
    let secret = ("SCALEKIT_WEBHOOK_SECRET", "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=");
    let drilled = result(
        &workspace.command(&["drill", "--kills", "1"]).env(secret.0, secret.1).output().unwrap(),
    );
    assert!(drilled.0 == 2 && drilled.2.contains("no database"), "{drilled:?}");
    assert!(!workspace.folder().join("data").exists());

    assert_eq!(workspace.run(&["migrate"]).0, 0);
    assert_eq!(workspace.run(&["status", "--json"]).0, 0);
}

#[test]
fn a_database_that_does_not_answer_is_named_without_its_password() {
    let workspace = Workspace::new();

    let url = "postgres://seats:very-secret@127.0.0.1:1/ledger";
    let (code, _, says) =
        result(&workspace.command(&["status"]).env("DATABASE_URL", url).output().unwrap());

    assert_eq!(code, 1);
    assert!(says.contains("ledger at 127.0.0.1:1") && !says.contains("very-secret"), "{says}");
}

#[test]
fn serving_without_a_secret_says_what_to_set() {
    let workspace = Workspace::new();

    let (code, _, says) = workspace.run(&["serve"]);

    assert_eq!(code, 2);
    assert!(says.contains("SCALEKIT_WEBHOOK_SECRET") && says.contains("whsec_"), "{says}");
}

#[test]
fn a_file_from_another_system_is_read_or_refused_in_words() {
    let workspace = Workspace::new();
    let migrate =
        || result(&workspace.command(&["migrate"]).env_remove("DATABASE_URL").output().unwrap());

    workspace.env_file("\u{feff}export DATABASE_URL=sqlite://from_windows.db\r\nRUST_LOG=warn\r\n");
    assert_eq!((migrate().0, workspace.holds("from_windows.db")), (0, true));

    let utf16: Vec<u8> =
        "\u{feff}RUST_LOG=warn\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(workspace.folder().join(".env"), utf16).unwrap();
    let (code, _, says) = migrate();
    assert_eq!(code, 2);
    assert!(says.contains(".env is UTF-16") && says.contains("Save it as UTF-8"), "{says}");
}

#[test]
fn an_unknown_organization_is_refused_alike_with_and_without_a_database() {
    let workspace = Workspace::new();
    let set = || {
        workspace.run(&["organization", "set-limit", "org_unknown", "5", "--reason", "because"]).0
    };

    let without = set();
    workspace.run(&["migrate"]);

    assert_eq!((without, set()), (2, 2));
}
