//! Above the queue: changes of seat limits that wait for a second staff member.

use domain::time::Timestamp;
use leptos::prelude::*;
use views::proposals::ProposalRow;

use crate::{
    components::{
        page_header::Section,
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    paths,
};

#[component]
pub(super) fn Proposals(rows: Vec<ProposalRow>, now: Timestamp) -> impl IntoView {
    (!rows.is_empty()).then(move || {
        let row = move |row: ProposalRow| view! { <Row row now /> };
        let rows = rows.into_iter().map(row).collect_view();
        view! {
            <Section title="Waiting for a second person">
                <Table label="Waiting for a second person">
                    <thead>
                        <tr>
                            <Heading word="Proposed limit" />
                            <Heading word="By" wide=true />
                            <Heading word="Proposed" number=true wide=true />
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Section>
        }
    })
}

#[component]
fn Row(row: ProposalRow, now: Timestamp) -> impl IntoView {
    let (id, name) = row.organization;
    let href = paths::proposal(&id, &row.id);
    let own = row.is_own.then_some(" (you)");
    let by = row.by;
    view! {
        <tr class="row" id=row.id.to_string()>
            <th scope="row" class="row__name">
                <a href=href>{words(name)} ": " {row.limit.to_string()}</a>
                <span class="sub requests__reason">
                    "It was " {words(row.before)} ". " {words(row.reason)}
                </span>
                <span class="narrow sub">
                    {words(&by)} {own} ", " <RelativeTime at=row.at now />
                </span>
            </th>
            <td class="wide">{words(&by)} {own}</td>
            <td class="wide number quiet">
                <RelativeTime at=row.at now />
            </td>
        </tr>
    }
}
