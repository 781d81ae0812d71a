//! The README names the settings that exist.

use seatkeeper::config;

#[test]
fn the_readme_names_every_setting() {
    let readme = include_str!("../../README.md");

    let table = config::readme_table();

    assert!(readme.contains(&table), "the README's configuration table should be:\n\n{table}");
}
