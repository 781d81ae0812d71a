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
pub(super) fn SetAside(count: i64, rows: Vec<SetAsideRow>) -> impl IntoView {
    let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let more = (count > shown)
        .then(|| view! { <p class="quiet">{format!("And {} more.", grouped(count - shown))}</p> });
    let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
    view! {
        <Section title="Set aside">
            <p class="narrowed">{sentence(count)}</p>
            <Table label="Entries that could not be read">
                <thead>
                    <tr>
                        <Heading word="What" />
                        <Heading word="Id" />
                        <Heading word="Why" />
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            {more}
        </Section>
    }
}

#[component]
fn Row(row: SetAsideRow) -> impl IntoView {
    let id = row.id.map_or_else(|| "–".into_any(), |id| words(ExternalText::new(&id)).into_any());
    let why = ExternalText::sentence(&row.why);
    view! {
        <tr>
            <th scope="row">{what(row.kind)}</th>
            <td>
                <code class="set-aside__id">{id}</code>
            </td>
            <td>{words(&why)}</td>
        </tr>
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
