//! Entries of Scalekit's lists that could not be read: how many, which ones, and why.

use domain::{organization::grouped, resync::SetAsideKind, text::ExternalText};
use leptos::prelude::*;
use views::resyncs::SetAsideRow;

use crate::components::{
    page_header::Section,
    table::{Heading, Table},
    words::words,
};

/// `rows` holds the first of them.
#[component]
pub(super) fn SetAside(count: i64, is_import: bool, rows: Vec<SetAsideRow>) -> impl IntoView {
    let (title, sentence, id) = if is_import {
        ("Refused rows", of_file(count), "Where")
    } else {
        ("Set aside", sentence(count), "Id")
    };
    // each row of a file is about a person
    let what = (!is_import).then(|| view! { <Heading word="What" /> });
    let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let more = (count > shown)
        .then(|| view! { <p class="quiet">{format!("And {} more.", grouped(count - shown))}</p> });
    let rows = rows.into_iter().map(|row| view! { <Row row is_import /> }).collect_view();
    view! {
        <Section title>
            <p class="narrowed">{sentence}</p>
            <Table label="Entries that could not be read">
                <thead>
                    <tr>{what} <Heading word=id /> <Heading word="Why" /></tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            {more}
        </Section>
    }
}

#[component]
fn Row(row: SetAsideRow, is_import: bool) -> impl IntoView {
    let id = row.id.map_or_else(|| "–".into_any(), |id| words(ExternalText::new(&id)).into_any());
    let why = ExternalText::sentence(&row.why);
    let id = view! { <code class="set-aside__id">{id}</code> };
    let head = if is_import {
        view! { <th scope="row">{id}</th> }.into_any()
    } else {
        view! {
            <th scope="row">{what(row.kind)}</th>
            <td>{id}</td>
        }
        .into_any()
    };
    view! { <tr>{head} <td>{words(&why)}</td></tr> }
}

fn what(kind: SetAsideKind) -> &'static str {
    match kind {
        SetAsideKind::Directory => "Directory",
        SetAsideKind::User => "Person",
        SetAsideKind::Group => "Group",
        SetAsideKind::Membership => "Groups of a person",
        SetAsideKind::Duplicate => "Person, twice",
    }
}

fn sentence(count: i64) -> String {
    let (entries, it) = if count == 1 { ("entry", "it") } else { ("entries", "they") };
    format!(
        "{} {entries} of Scalekit’s lists could not be read, so {it} changed nothing. All others were compared. \
         Such a run removes no person.",
        grouped(count)
    )
}

fn of_file(count: i64) -> String {
    let (rows, it) = if count == 1 { ("row", "it") } else { ("rows", "they") };
    format!(
        "{} {rows} of the file could not be taken, so {it} changed nothing. All others were compared. \
         Correct them and send the file again: people who are right already stay as they are.",
        grouped(count)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_rows_are_counted_in_a_sentence() {
        assert!(of_file(1).starts_with("1 row of the file could not be taken, so it changed"));
        assert!(of_file(1_200).starts_with("1,200 rows of the file could not be taken, so they"));
    }

    #[test]
    fn what_was_set_aside_is_counted_in_a_sentence() {
        assert!(
            sentence(1).starts_with(
                "1 entry of Scalekit’s lists could not be read, so it changed nothing."
            )
        );
        assert!(sentence(1_200).starts_with(
            "1,200 entries of Scalekit’s lists could not be read, so they changed nothing."
        ));
    }
}
