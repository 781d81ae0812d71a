//! The documents name the settings and the commands that exist, and the README stays short.

use seatkeeper::config;

#[test]
fn the_configuration_document_lists_every_setting() {
    let document = include_str!("../../.github/docs/configuration.md");

    let table = config::settings_table();

    assert!(
        document.contains(&table),
        "the table of .github/docs/configuration.md should be:\n\n{table}"
    );
}

#[test]
fn the_readme_has_the_two_commands_and_is_short() {
    let readme = include_str!("../../README.md");

    let words = readme.split_whitespace().count();

    assert!(
        readme.contains("\ncargo xtask demo ") && readme.contains("\ncargo xtask test "),
        "{readme}"
    );
    assert!(words <= 1_200, "{words} words; more belongs into .github/docs");
}
