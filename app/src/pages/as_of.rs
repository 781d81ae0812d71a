//! An organization as it was at a moment: its seats, its waitlist and its limit then.

use std::time::Duration;

use domain::{
    id::OrganizationId,
    organization::{grouped, people},
    refusal::Refusal,
    text::ExternalText,
    time::Timestamp,
};
use leptos::prelude::*;
use views::past::{AsOfPage, AsOfQuery, Past, PastPerson};

use super::people::PersonCell;
use crate::{
    components::{
        empty_state::EmptyState,
        field::{Field, Labelled},
        page_data::loaded,
        page_header::{PageHeader, Section},
        table::{Heading, Table},
        words::words,
    },
    paths,
    query::Query,
    server_fns::load_as_of,
};

#[component]
pub fn AsOf() -> impl IntoView {
    let id = paths::asked_organization();
    let query: AsOfQuery = Query::of_request().read();
    let asking = query.clone();
    loaded(
        move || load_as_of(id.clone(), asking.clone()),
        move |_, page| view! { <Page page typed=query.at.clone() /> }.into_any(),
    )
}

#[component]
fn Page(page: AsOfPage, typed: String) -> impl IntoView {
    let AsOfPage { id, name, at, past, now } = page;
    let sentence = match (&past, at) {
        (Some(Past::Known { usage, .. }), Some(at)) => {
            format!("{}: {}.", at.exact(), usage.sentence())
        }
        _ => "Its seats, its waitlist and its limit at a moment.".to_owned(),
    };
    let refusal = match &past {
        None => Some(Refusal::Time(ExternalText::sentence(&typed).to_string())),
        Some(Past::Future) => Some(Refusal::TimeToCome),
        Some(Past::Unknown(since)) => Some(Refusal::KnownSince(*since)),
        Some(Past::Known { .. }) => None,
    };
    let value = at.map(Timestamp::day_and_time).unwrap_or_default();
    let field = Field {
        name: "at",
        label: "Date and time (UTC)",
        value,
        refusal: refusal.map(|refusal| refusal.to_string()),
        ..Field::default()
    };
    let lists = match past {
        Some(Past::Known { usage, archived, waiting, holders }) => {
            let (organization, counts) = (id.clone(), (usage.waiting, usage.used));
            view! { <Lists organization counts archived waiting holders /> }.into_any()
        }
        _ => ().into_any(),
    };
    view! {
        <p class="crumb">
            <a href=paths::organization(&id)>{words(&name)}</a>
        </p>
        <PageHeader title="Seats at a past moment" sentence within=Some(name) />
        <Moment id=id.clone() field />
        <Steps id now />
        {lists}
    }
}

/// The form for a moment; it is in the address.
#[component]
fn Moment(id: OrganizationId, field: Field) -> impl IntoView {
    let (input_id, described_by, invalid) = (field.id(), field.described_by(), field.invalid());
    let value = field.value.clone();
    view! {
        <form class="past__form" method="get" action=paths::as_of(&id, &AsOfQuery::default())>
            <Labelled field>
                <input
                    class="input"
                    id=input_id
                    type="datetime-local"
                    step="1"
                    name="at"
                    required
                    value=value
                    aria-describedby=described_by
                    aria-invalid=invalid
                />
            </Labelled>
            <button class="button button--quiet" type="submit">
                "Show"
            </button>
        </form>
    }
}

/// Links to moments that readers often ask for.
#[component]
fn Steps(id: OrganizationId, now: Timestamp) -> impl IntoView {
    const HOUR: Duration = Duration::from_hours(1);
    const DAY: Duration = Duration::from_hours(24);
    let step = |words: &'static str, before: Duration| {
        let at = now.minus(before).day_and_time();
        view! { <a href=paths::as_of(&id, &AsOfQuery { at })>{words}</a> }
    };
    view! {
        <p class="past__steps">
            <a href=paths::as_of(&id, &AsOfQuery::default())>"Now"</a>
            {step("An hour ago", HOUR)}
            {step("Yesterday", DAY)}
            {step("A week ago", DAY * 7)}
            {step("A month ago", DAY * 30)}
        </p>
    }
}

#[component]
fn Lists(
    organization: OrganizationId,
    counts: (i64, i64),
    archived: bool,
    waiting: Vec<PastPerson>,
    holders: Vec<PastPerson>,
) -> impl IntoView {
    let deleted = archived.then(|| {
        view! {
            <EmptyState title="Archived">
                "At this moment the organization was archived; its people held no seats."
            </EmptyState>
        }
    });
    let waiting_in = organization.clone();
    view! {
        {deleted}
        <Section title="Waitlist" note=count(counts.0)>
            <PastPeople
                label="Waitlist"
                organization=waiting_in
                rows=waiting
                count=counts.0
                with_position=true
            />
        </Section>
        <Section title="Seats" note=count(counts.1)>
            <PastPeople
                label="Seats"
                organization
                rows=holders
                count=counts.1
                with_position=false
            />
        </Section>
    }
}

fn count(number: i64) -> String {
    format!("{} {}", grouped(number), people(number))
}

#[component]
fn PastPeople(
    label: &'static str,
    organization: OrganizationId,
    rows: Vec<PastPerson>,
    count: i64,
    with_position: bool,
) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let more = count - i64::try_from(rows.len()).unwrap_or(count);
    let more = (more > 0).then(|| {
        view! {
            <p class="quiet">
                {format!(
                    "And {} more. The command seatkeeper organization as-of prints all of them.",
                    grouped(more),
                )}
            </p>
        }
    });
    let row = move |(position, person): (i64, PastPerson)| {
        let href = paths::person(&organization, &person.user);
        view! {
            <tr>
                {with_position
                    .then(|| view! { <td class="number position">{grouped(position)}</td> })}
                <th scope="row">
                    <PersonCell
                        name=person.name
                        email=person.email
                        user=person.user.to_string()
                        has_duplicate_email=false
                        href
                    />
                </th>
            </tr>
        }
    };
    view! {
        <Table label=label>
            <thead>
                <tr>
                    {with_position.then(|| view! { <Heading word="Position" number=true /> })}
                    <Heading word="Person" />
                </tr>
            </thead>
            <tbody>{(1..).zip(rows).map(row).collect_view()}</tbody>
        </Table>
        {more}
    }
    .into_any()
}
