//! Where its settings come from, and the database it finds or does not find.

use crate::support::{Place, told};

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
    assert!(!place.folder().join("data").exists());

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
fn serving_without_a_secret_says_what_to_set() {
    let place = Place::new();

    let (code, _, says) = place.run(&["serve"]);

    assert_eq!(code, 2);
    assert!(says.contains("SCALEKIT_WEBHOOK_SECRET") && says.contains("whsec_"), "{says}");
}
