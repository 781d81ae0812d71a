//! The documents name the settings, commands and tests that exist, and the README stays short.

use std::{collections::BTreeSet, fs, path::Path};

use seatkeeper::config;

/// The sections of the ASVS 5.0 with requirements of level 1 or 2, and how many each has. Within a
/// section these come first.
const SECTIONS: [(&str, usize); 75] = [
    ("1.1", 2),
    ("1.2", 9),
    ("1.3", 11),
    ("1.4", 3),
    ("1.5", 2),
    ("2.1", 3),
    ("2.2", 3),
    ("2.3", 4),
    ("2.4", 1),
    ("3.2", 2),
    ("3.3", 4),
    ("3.4", 6),
    ("3.5", 5),
    ("3.7", 2),
    ("4.1", 3),
    ("4.2", 1),
    ("4.3", 2),
    ("4.4", 4),
    ("5.1", 1),
    ("5.2", 3),
    ("5.3", 2),
    ("5.4", 3),
    ("6.1", 3),
    ("6.2", 12),
    ("6.3", 4),
    ("6.4", 4),
    ("6.5", 5),
    ("6.6", 3),
    ("6.8", 4),
    ("7.1", 3),
    ("7.2", 4),
    ("7.3", 2),
    ("7.4", 5),
    ("7.5", 2),
    ("7.6", 2),
    ("8.1", 2),
    ("8.2", 3),
    ("8.3", 1),
    ("8.4", 1),
    ("9.1", 3),
    ("9.2", 4),
    ("10.1", 2),
    ("10.2", 2),
    ("10.3", 4),
    ("10.4", 11),
    ("10.5", 5),
    ("10.6", 2),
    ("10.7", 3),
    ("11.1", 2),
    ("11.2", 3),
    ("11.3", 3),
    ("11.4", 4),
    ("11.5", 1),
    ("11.6", 1),
    ("12.1", 3),
    ("12.2", 2),
    ("12.3", 4),
    ("13.1", 1),
    ("13.2", 5),
    ("13.3", 2),
    ("13.4", 5),
    ("14.1", 2),
    ("14.2", 4),
    ("14.3", 3),
    ("15.1", 3),
    ("15.2", 3),
    ("15.3", 7),
    ("16.1", 1),
    ("16.2", 5),
    ("16.3", 4),
    ("16.4", 3),
    ("16.5", 3),
    ("17.1", 1),
    ("17.2", 4),
    ("17.3", 2),
];

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

#[test]
fn every_test_that_the_security_table_names_exists() {
    let table = SecurityTable::read();
    let mut wrong = Vec::new();

    for (id, proof) in &table.rows {
        let named = proof.split('`').filter_map(|text| text.split_once("::"));
        wrong.extend(
            named
                .filter(|(file, test)| !has_test(file, test))
                .map(|(file, test)| format!("{id}: {file} has no test {test}")),
        );
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_security_table_has_each_requirement_once_and_counts_them() {
    let SecurityTable { text, rows, others } = SecurityTable::read();
    let mut missing: BTreeSet<String> = SECTIONS
        .iter()
        .flat_map(|(section, count)| (1..=*count).map(move |n| format!("{section}.{n}")))
        .collect();
    let all = missing.len();

    let wrong: Vec<_> = rows
        .iter()
        .map(|(id, _)| id)
        .chain(&others)
        .filter(|id| !missing.remove(id.as_str()))
        .collect();

    assert!(wrong.is_empty(), "not of level 1 or 2, or there twice: {wrong:?}");
    assert!(missing.is_empty(), "forgotten: {missing:?}");
    let count = |is: fn(&str) -> bool| rows.iter().filter(|(_, proof)| is(proof)).count();
    let open = count(|proof| proof.starts_with("**open**"));
    let tested = count(|proof| proof.starts_with('`'));
    let built = count(|proof| proof.starts_with("by construction: "));
    let sentence = format!(
        "Of the {all} requirements {tested} are met with a test, {built} by construction or by a \
         document, {} do not apply, and {open} are open.",
        others.len()
    );
    let words: Vec<_> = text.split_whitespace().collect();
    assert!(words.join(" ").contains(&sentence), "it should say: {sentence}");
}

/// `.github/docs/asvs.md`.
struct SecurityTable {
    text: String,
    /// The id of each requirement that applies, and the cell with its proof.
    rows: Vec<(String, String)>,
    /// The ids of those that do not apply.
    others: Vec<String>,
}

impl SecurityTable {
    fn read() -> Self {
        let text = include_str!("../../.github/docs/asvs.md").to_owned();
        let (mut rows, mut others) = (Vec::new(), Vec::new());
        for line in text.lines() {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            let is_about_ids = cells[0].starts_with(|c: char| c.is_ascii_digit());
            match cells.as_slice() {
                [id, _, _, _, proof] if is_about_ids => {
                    rows.push(((*id).to_owned(), (*proof).to_owned()));
                }
                [ids, _, _] if is_about_ids => others.extend(ids.split(", ").flat_map(each)),
                _ => {}
            }
        }
        Self { text, rows, others }
    }
}

/// The ids of a range such as `4.4.1–4.4.4`, or the one id.
fn each(ids: &str) -> Vec<String> {
    let Some((first, last)) = ids.split_once('–') else { return vec![ids.to_owned()] };
    let number = |id: &str| id.rsplit_once('.').unwrap().1.parse::<usize>().unwrap();
    let section = first.rsplit_once('.').unwrap().0;
    (number(first)..=number(last)).map(|n| format!("{section}.{n}")).collect()
}

fn has_test(file: &str, test: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = fs::read_to_string(path).unwrap_or_default();
    let is_browser = Path::new(file).extension().is_some_and(|kind| kind == "ts");
    source.contains(&if is_browser { format!("test('{test}'") } else { format!("fn {test}(") })
}
