//! One person of an organization: why they hold or lack a seat, what is known about them, and
//! everything that happened.

mod history;

use domain::{directory_user::SeatState, organization::grouped, text::ExternalText};
use leptos::prelude::*;
use views::{
    PeopleQuery,
    person::{DuplicateRow, HistoryCursor, PersonPage},
};

use crate::{
    components::{
        badge::StateBadge,
        decision_links::DecisionLinks,
        description_list::{DescriptionList, Entry},
        group_links::GroupLinks,
        id::Id,
        page_data::loaded,
        page_header::{PageHeader, Section},
        person_roles::PersonRoles,
        relative_time::RelativeTime,
        words::words,
    },
    paths,
    query::Query,
    server_fns::load_person_page,
};

#[component]
pub fn Person() -> impl IntoView {
    let (id, user) = (paths::asked_organization(), paths::asked_person());
    let before: Option<HistoryCursor> = Query::of_request().read();
    loaded(
        move || load_person_page(id.clone(), user.clone(), before.clone()),
        |person, page| {
            let may = person.role_in(&page.organization).may_decide();
            view! { <Page page may /> }.into_any()
        },
    )
}

#[component]
fn Page(page: PersonPage, may: bool) -> impl IntoView {
    let decide = may.then(|| {
        let (organization, user) = (page.organization.clone(), page.user.clone());
        let (name, state) = (page.called(), page.state);
        view! {
            <p class="person__decide">
                <DecisionLinks organization user name state free=true />
            </p>
        }
    });
    let people = paths::people(&page.organization, &PeopleQuery::default());
    view! {
        <div class="person" data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=people>"People of " {words(&page.organization_name)}</a>
            </p>
            <PageHeader
                title=page.called()
                sentence=page.why.clone()
                within=Some(page.organization_name.clone())
            />
            {decide}
            <Facts page=page.clone() />
            <Attributes attributes=page.attributes.clone() />
            <history::History page=page.clone() />
        </div>
    }
}

#[component]
fn Facts(page: PersonPage) -> impl IntoView {
    let PersonPage { organization, user, state, position, since, now, .. } = page;
    let email = page.name.and(page.email).map(|email| {
        view! { <Entry word="E-mail">{words(&email)}</Entry> }
    });
    let position = position.map(|position| {
        view! { <Entry word="Position on the waitlist">{grouped(position)}</Entry> }
    });
    let external_id = page.external_id.map(|id| {
        view! { <Entry word="External id">{words(&id)}</Entry> }
    });
    let duplicates = (!page.duplicates.is_empty()).then(|| {
        let duplicate = |row: DuplicateRow| {
            let href = paths::person(&organization, &row.user);
            view! {
                <li>
                    <a href=href>{words(&row.called)}</a>
                    " "
                    <StateBadge state=row.state />
                </li>
            }
        };
        let rows = page.duplicates.into_iter().map(duplicate).collect_view();
        view! {
            <Entry word="Also with this e-mail">
                <ul class="person__duplicates">{rows}</ul>
            </Entry>
        }
    });
    let of_roles = organization.clone();
    view! {
        <div class="person__facts">
            <DescriptionList>
                <Entry word="State">
                    <StateBadge state />
                </Entry>
                {position}
                <Entry word=since_word(
                    state,
                )>{since.exact()} ", " <RelativeTime at=since now /></Entry>
                {email}
                <Entry word="Groups">
                    <GroupLinks organization=organization.clone() groups=page.groups />
                </Entry>
                <Entry word="Roles">
                    <PersonRoles organization=of_roles roles=page.roles />
                </Entry>
                <Entry word="Roles from the directory">{list(&page.directory_roles)}</Entry>
                {external_id}
                <Entry word="Directory-user id">
                    <Id text=user.to_string() whole=true />
                </Entry>
                {duplicates}
            </DescriptionList>
        </div>
    }
}

/// The attributes that the installation keeps, as the directory names them.
#[component]
fn Attributes(attributes: Vec<(ExternalText, ExternalText)>) -> impl IntoView {
    if attributes.is_empty() {
        return ().into_any();
    }
    let entry = |(name, value): (ExternalText, ExternalText)| {
        view! { <Entry word=name.to_string()>{words(&value)}</Entry> }
    };
    let entries = attributes.into_iter().map(entry).collect_view();
    view! {
        <Section title="Attributes" note="As the directory has sent them.">
            <DescriptionList>{entries}</DescriptionList>
        </Section>
    }
    .into_any()
}

fn since_word(state: SeatState) -> &'static str {
    match state {
        SeatState::Provisioned => "Has the seat since",
        SeatState::Blocked => "Waiting since",
        SeatState::Dismissed => "Not now since",
        SeatState::Inactive => "Inactive since",
        SeatState::Removed => "Removed since",
    }
}

fn list(texts: &[ExternalText]) -> AnyView {
    if texts.is_empty() {
        return "–".into_any();
    }
    let text = |(at, text): (usize, &ExternalText)| {
        view! {
            {(at > 0).then_some(", ")}
            {words(text)}
        }
    };
    texts.iter().enumerate().map(text).collect_view().into_any()
}
