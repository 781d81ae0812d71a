//! How long a file and a line may be.

use std::path::Path;

use super::texts;

/// How many lines a file may have.
const LINES: usize = 400;

#[test]
fn no_file_is_longer_than_it_may_be() {
    let longer: Vec<_> = sources()
        .into_iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .collect();

    assert!(longer.is_empty(), "more than {LINES} lines: {longer:?}");
}

/// How many columns a line may have, without what is in quotes: a sentence or a statement reads
/// better in one piece.
const COLUMNS: usize = 100;

#[test]
fn no_line_is_longer_than_it_may_be() {
    let mut long = Vec::new();
    for (file, text) in sources() {
        let mut in_quotes = None;
        for (number, line) in (1..).zip(text.lines()) {
            let columns = columns_without_quoted(line, &mut in_quotes);
            if columns > COLUMNS {
                long.push(format!("{file}:{number} has {columns} columns"));
            }
        }
    }
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

/// How many characters of the line are not in quotes. `in_quotes` is what ends the quoted text that
/// an earlier line began.
fn columns_without_quoted(line: &str, in_quotes: &mut Option<String>) -> usize {
    let mut columns = 0;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if let Some(end) = in_quotes.as_deref() {
            if let Some(after) = rest.strip_prefix(end) {
                rest = after;
                *in_quotes = None;
            } else {
                let is_escape = end == "\"" && c == '\\';
                rest = &rest[c.len_utf8()..];
                rest = rest
                    .chars()
                    .next()
                    .filter(|_| is_escape)
                    .map_or(rest, |c| &rest[c.len_utf8()..]);
            }
            continue;
        }
        if rest.starts_with("//") {
            return columns + rest.chars().count();
        }
        let quote = ["r##\"", "r#\"", "\""].into_iter().find(|quote| rest.starts_with(quote));
        let skipped = quote.or_else(|| rest.starts_with("'\"'").then_some("'\"'"));
        if let Some(quote) = quote {
            *in_quotes = Some(format!("\"{}", "#".repeat(quote.len().saturating_sub(2))));
        }
        columns += 1;
        rest = &rest[skipped.map_or(c.len_utf8(), str::len)..];
    }
    columns
}

#[test]
fn quoted_text_does_not_count() {
    let count = |text: &str| {
        let mut in_quotes = None;
        text.lines().map(|line| columns_without_quoted(line, &mut in_quotes)).collect::<Vec<_>>()
    };

    assert_eq!(count("abc // \"d\""), [10]);
    assert_eq!(count(r#"a "b\"c" d"#), [5]);
    assert_eq!(count("a r#\"b\n\"b\"\nb\"# d"), [3, 0, 2]);
    assert_eq!(count("a '\"' b"), [5]);
}

fn sources() -> Vec<(String, String)> {
    let mut sources = texts(Path::new(env!("CARGO_MANIFEST_DIR")));
    sources.retain(|(file, _)| Path::new(file).extension().is_some_and(|kind| kind == "rs"));
    sources
}
