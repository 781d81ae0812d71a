//! The waitlist: the next users in order, and why they have no seat.

use domain::{
    organization::{grouped, people},
    time::Timestamp,
};
use leptos::prelude::*;
use views::{OrganizationPage, WaitingRow, waitlist::WaitlistQuery};

use crate::{
    components::{
        page_header::Section,
        relative_time::RelativeTime,
        table::{Heading, Table},
    },
    pages::people::PersonCell,
    paths,
};

#[component]
pub(super) fn Waitlist(page: OrganizationPage) -> impl IntoView {
    let OrganizationPage { id, usage, waitlist, policy, now, archived, .. } = page;
    if archived {
        return ().into_any();
    }
    if waitlist.is_empty() {
        return view! {
            <Section title="Waitlist">
                <p class="calm">
                    "The waitlist is empty. People who find no free seat appear here, in order of arrival."
                </p>
            </Section>
        }.into_any();
    }
    let more = usage.waiting - i64::try_from(waitlist.len()).unwrap_or(i64::MAX);
    let whole = paths::waitlist(&id, &WaitlistQuery::default());
    let note = format!("{} {}, {}", grouped(usage.waiting), people(usage.waiting), policy.word());
    view! {
        <Section title="Waitlist" note>
            <Table label="Waitlist">
                <thead>
                    <tr>
                        <Heading word="Position" number=true />
                        <Heading word="Person" />
                        <th scope="col" class="wide">
                            "Why"
                        </th>
                        <Heading word="Waiting since" number=true />
                    </tr>
                </thead>
                <tbody>
                    {waitlist
                        .into_iter()
                        .map(|row| {
                            let href = paths::person(&id, &row.user);
                            view! { <Row row href now /> }
                        })
                        .collect_view()}
                </tbody>
            </Table>
            <p class="part__more">
                <a href=whole>
                    {if more > 0 {
                        format!("{} more on the waitlist", grouped(more))
                    } else {
                        "Open the waitlist".to_owned()
                    }}
                </a>
            </p>
        </Section>
    }
    .into_any()
}

#[component]
fn Row(row: WaitingRow, href: String, now: Timestamp) -> impl IntoView {
    let why = row.reason.sentence(row.limit_seen, row.used_seen);
    view! {
        <tr id=row.user.to_string()>
            <td class="number position">{grouped(row.position)}</td>
            <th scope="row">
                <PersonCell
                    name=row.name
                    email=row.email
                    user=row.user.to_string()
                    has_duplicate_email=row.has_duplicate_email
                    href
                />
                <span class="narrow sub">{why.clone()}</span>
            </th>
            <td class="wide quiet">{why}</td>
            <td class="number quiet">
                <RelativeTime at=row.since now />
            </td>
        </tr>
    }
}
