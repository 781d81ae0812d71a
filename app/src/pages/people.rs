//! All users of an organization: those who hold a seat, those who wait, and those who left.

use domain::{directory_user::SeatState, id::OrganizationId, text::ExternalText, time::Timestamp};
use leptos::prelude::*;
use views::{PeopleQuery, PersonRow};

use crate::{
    components::{
        badge::{StateBadge, Tag},
        empty_state::EmptyState,
        filter_chips::{FilterChip, FilterChips, Search},
        id::Id,
        page_data::loaded,
        page_header::PageHeader,
        pagination::NumberedPagination,
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    paths,
    query::Query,
    server_fns::load_people,
};

#[component]
pub fn People() -> impl IntoView {
    let id = paths::asked_organization();
    let query: PeopleQuery = Query::of_request().read();
    let asking = query.clone();
    loaded(
        move || load_people(id.clone(), asking.clone()),
        move |_, people| view! { <PeopleTable people query=query.clone() /> }.into_any(),
    )
}

#[component]
fn PeopleTable(people: views::People, query: PeopleQuery) -> impl IntoView {
    let views::People { organization, organization_name, usage, rows, page, states, now } = people;
    let total: i64 = states.iter().map(|(_, count)| count).sum();
    let chip = |word, count, state| FilterChip {
        word,
        count,
        href: paths::people(&organization, &PeopleQuery { state, page: 1, ..query.clone() }),
        chosen: query.state == state,
    };
    let shown = states.iter().filter(|(state, count)| *count > 0 || query.state == Some(*state));
    let chips = std::iter::once(chip("All", total, None))
        .chain(shown.map(|(state, count)| chip(state.word(), *count, Some(*state))))
        .collect();
    let list = if rows.is_empty() {
        view! { <EmptyPeople total all=paths::people(&organization, &PeopleQuery::default()) /> }
            .into_any()
    } else {
        let (paged, of) = (query.clone(), organization.clone());
        view! {
            <Rows organization=organization.clone() rows now />
            <NumberedPagination
                page
                noun=("person", "people")
                path=move |page| paths::people(
                    &of,
                    &PeopleQuery {
                        page,
                        ..paged.clone()
                    },
                )
            />
        }
        .into_any()
    };
    let kept = vec![("state", query.state.map_or("", SeatState::as_str).to_owned())];
    let action = paths::people(&organization, &PeopleQuery::default());
    view! {
        <p class="crumb">
            <a href=paths::organization(&organization)>{words(&organization_name)}</a>
        </p>
        <PageHeader
            title="People"
            sentence=format!("{}.", usage.sentence())
            within=Some(organization_name)
        />
        <div class="filters">
            <FilterChips label="By state" chips />
            <Search label="Name or e-mail" value=query.search.clone() action kept />
        </div>
        {list}
    }
}

#[component]
fn EmptyPeople(total: i64, all: String) -> impl IntoView {
    if total == 0 {
        return view! {
            <EmptyState title="No people yet">
                "People appear here as soon as the directory sends them."
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState title="No person matches">
            <a href=all>"Show all people"</a>
        </EmptyState>
    }
    .into_any()
}

#[component]
fn Rows(organization: OrganizationId, rows: Vec<PersonRow>, now: Timestamp) -> impl IntoView {
    view! {
        <Table label="People">
            <thead>
                <tr>
                    <Heading word="Person" />
                    <Heading word="State" />
                    <th scope="col" class="wide">
                        "Groups"
                    </th>
                    <th scope="col" class="wide">
                        "Id"
                    </th>
                    <Heading word="Since" number=true />
                </tr>
            </thead>
            <tbody>
                {rows
                    .into_iter()
                    .map(|row| {
                        let href = paths::person(&organization, &row.user);
                        view! { <Row row href now /> }
                    })
                    .collect_view()}
            </tbody>
        </Table>
    }
}

#[component]
fn Row(row: PersonRow, href: String, now: Timestamp) -> impl IntoView {
    let position = row.position.map(|position| format!("position {position}"));
    view! {
        <tr id=row.user.to_string()>
            <th scope="row">
                <PersonCell
                    name=row.name
                    email=row.email
                    user=row.user.to_string()
                    has_duplicate_email=row.has_duplicate_email
                    roles=row.roles
                    href
                />
            </th>
            <td>
                <StateBadge state=row.state />
                {position.map(|position| view! { <span class="sub">{position}</span> })}
            </td>
            <td class="wide quiet">{groups(&row.groups)}</td>
            <td class="wide">
                <Id text=row.user.to_string() />
            </td>
            <td class="number quiet">
                <RelativeTime at=row.since now />
            </td>
        </tr>
    }
}

/// More groups than this are hidden behind their number until a click.
const GROUPS: usize = 5;

fn groups(groups: &[ExternalText]) -> AnyView {
    if groups.is_empty() {
        return "–".into_any();
    }
    let group = |(at, group): (usize, &ExternalText)| {
        view! {
            {(at > 0).then_some(", ")}
            {words(group)}
        }
    };
    let listed = |groups: &[ExternalText]| groups.iter().enumerate().map(group).collect_view();
    let (first, more) = groups.split_at(groups.len().min(GROUPS));
    let more = (!more.is_empty()).then(|| {
        view! {
            <details>
                <summary>{format!("and {} more", more.len())}</summary>
                {listed(more)}
            </details>
        }
    });
    view! {
        {listed(first)}
        {more}
    }
    .into_any()
}

/// A person's name with the e-mail address below, or only the address if the name is not known, or
/// the id. `href` is the address of the person's page.
#[component]
pub fn PersonCell(
    name: Option<ExternalText>,
    email: Option<ExternalText>,
    user: String,
    has_duplicate_email: bool,
    #[prop(optional)] roles: Vec<ExternalText>,
    #[prop(optional_no_strip, into)] href: Option<String>,
) -> impl IntoView {
    let (first, second) = match (name, email) {
        (Some(name), email) => (name, email),
        (None, Some(email)) => (email, None),
        (None, None) => (ExternalText::from(user), None),
    };
    let first = match href {
        Some(href) => view! {
            <a class="person-cell__name" href=href>
                {words(&first)}
            </a>
        }
        .into_any(),
        None => view! { <span class="person-cell__name">{words(&first)}</span> }.into_any(),
    };
    view! {
        <span class="person-cell">
            {first}
            {has_duplicate_email
                .then(|| {
                    view! {
                        <Tag
                            word="duplicate e-mail"
                            title="Another person here has the same e-mail address. They are two people with two seats"
                        />
                    }
                })}
            {roles
                .into_iter()
                .map(|role| view! { <Tag word=role title="Role from the directory" /> })
                .collect_view()}
            {second.map(|email| view! { <span class="person-cell__email">{words(&email)}</span> })}
        </span>
    }
}
