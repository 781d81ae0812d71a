//! The list. An admin chooses people with the boxes, or all of the list, and a button above it asks
//! for a preview; the links of a row ask for one about that person.

use domain::{
    directory_user::SeatState,
    id::OrganizationId,
    manual_decision::ManualDecision,
    organization::{grouped, people},
    text::ExternalText,
    time::Timestamp,
};
use leptos::prelude::*;
use views::waitlist::{ChosenPeople, WaitlistPage, WaitlistQuery, WaitlistRow};

use crate::{
    components::{
        badge::Tag,
        decision_links::{DecisionLinks, decisions},
        group_links::GroupLinks,
        relative_time::RelativeTime,
        table::{Heading, Table},
    },
    islands::selection::Selection,
    pages::people::PersonCell,
    paths,
    query::chosen_fields,
};

#[component]
pub(super) fn List(page: WaitlistPage, query: WaitlistQuery, may: bool) -> impl IntoView {
    let state = query.filter.state;
    let waits = state == SeatState::Blocked;
    let free = page.usage.limit.has_room(page.usage.used);
    let (organization, now) = (page.organization.clone(), page.now);
    let with_groups = page.rows.iter().any(|row| !row.groups.is_empty());
    let row = move |row: WaitlistRow| {
        let organization = organization.clone();
        view! { <Row row organization state free may with_groups now /> }
    };
    let rows = page.rows.clone().into_iter().map(row).collect_view();
    let table = view! {
        <Table label="Waitlist">
            <thead>
                <tr>
                    {may.then(|| view! { <th scope="col" class="waitlist__choose"></th> })}
                    {waits.then(|| view! { <Heading word="Position" number=true /> })}
                    <Heading word="Person" />
                    {with_groups.then(|| view! { <Heading word="Groups" wide=true /> })}
                    {waits.then(|| view! { <Heading word="Why" wide=true /> })}
                    <th scope="col" class="number wide">
                        {since(state)}
                    </th>
                    {may
                        .then(|| {
                            view! {
                                <th scope="col">
                                    <span class="unseen">"Decide"</span>
                                </th>
                            }
                        })}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    };
    if !may {
        return table.into_any();
    }
    let action = paths::decision_form(&page.organization);
    view! {
        <form class="waitlist" method="get" action=action>
            <Choices page query free />
            {table}
        </form>
    }
    .into_any()
}

fn since(state: SeatState) -> &'static str {
    match state {
        SeatState::Blocked => "Waiting since",
        SeatState::Dismissed => "Dismissed",
        _ => "Has the seat since",
    }
}

/// The buttons for the chosen people.
#[component]
fn Choices(page: WaitlistPage, query: WaitlistQuery, free: bool) -> impl IntoView {
    let filter = query.filter;
    let all = format!(
        "All {} {}{}",
        grouped(page.matching),
        people(page.matching),
        if filter.is_whole() { "" } else { " that match" }
    );
    let kept = chosen_fields(&ChosenPeople::All(filter.clone(), None));
    let kept = kept.into_iter().filter(|(name, _)| *name != "all").map(|(name, value)| {
        view! { <input type="hidden" name=name value=value /> }
    });
    let buttons = decisions(filter.state)
        .iter()
        .filter(|(decision, ..)| free || *decision != ManualDecision::Admit)
        .map(|(decision, many, _)| {
            view! {
                <button
                    class="button button--quiet"
                    type="submit"
                    name="action"
                    value=decision.slug()
                >
                    {*many}
                </button>
            }
        });
    view! {
        <div class="waitlist__choices">
            {kept.collect_view()} <Selection /> <label class="waitlist__all">
                <input type="checkbox" name="all" value="yes" autocomplete="off" />
                {all}
            </label> <div class="waitlist__buttons">{buttons.collect_view()}</div>
        </div>
    }
}

#[component]
fn Row(
    row: WaitlistRow,
    organization: OrganizationId,
    state: SeatState,
    free: bool,
    may: bool,
    with_groups: bool,
    now: Timestamp,
) -> impl IntoView {
    let waits = state == SeatState::Blocked;
    let name = row
        .name
        .clone()
        .or_else(|| row.email.clone())
        .unwrap_or_else(|| ExternalText::new(row.user.as_str()));
    let why = row.reason.map(|(reason, limit, used)| reason.sentence(limit, used));
    let moved = row.moved.then(|| {
        view! { <Tag word="moved by hand" title="An admin has chosen this position" /> }
    });
    let choose = may.then(|| {
        view! {
            <td class="waitlist__choose">
                <input
                    type="checkbox"
                    name="user"
                    value=row.user.to_string()
                    aria-label=format!("Choose {name}")
                    autocomplete="off"
                />
            </td>
        }
    });
    let groups = with_groups.then(|| {
        let organization = organization.clone();
        view! {
            <td class="wide quiet">
                <GroupLinks organization groups=row.groups.clone() />
            </td>
        }
    });
    let decide = may.then(|| {
        let (user, name) = (row.user.clone(), name.clone());
        view! {
            <td class="waitlist__decide">
                <DecisionLinks organization=organization.clone() user name state free />
            </td>
        }
    });
    view! {
        <tr id=row
            .user
            .to_string()>
            {choose}
            {waits
                .then(|| {
                    view! { <td class="number position">{row.position.map(grouped)}</td> }
                })} <th scope="row">
                <PersonCell
                    name=row.name.clone()
                    email=row.email.clone()
                    user=row.user.to_string()
                    has_duplicate_email=row.has_duplicate_email
                    href=paths::person(&organization, &row.user)
                />
                {moved}
                <span class="narrow sub">{since(state)} " " <RelativeTime at=row.since now /></span>
            </th> {groups} {waits.then(|| view! { <td class="wide quiet">{why}</td> })}
            <td class="number quiet wide">
                <RelativeTime at=row.since now />
            </td> {decide}
        </tr>
    }
}
