//! The filters of the inspector: outcome, id, organization and event type.

use domain::{
    decision::Outcome, event, id::OrganizationId, organization::grouped, text::ExternalText,
};
use leptos::prelude::*;
use views::deliveries::{Deliveries, DeliveriesQuery, Show};

use crate::{
    components::{segmented_links::SegmentedLink, words::words},
    paths,
};

pub(super) fn choices(query: &DeliveriesQuery, dead: i64, suspicious: i64) -> Vec<SegmentedLink> {
    let short = |n: i64| {
        if n > Deliveries::COUNTED {
            format!("{}+", grouped(Deliveries::COUNTED))
        } else {
            grouped(n)
        }
    };
    let choice = |word, count, show| SegmentedLink {
        word,
        count,
        href: paths::deliveries(&DeliveriesQuery { show, before: None, ..query.clone() }),
        chosen: query.show == show,
    };
    let first = [
        choice("All", None, Show::All),
        choice("Dead letters", Some(short(dead)), Show::Of(Outcome::Dead)),
        choice("Suspicious", Some(short(suspicious)), Show::Suspicious),
    ];
    let others = Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Dead);
    first
        .into_iter()
        .chain(others.map(|outcome| choice(outcome.word(), None, Show::Of(outcome))))
        .collect()
}

/// Filters by an id, an organization and an event type; they are kept in the address with the rest.
#[component]
pub(super) fn Narrowing(query: DeliveriesQuery) -> impl IntoView {
    let show = query.show.as_str();
    let organization =
        query.organization.as_ref().map(OrganizationId::to_string).unwrap_or_default();
    view! {
        <form class="search narrowing" role="search" method="get" action=paths::DELIVERIES>
            {(!show.is_empty()).then(|| view! { <input type="hidden" name="show" value=show /> })}
            <input
                class="search__input narrowing__id"
                type="search"
                name="search"
                value=query.search
                placeholder="Event id, webhook-id or user id"
                aria-label="Event id, webhook-id or user id"
                autocomplete="off"
                spellcheck="false"
            />
            <input
                class="search__input"
                type="search"
                name="organization"
                value=organization
                placeholder="Organization id"
                aria-label="Organization id"
                autocomplete="off"
                spellcheck="false"
            />
            <input
                class="search__input"
                type="search"
                name="type"
                value=query.kind
                placeholder="Type of event"
                aria-label="Type of event"
                list="types"
                autocomplete="off"
                spellcheck="false"
            />
            <datalist id="types">
                {event::KINDS.map(|kind| view! { <option value=kind></option> }).collect_view()}
            </datalist>
            <button class="button button--quiet" type="submit">
                "Search"
            </button>
        </form>
    }
}

/// Names the filters other than the outcome, with a link that removes them.
#[component]
pub(super) fn Narrowed(query: DeliveriesQuery, name: Option<ExternalText>) -> impl IntoView {
    let DeliveriesQuery { search, show, organization, kind, .. } = query;
    let needs = search.starts_with("diruser_") && organization.is_none();
    let hint = needs.then_some(
        " To find the webhooks that changed a person’s seat, enter their organization, too.",
    );
    let of = organization.as_ref().map(|id| match name {
        Some(name) => view! {
            " of "
            <a href=paths::organization(id)>{words(&name)}</a>
        }
        .into_any(),
        None => view! {
            " of "
            <code>{words(ExternalText::new(id.as_str()))}</code>
            ", which is not known here"
        }
        .into_any(),
    });
    let kind = (!kind.is_empty()).then(|| {
        view! {
            " of the type "
            <code>{words(ExternalText::new(&kind))}</code>
        }
    });
    let search = (!search.is_empty()).then(|| {
        view! {
            " with the id "
            <code>{words(ExternalText::new(&search))}</code>
        }
    });
    (of.is_some() || kind.is_some() || search.is_some()).then(|| {
        let all = paths::deliveries(&DeliveriesQuery { show, ..DeliveriesQuery::default() });
        view! {
            <p class="narrowed">
                "Only webhooks"{of}{kind}{search}"."{hint}" "<a href=all>"Show all"</a>
            </p>
        }
    })
}
