//! The people whose e-mail address staff search for, whatever the organization: a ticket names a
//! person and seldom the organization.

use leptos::prelude::*;
use views::FoundPerson;

use crate::{
    components::{badge::StateBadge, page_header::Section, words::words},
    paths,
};

/// Nothing, if no person has the address.
#[component]
pub(super) fn FoundPeople(people: Vec<FoundPerson>) -> impl IntoView {
    if people.is_empty() {
        return ().into_any();
    }
    let is_cut = i64::try_from(people.len()).is_ok_and(|shown| shown >= views::Overview::PEOPLE);
    let note = if is_cut { format!("The first {}.", people.len()) } else { String::new() };
    let rows = people.into_iter().map(|person| {
        let FoundPerson { organization, organization_name, id, name, state } = person;
        view! {
            <li>
                <a class="chooser__one" href=paths::person(&organization, &id)>
                    {words(name)}
                    <span class="sub">{words(organization_name)}</span>
                </a>
                <StateBadge state />
            </li>
        }
    });
    view! {
        <Section title="People with this e-mail address" note>
            <ul class="chooser">{rows.collect_view()}</ul>
        </Section>
    }
    .into_any()
}
