//! All users of an organization: those who hold a seat, those who wait, and those who left.

mod filters;
mod summary;

use domain::{
    access::Role,
    directory_user::SeatState,
    id::OrganizationId,
    organization::{grouped, people as noun},
    text::ExternalText,
    time::Timestamp,
};
use leptos::prelude::*;
use views::{PeopleQuery, PeopleSort, PersonRow, groups::GroupQuery};

use self::{
    filters::Filters,
    summary::{chips, pages},
};
use crate::{
    components::{
        badge::{StateBadge, Tag},
        empty_state::EmptyState,
        export_csv::ExportCsv,
        filter_chips::FilterChips,
        group_links::GroupLinks,
        page_data::loaded,
        page_header::PageHeader,
        pagination::KeysetPagination,
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    csv_paths, paths,
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
        move |person, people| {
            let role = person.role_in(&people.organization);
            view! { <PeopleTable role people query=query.clone() /> }.into_any()
        },
    )
}

#[component]
fn PeopleTable(role: Role, people: views::People, query: PeopleQuery) -> impl IntoView {
    let chips = chips(&people, &query);
    let words_of = pages(&people, &query);
    let count = people.states.iter().map(|(_, count)| count).sum::<i64>();
    let is_empty = count == 0 && query.search.is_empty();
    let removed_count = people.count(Some(SeatState::Removed));
    let views::People { organization, organization_name, usage, rows, page, groups, now, .. } =
        people;
    let list = if rows.is_empty() && page.older.is_none() {
        let all = paths::people(&organization, &PeopleQuery::default());
        let import = (is_empty && role.may_resync()).then(|| paths::import(&organization));
        // a person who was removed is in no list but that of the removed
        let removed = (query.state.is_none() && removed_count > 0)
            .then(|| (people_removed(&organization, &query), removed_count));
        view! { <EmptyPeople is_empty all import removed /> }.into_any()
    } else {
        let table = (!rows.is_empty()).then(|| {
            let (organization, query) = (organization.clone(), query.clone());
            view! { <Rows organization rows query now /> }
        });
        let (of, organization) = (query.clone(), organization.clone());
        let path =
            move |before| paths::people(&organization, &PeopleQuery { before, ..of.clone() });
        view! {
            {table}
            <KeysetPagination page words=words_of path />
        }
        .into_any()
    };
    let of = organization.clone();
    let path = move |query: &PeopleQuery| paths::people(&of, query);
    let revision = people.revision.to_string();
    let is_out_of_order =
        query.state == Some(SeatState::Blocked) && query.order() != PeopleSort::Waitlist;
    let in_order = is_out_of_order.then(|| {
        let query = PeopleQuery { sort: None, descending: false, before: None, ..query.clone() };
        let href = paths::people(&organization, &query);
        view! {
            <p class="part__more">
                <a href=href>"Show them in the order of the waitlist"</a>
            </p>
        }
    });
    let of_group = query.group.clone().filter(|group| groups.iter().any(|(id, _)| id == group));
    let of_group = of_group.map(|group| {
        let href = paths::group(&organization, &group, &GroupQuery::default());
        view! {
            <p class="part__more">
                <a href=href>"Open the page of this group"</a>
            </p>
        }
    });
    let csv =
        (!is_empty).then(|| view! { <ExportCsv href=csv_paths::people(&organization, &query) /> });
    view! {
        <div class="people" data-revision=revision>
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
            </div>
            <Filters path groups query=query.clone() />
            {in_order}
            {of_group}
            {list}
            {csv}
        </div>
    }
}

/// The removed people of the same search.
fn people_removed(organization: &OrganizationId, query: &PeopleQuery) -> String {
    let (state, sort, before) = (Some(SeatState::Removed), None, None);
    paths::people(organization, &PeopleQuery { state, sort, before, ..query.clone() })
}

#[component]
fn EmptyPeople(
    is_empty: bool,
    all: String,
    import: Option<String>,
    /// Where the removed people are that match, and how many.
    removed: Option<(String, i64)>,
) -> impl IntoView {
    if is_empty {
        let import = import.map(|href| {
            view! {
                " "
                <a href=href>"Import people from a file"</a>
            }
        });
        return view! {
            <EmptyState title="No people yet">
                "People appear here as soon as the directory sends them." {import}
            </EmptyState>
        }
        .into_any();
    }
    if let Some((href, count)) = removed {
        let words = format!("{} removed {} match", grouped(count), noun(count));
        let words = if count == 1 { "1 removed person matches".to_owned() } else { words };
        return view! {
            <EmptyState title="No person here matches">
                <a href=href>{words}</a>
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
fn Rows(
    organization: OrganizationId,
    rows: Vec<PersonRow>,
    query: PeopleQuery,
    now: Timestamp,
) -> impl IntoView {
    let has_roles = rows.iter().any(has_own_role);
    let (order, descending) = (query.order(), query.descending);
    // the first click sorts names from A on, and times from the newest on
    let sorted = |sort| (order == sort).then_some(descending);
    let href = |sort, first| {
        let descending = sorted(sort).map_or(first, |descending| !descending);
        let query = PeopleQuery { sort: Some(sort), descending, before: None, ..query.clone() };
        paths::people(&organization, &query)
    };
    let roles = has_roles.then(|| view! { <Heading word="Role" wide=true /> });
    let head = view! {
        <tr>
            <Heading
                word="Person"
                href=href(PeopleSort::Name, false)
                sorted=sorted(PeopleSort::Name)
            />
            <Heading word="State" />
            {roles}
            <Heading word="Groups" wide=true />
            <Heading
                word=since(query.state)
                href=href(PeopleSort::Since, true)
                sorted=sorted(PeopleSort::Since)
                number=true
            />
        </tr>
    };
    let row = |row: PersonRow| {
        let organization = organization.clone();
        view! { <Row row organization has_roles now /> }
    };
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <Table label="People" sticky=true>
            <thead>{head}</thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// Since what time the column says.
fn since(state: Option<SeatState>) -> &'static str {
    match state {
        Some(SeatState::Provisioned) => "Has the seat since",
        Some(SeatState::Blocked) => "Waiting since",
        Some(SeatState::Dismissed) => "Not now since",
        Some(SeatState::Inactive) => "Inactive since",
        Some(SeatState::Removed) => "Removed since",
        None => "In this state since",
    }
}

/// Whether a role says something about the person.
fn has_own_role(row: &PersonRow) -> bool {
    row.roles.iter().any(|role| *role != views::People::USUAL_ROLE)
}

#[component]
fn Row(
    row: PersonRow,
    organization: OrganizationId,
    has_roles: bool,
    now: Timestamp,
) -> impl IntoView {
    let href = paths::person(&organization, &row.user);
    let position = row.position.map(|position| format!("position {}", grouped(position)));
    let roles = has_roles.then(|| view! { <td class="wide quiet">{roles(&row.roles)}</td> });
    view! {
        <tr id=row.user.to_string()>
            <th scope="row">
                <PersonCell
                    name=row.name
                    email=row.email
                    user=row.user.to_string()
                    has_duplicate_email=row.has_duplicate_email
                    href
                />
            </th>
            <td>
                <StateBadge state=row.state />
                {position.map(|position| view! { <span class="sub">{position}</span> })}
            </td>
            {roles}
            <td class="wide quiet">
                <GroupLinks organization groups=row.groups />
            </td>
            <td class="number quiet">
                <RelativeTime at=row.since now />
            </td>
        </tr>
    }
}

fn roles(roles: &[ExternalText]) -> AnyView {
    if roles.is_empty() {
        return "–".into_any();
    }
    let role = |(at, role): (usize, &ExternalText)| {
        view! {
            {(at > 0).then_some(", ")}
            {words(role)}
        }
    };
    roles.iter().enumerate().map(role).collect_view().into_any()
}

/// A person's name with the e-mail address below, or only the address if the name is not known, or
/// the id. `href` is the address of the person's page.
#[component]
pub fn PersonCell(
    name: Option<ExternalText>,
    email: Option<ExternalText>,
    user: String,
    has_duplicate_email: bool,
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
            {second.map(|email| view! { <span class="person-cell__email">{words(&email)}</span> })}
        </span>
    }
}
