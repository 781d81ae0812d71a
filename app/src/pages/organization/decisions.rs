//! The latest decisions: the user, the change, the reason and the time.

use domain::{
    body::HIDDEN, decision::Reason, directory_user::SeatState, id::OrganizationId, time::Timestamp,
};
use leptos::prelude::*;
use views::{
    DecisionRow,
    past::{AsOfQuery, TrueUpQuery},
};

use crate::{
    components::{
        empty_state::EmptyState, page_header::Section, relative_time::RelativeTime, words::words,
    },
    paths,
};

#[component]
pub(super) fn Decisions(
    organization: OrganizationId,
    rows: Vec<DecisionRow>,
    now: Timestamp,
    webhooks: Option<String>,
) -> impl IntoView {
    let list = if rows.is_empty() {
        view! {
            <EmptyState title="No decisions yet">
                "Every seat that is taken, refused or given back is kept here with its reason."
            </EmptyState>
        }
        .into_any()
    } else {
        let organization = Some(organization.clone());
        view! { <Decided rows now organization /> }.into_any()
    };
    let webhooks = webhooks.map(|href| {
        view! {
            <p class="part__more">
                <a href=href>"Webhooks of this organization"</a>
            </p>
        }
    });
    view! {
        <Section title="Recent decisions">
            {list} {webhooks} <p class="part__more">
                <a href=paths::as_of(
                    &organization,
                    &AsOfQuery::default(),
                )>"Seats at a past moment"</a>
                " · "
                <a href=paths::true_up(&organization, TrueUpQuery::default())>"True-up report"</a>
            </p>
        </Section>
    }
}

/// A list of decisions about people of an organization, with links to their pages.
#[component]
pub fn Decided(
    rows: Vec<DecisionRow>,
    now: Timestamp,
    organization: Option<OrganizationId>,
) -> impl IntoView {
    let row = move |row: DecisionRow| {
        // an id that is hidden leads to no page
        let has_page = row.user.as_str() != HIDDEN;
        let organization = organization.as_ref().filter(|_| has_page);
        let href = organization.map(|organization| paths::person(organization, &row.user));
        view! { <Decision row now href /> }
    };
    view! { <ol class="decisions">{rows.into_iter().map(row).collect_view()}</ol> }
}

#[component]
fn Decision(row: DecisionRow, now: Timestamp, href: Option<String>) -> impl IntoView {
    let email = row.email.as_ref().map(ToString::to_string);
    let who = words(row.called());
    let who = match href {
        Some(href) => view! { <a href=href>{who}</a> }.into_any(),
        None => who,
    };
    let id = format!("{}-{}-{}", row.user, row.at.nanos(), row.to.as_str());
    let why = row.reason.sentence(row.limit, row.used);
    let by = row.actor.map(|actor| format!(" By {actor}."));
    view! {
        <li class="decision" id=id data-state=row.to.as_str()>
            <span class="decision__mark" aria-hidden="true"></span>
            <p class="decision__what">
                <b title=email>{who}</b>
                " "
                {what(row.reason, row.from, row.to)}
            </p>
            <p class="decision__why" title=row.cause.to_string()>
                {why}
                {by}
            </p>
            <RelativeTime at=row.at now />
        </li>
    }
}

/// What happened to the user, as the words after the name.
pub fn what(reason: Reason, from: Option<SeatState>, to: SeatState) -> &'static str {
    let held = from == Some(SeatState::Provisioned);
    match to {
        _ if reason == Reason::Identified => "is known by id now",
        SeatState::Provisioned if held => "keeps the seat",
        SeatState::Provisioned => "got a seat",
        SeatState::Blocked if from == Some(SeatState::Blocked) => "moved on the waitlist",
        SeatState::Blocked => "has to wait",
        SeatState::Dismissed => "was removed from the waitlist",
        SeatState::Inactive if held => "gave the seat back",
        SeatState::Inactive if from == Some(SeatState::Blocked) => "left the waitlist",
        SeatState::Inactive => "is switched off",
        SeatState::Removed if held => "left, the seat is free",
        SeatState::Removed => "was removed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_held_a_seat_gives_one_back() {
        let deleted = |from, to| what(Reason::Deleted, Some(from), to);
        assert_eq!(deleted(SeatState::Provisioned, SeatState::Removed), "left, the seat is free");
        assert_eq!(deleted(SeatState::Blocked, SeatState::Removed), "was removed");
        assert_eq!(deleted(SeatState::Blocked, SeatState::Inactive), "left the waitlist");
    }

    #[test]
    fn who_holds_a_seat_already_does_not_get_one() {
        let (holds, waits) = (SeatState::Provisioned, SeatState::Blocked);
        assert_eq!(what(Reason::Merged, Some(holds), holds), "keeps the seat");
        assert_eq!(what(Reason::Identified, Some(waits), waits), "is known by id now");
    }
}
