//! The true-up report of an organization: for each month of a year the largest number of used
//! seats, and the days over the limit. It can be printed.

use domain::{
    id::OrganizationId,
    organization::{SeatLimit, grouped},
    true_up::TrueUpMonth,
};
use leptos::prelude::*;
use views::past::{AsOfQuery, TrueUpPage, TrueUpQuery};

use crate::{
    components::{
        page_data::loaded,
        page_header::PageHeader,
        table::{Heading, Table},
        words::words,
    },
    paths,
    query::Query,
    server_fns::load_true_up,
};

#[component]
pub fn TrueUp() -> impl IntoView {
    let id = paths::asked_organization();
    let query: TrueUpQuery = Query::of_request().read();
    loaded(move || load_true_up(id.clone(), query), |_, page| view! { <Report page /> }.into_any())
}

#[component]
fn Report(page: TrueUpPage) -> impl IntoView {
    let TrueUpPage { id, name, year, years, known_since, months, now } = page;
    let sentence = match months.iter().map(|month| month.most_used).max() {
        Some(most) => format!("At most {} seats were used at a time in {year}.", grouped(most)),
        None => format!("Nothing is known about {year}."),
    };
    let of = id.clone();
    view! {
        <article class="report">
            <p class="crumb">
                <a href=paths::organization(&id)>{words(&name)}</a>
            </p>
            <PageHeader title="True-up report" sentence within=Some(name.clone()) />
            <p class="report__facts quiet">
                {words(&name)} " (" <code>{id.to_string()}</code> "), "
                {format!(
                    "January to December {year}, in UTC. Known since {}. Generated {}.",
                    known_since.exact(),
                    now.exact(),
                )}
            </p>
            <Years id=id.clone() year years />
            <Table label="True-up by month">
                <thead>
                    <tr>
                        <Heading word="Month" />
                        <Heading word="Most used" number=true />
                        <Heading word="Limit at the end" number=true />
                        <Heading word="Days over" number=true />
                        <Heading word="Reached" />
                    </tr>
                </thead>
                <tbody>
                    {months
                        .into_iter()
                        .map(|month| view! { <Row id=of.clone() month /> })
                        .collect_view()}
                </tbody>
            </Table>
            <p class="report__words">
                "Most used is the largest number of used seats; “reached” says when it was reached first in the month. Days over are the days on which more seats were used than the limit allowed, if only for a moment. All of it is computed from the decisions."
            </p>
        </article>
    }
}

/// Links to the reports of the years around this one.
#[component]
fn Years(id: OrganizationId, year: i64, years: (i64, i64)) -> impl IntoView {
    let link = |year: i64| {
        let shown = year >= years.0 && year <= years.1;
        shown.then(|| {
            let href = paths::true_up(&id, TrueUpQuery { year: Some(year) });
            view! { <a href=href>{year.to_string()}</a> }
        })
    };
    view! { <p class="past__steps">{link(year - 1)} {link(year + 1)}</p> }
}

#[component]
fn Row(id: OrganizationId, month: TrueUpMonth) -> impl IntoView {
    let at = month.at.rfc3339();
    let as_of = paths::as_of(&id, &AsOfQuery { at: at.clone() });
    let limit = match month.limit {
        SeatLimit::Seats(seats) => grouped(seats),
        other => other.to_string(),
    };
    view! {
        <tr>
            <th scope="row">{month.month.words()}</th>
            <td class="number">{grouped(month.most_used)}</td>
            <td class="number">{limit}</td>
            <td class="number">{grouped(month.days_over)}</td>
            <td>
                <a href=as_of>
                    <time datetime=at>{month.at.exact()}</time>
                </a>
            </td>
        </tr>
    }
}
