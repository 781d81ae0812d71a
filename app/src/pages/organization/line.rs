//! The waitlist: the next users in order, and why they have no seat.

use leptos::prelude::*;
use seatkeeper::domain::{
    directory_user::SeatState,
    organization::{grouped, people},
    page::{OrganizationPage, PeopleQuery, WaitingRow},
    time::Timestamp,
};

use crate::{
    components::{
        page_header::Section,
        relative_time::RelativeTime,
        table::{Heading, Table},
    },
    pages::people::WhoIs,
    paths,
};

#[component]
pub(super) fn Line(page: OrganizationPage) -> impl IntoView {
    let OrganizationPage { id, usage, line, now, archived, .. } = page;
    if archived {
        return ().into_any();
    }
    if line.is_empty() {
        return view! { <Section title="Waiting line"><p class="calm">"Nobody is waiting. Whoever finds no free seat stands here, in order of arrival."</p></Section> }.into_any();
    }
    let more = usage.waiting - i64::try_from(line.len()).unwrap_or(i64::MAX);
    let everybody = paths::people(&id, &PeopleQuery { state: Some(SeatState::Blocked), ..PeopleQuery::default() });
    let note = format!("{} {}, first come, first served", grouped(usage.waiting), people(usage.waiting));
    view! {
        <Section title="Waiting line" note>
            <Table label="Waiting line">
                <thead>
                    <tr>
                        <Heading word="Place" number=true />
                        <Heading word="Person" />
                        <th scope="col" class="wide">"Why"</th>
                        <Heading word="Waiting since" number=true />
                    </tr>
                </thead>
                <tbody>{line.into_iter().map(|row| view! { <Row row now /> }).collect_view()}</tbody>
            </Table>
            {(more > 0).then(|| view! { <p class="part__more"><a href=everybody>{format!("{} more in line", grouped(more))}</a></p> })}
        </Section>
    }
    .into_any()
}

#[component]
fn Row(row: WaitingRow, now: Timestamp) -> impl IntoView {
    let why = row.reason.sentence(row.limit_seen, row.used_seen);
    view! {
        <tr id=row.user.to_string()>
            <td class="number place">{grouped(row.position)}</td>
            <th scope="row">
                <WhoIs name=row.name email=row.email user=row.user.to_string() twin=row.twin />
                <span class="narrow sub">{why.clone()}</span>
            </th>
            <td class="wide quiet">{why}</td>
            <td class="number quiet"><RelativeTime at=row.since now /></td>
        </tr>
    }
}
