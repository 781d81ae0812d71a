//! One organization: its seats, its waitlist and its decisions. Staff and the tenant see the same
//! numbers; each reads what they can do about them.

mod banners;
mod changes;
pub(super) mod decisions;
pub(super) mod history;
mod resync;
mod saved;
mod seats;
mod waitlist;

use leptos::prelude::*;
use views::{OrganizationPage, Person};

use crate::{
    components::{
        badge::ArchivedBadge, id::Id, page_data::loaded, page_header::PageHeader, words::words,
    },
    pages::requests::ask_button,
    paths,
    server_fns::load_organization,
};

#[component]
pub fn Organization() -> impl IntoView {
    let id = paths::asked_organization();
    loaded(
        move || load_organization(id.clone()),
        |person, page| view! { <Page person page /> }.into_any(),
    )
}

#[component]
fn Page(person: Person, page: OrganizationPage) -> impl IntoView {
    let staff = person.role.is_staff();
    let action = if page.usage.limit == domain::organization::SeatLimit::NotSet {
        "Set seat limit"
    } else {
        "Change seat limit"
    };
    let resyncs = (page.directory_api || !page.resyncs.is_empty()).then(|| {
        let may = person.role_in(&page.id).may_resync() && page.directory_api && !page.archived;
        view! { <resync::Resyncs id=page.id.clone() rows=page.resyncs.clone() now=page.now may /> }
    });
    let change = (staff && !page.archived).then(|| {
        view! {
            <a class="button button--main" href=paths::seat_limit(&page.id)>
                {action}
            </a>
        }
    });
    let asks = person.role_in(&page.id).may_ask_for_seats() && !page.archived;
    let ask = asks.then(|| ask_button(&page.id, page.usage.limit)).flatten();
    let manager = page.account_manager.as_ref().map(|name| {
        view! { <span>"Account manager: " {words(name)}</span> }
    });
    let view_as = staff.then(|| {
        view! { <a href=paths::view_as(&page.id)>"View as a tenant admin"</a> }
    });
    let sentence = match &page.ended {
        Some(ended) => ended.sentence(),
        None if page.archived => "Archived.".to_owned(),
        None => format!("{}.", page.usage.sentence()),
    };
    let seats = (!page.archived).then(|| view! { <seats::Seats page=page.clone() staff /> });
    let directories = (!page.archived).then(|| {
        view! { <seats::Directories rows=page.directories.clone() now=page.now /> }
    });
    view! {
        <div class="organization" data-revision=page.revision.to_string()>
            <PageHeader title=page.name.clone() sentence>
                {ask}
                {change}
            </PageHeader>
            <div class="facts">
                <Id text=page.id.to_string() />
                {page.archived.then(|| view! { <ArchivedBadge /> })}
                {manager}
                {view_as}
            </div>
            <banners::All page=page.clone() staff />
            {seats}
            <waitlist::Waitlist page=page.clone() />
            <history::History id=page.id.clone() chart=page.history />
            <div class="columns">
                <decisions::Decisions
                    organization=page.id.clone()
                    rows=page.decisions.clone()
                    now=page.now
                    webhooks=staff.then(|| paths::deliveries_of(&page.id))
                />
                <div class="columns__side">
                    <seats::People id=page.id counts=page.people />
                    {directories}
                    {resyncs}
                    <changes::Changes rows=page.limit_changes now=page.now />
                </div>
            </div>
        </div>
    }
}
