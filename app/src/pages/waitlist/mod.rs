//! The waitlist of an organization, the people who were dismissed, and those with a seat: the lists
//! on which an admin decides by hand. Viewers read.

mod filters;
mod result;
mod rows;

use domain::{directory_user::SeatState, organization::grouped};
use leptos::prelude::*;
use views::{
    Person,
    waitlist::{WaitlistKey, WaitlistPage, WaitlistQuery},
};

use crate::{
    components::{
        banner::Banners,
        empty_state::EmptyState,
        export_csv::ExportCsv,
        page_data::loaded,
        page_header::PageHeader,
        pagination::{KeysetPagination, KeysetWords},
        words::words,
    },
    csv_paths, paths,
    query::Query,
    server_fns::load_waitlist,
};

#[component]
pub fn Waitlist() -> impl IntoView {
    let id = paths::asked_organization();
    let query: WaitlistQuery = Query::of_request().read();
    let asking = query.clone();
    loaded(
        move || load_waitlist(id.clone(), asking.clone()),
        move |person, page| view! { <Page person page query=query.clone() /> }.into_any(),
    )
}

#[component]
fn Page(person: Person, page: WaitlistPage, query: WaitlistQuery) -> impl IntoView {
    let may = person.role_in(&page.organization).may_decide() && !page.archived;
    let (staff, change) = (person.role.is_staff(), paths::policy(&page.organization));
    let may_ask = person.role_in(&page.organization).may_ask_for_seats() && !staff;
    let ask = (may_ask && !page.archived && page.usage.waiting > 0).then(|| {
        let form = paths::ask_for_seats(&page.organization);
        view! {
            <a class="button button--main" href=form>
                "Ask for seats"
            </a>
        }
    });
    let policy = (!page.archived).then(|| page.policy.sentence());
    let list = if page.rows.is_empty() {
        view! { <Nothing page=page.clone() query=query.clone() /> }.into_any()
    } else {
        let shown = page.rows.len();
        let csv = csv_paths::waitlist(&page.organization, &query.filter);
        view! {
            <rows::List page=page.clone() query=query.clone() may />
            <Steps shown page=page.clone() query=query.clone() />
            <ExportCsv href=csv />
        }
        .into_any()
    };
    let result = page.result.clone().map(|result| {
        view! { <result::Done organization=page.organization.clone() result now=page.now may /> }
    });
    view! {
        <div data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=paths::organization(&page.organization)>{words(&page.organization_name)}</a>
            </p>
            <PageHeader
                title="Waitlist"
                sentence=format!("{}.", page.usage.sentence())
                within=Some(page.organization_name.clone())
            >
                {ask}
            </PageHeader>
            <Banners>{result}</Banners>
            {policy
                .map(|sentence| {
                    view! {
                        <p class="waitlist__policy">
                            {sentence} {(!may).then_some(" Only admins can change the order.")}
                            {staff
                                .then(|| {
                                    view! {
                                        " "
                                        <a href=change.clone()>"Change the policy"</a>
                                    }
                                })}
                        </p>
                    }
                })}
            <filters::Filters page=page.clone() query=query.clone() />
            {list}
        </div>
    }
}

/// `1,204 people wait; these are 50 of them`.
#[component]
fn Steps(shown: usize, page: WaitlistPage, query: WaitlistQuery) -> impl IntoView {
    let noun = if page.matching == 1 { "person" } else { "people" };
    let all = grouped(page.matching);
    let is_all = i64::try_from(shown) == Ok(page.matching);
    let sentence = if is_all {
        format!("{all} {noun}")
    } else {
        format!("{} of {all} {noun}", grouped(i64::try_from(shown).unwrap_or(i64::MAX)))
    };
    let words = KeysetWords { sentence, first: "First page", older: "Next page" };
    let (filter, organization) = (query.filter, page.organization);
    let path = move |after: Option<WaitlistKey>| {
        let query = WaitlistQuery { filter: filter.clone(), after, result: None };
        paths::waitlist(&organization, &query)
    };
    view! { <KeysetPagination page=page.page words path /> }
}

#[component]
fn Nothing(page: WaitlistPage, query: WaitlistQuery) -> impl IntoView {
    let state = query.filter.state;
    if !query.filter.is_whole() || query.after.is_some() {
        let all = paths::waitlist(&page.organization, &WaitlistQuery::of(state));
        return view! {
            <EmptyState title="No person matches">
                <a href=all>"Show the whole list"</a>
            </EmptyState>
        }
        .into_any();
    }
    let (title, text) = match state {
        SeatState::Dismissed => (
            "No person was dismissed",
            "A person that you dismiss from the waitlist, or from a seat, stays here until you undo it or the directory switches them off.",
        ),
        SeatState::Provisioned => (
            "No person has a seat",
            "People appear here as soon as the directory sends them and a seat is free.",
        ),
        _ => (
            "The waitlist is empty",
            "People who find no free seat appear here. The first one gets the next seat.",
        ),
    };
    view! { <EmptyState title>{text}</EmptyState> }.into_any()
}
