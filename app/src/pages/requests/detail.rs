//! One request: what is asked for, the conversation, and what the reader can do about it.

use domain::{
    directory_user::SeatState,
    id::OrganizationId,
    organization::{grouped, people},
    seat_request::{RequestState, more_seats},
};
use leptos::prelude::*;
use views::{
    Person,
    requests::{RequestPage, WantedPerson},
};

use super::{answering, conversation::Conversation, state_sentence};
use crate::{
    components::{
        badge::{RequestBadge, StateBadge},
        banner::{Banner, Banners, Tone},
        meter::Meter,
        page_data::loaded,
        page_header::{PageHeader, Section},
        words::words,
    },
    pages::organization::history::History,
    paths,
    query::Query,
    server_fns::{NamedRefusal, load_request},
};

#[component]
pub fn Request() -> impl IntoView {
    let (id, request) = (paths::asked_organization(), paths::asked_request());
    let query = Query::of_request();
    let limit: String = query.get("limit").unwrap_or_default().chars().take(40).collect();
    loaded(
        move || load_request(id.clone(), request.clone(), limit.clone()),
        move |person, page| view! { <Page person page query=query.clone() /> }.into_any(),
    )
}

#[component]
fn Page(person: Person, page: RequestPage, query: Query) -> impl IntoView {
    let row = page.row.clone();
    let (id, name) = row.organization.clone();
    let is_staff = person.role.is_staff();
    let may = person.role_in(&id).may_ask_for_seats() && !page.archived;
    let refused = query.refusal(row.usage.limit);
    let above = refused.clone().filter(|refused| !answering::is_beside(refused)).map(|refused| {
        view! {
            <Banner tone=Tone::Act title="Nothing was changed.".to_owned()>
                {refused.to_string()}
            </Banner>
        }
    });
    let done = done(&query, row.state).map(|(title, text)| {
        view! {
            <Banner tone=Tone::Calm title=title.to_owned()>
                {text}
            </Banner>
        }
    });
    let proposal = page.proposal.clone().map(|proposal| {
        let href = paths::proposal(&id, &proposal.id);
        let title = format!("Its approval with {} waits for a second person.", proposal.limit);
        view! {
            <Banner tone=Tone::Act title>
                {format!("{} proposed it. ", proposal.by)}
                <a href=href>"Look at the proposal"</a>
            </Banner>
        }
    });
    let answers = match (is_staff, row.state.is_over()) {
        (_, true) => ().into_any(),
        (true, false) => answering::by_staff(&page, &query, refused.as_ref()),
        (false, false) if may => answering::by_tenant(&page, &query, refused.as_ref()),
        (false, false) => {
            view! { <p class="calm">"Only admins of the organization can answer."</p> }.into_any()
        }
    };
    // the form of an approval has this picture
    let seats = page.approval.is_none().then(|| {
        view! {
            <section class="picture">
                <h2 class="picture__title">"Seats now"</h2>
                <p class="picture__numbers">{row.usage.sentence()}</p>
                <Meter usage=row.usage />
            </section>
        }
    });
    let history = page.history.map(|chart| view! { <History id=id.clone() chart /> });
    let more = more_seats(row.seats);
    view! {
        <div class="request" data-revision=page.revision.to_string()>
            <p class="crumb">
                <a href=paths::requests_of(&id)>"Seat requests, " {words(&name)}</a>
            </p>
            <PageHeader
                title=format!("{}{}", more[..1].to_uppercase(), &more[1..])
                sentence=state_sentence(row.state, is_staff)
                within=Some(name)
            />
            <div class="facts">
                <RequestBadge state=row.state />
            </div>
            <Banners>{done} {above} {proposal}</Banners>
            <div class="columns">
                <div class="request__main">
                    <Section title="Conversation">
                        <Conversation rows=page.entries now=page.now />
                    </Section>
                    {answers}
                </div>
                <div class="columns__side">
                    {history} {seats} <Wanted organization=id rows=page.people />
                </div>
            </div>
        </div>
    }
}

/// What was done just now.
fn done(query: &Query, state: RequestState) -> Option<(&'static str, String)> {
    let admitted = query.text("admitted").parse::<i64>().unwrap_or(0);
    Some(match (query.text("done"), state) {
        ("asked", RequestState::Open) => {
            ("Asked.", "Staff see it at once. You will get an e-mail with the answer.".to_owned())
        }
        ("approved", RequestState::Approved) => (
            "Approved.",
            match admitted {
                0 => "The admins of the organization get an e-mail.".to_owned(),
                n => format!(
                    "{} {} got a seat. The admins of the organization get an e-mail.",
                    grouped(n),
                    people(n)
                ),
            },
        ),
        ("declined", RequestState::Declined) => {
            ("Declined.", "The admins of the organization get an e-mail.".to_owned())
        }
        ("question", RequestState::Question) => {
            ("Asked back.", "The admins of the organization get an e-mail.".to_owned())
        }
        ("reply", RequestState::Open) => {
            ("Answered.", "Staff see it at once. The request waits for them again.".to_owned())
        }
        ("withdrawn", RequestState::Withdrawn) => {
            ("Withdrawn.", "You can ask again at any time.".to_owned())
        }
        _ => return None,
    })
}

/// The people who need the seats.
#[component]
fn Wanted(organization: OrganizationId, rows: Vec<WantedPerson>) -> impl IntoView {
    (!rows.is_empty()).then(move || {
        let row = move |row: WantedPerson| {
            let href = paths::person(&organization, &row.user);
            let state =
                (row.state != SeatState::Blocked).then(|| view! { <StateBadge state=row.state /> });
            view! {
                <li>
                    <a href=href>{words(row.called)}</a>
                    " "
                    {state}
                </li>
            }
        };
        view! {
            <Section title="Wanted for">
                <ul class="request__people">{rows.into_iter().map(row).collect_view()}</ul>
            </Section>
        }
    })
}

/// The refusal of a form that knows the limit.
pub(in crate::pages) fn refusal_text(
    refused: Option<&NamedRefusal>,
    field: &str,
) -> Option<String> {
    let NamedRefusal::Known(refusal) = refused? else { return None };
    (refusal.field() == Some(field)).then(|| refusal.to_string())
}

#[cfg(test)]
mod tests {
    use domain::{organization::SeatLimit, refusal::Refusal};

    use super::*;

    #[test]
    fn a_refusal_stands_beside_its_field() {
        let refused = NamedRefusal::Known(Refusal::RequestTextMissing);
        assert!(refusal_text(Some(&refused), "text").is_some());
        assert_eq!(refusal_text(Some(&refused), "limit"), None);
        let refused = NamedRefusal::read("changed", SeatLimit::Seats(5));
        assert!(refusal_text(refused.as_ref(), "limit").is_some());
    }
}
