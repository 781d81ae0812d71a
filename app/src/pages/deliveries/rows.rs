//! The deliveries as a table, and the steps to newer and older ones.

use domain::{organization::grouped, time::Timestamp};
use leptos::prelude::*;
use views::{
    deliveries::{Cursor, Deliveries, DeliveriesQuery, DeliveryRow},
    pagination::KeysetPage,
};

use crate::{
    components::{
        badge::{OutcomeBadge, Tag},
        id::Id,
        pagination::{KeysetPagination, KeysetWords},
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    paths,
};

#[component]
pub fn Rows(rows: Vec<DeliveryRow>, now: Timestamp) -> impl IntoView {
    view! {
        <Table label="Webhooks">
            <thead>
                <tr>
                    <Heading word="Type" />
                    <th scope="col" class="wide">
                        "Organization"
                    </th>
                    <Heading word="Outcome" />
                    <th scope="col" class="wide">
                        "Event"
                    </th>
                    <Heading word="Received" number=true wide=true />
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|row| view! { <Row row now /> }).collect_view()}</tbody>
        </Table>
    }
}

#[component]
fn Row(row: DeliveryRow, now: Timestamp) -> impl IntoView {
    let DeliveryRow { id, kind, organization, event, outcome, suspicious, received_at } = row;
    let kind = kind.map_or_else(
        || view! { <span class="quiet">"not readable"</span> }.into_any(),
        |kind| words(&kind).into_any(),
    );
    let name =
        organization.as_ref().map_or_else(|| "–".into_any(), |(_, name)| words(name).into_any());
    let link = match organization {
        Some((id, name)) => view! {
            <a class="row__other" href=paths::organization(&id)>
                {words(&name)}
            </a>
        }
        .into_any(),
        None => "–".into_any(),
    };
    view! {
        <tr class="row" id=id.to_string()>
            <th scope="row" class="row__name delivery__type">
                <a class="row__link" href=paths::delivery(&id)>
                    {kind}
                </a>
                {suspicious
                    .then(|| {
                        view! {
                            <Tag
                                word="suspicious"
                                title="The same id was received before with a different body"
                            />
                        }
                    })}
                <span class="narrow sub">{name} ", " <RelativeTime at=received_at now /></span>
            </th>
            <td class="wide">{link}</td>
            <td>
                <OutcomeBadge outcome />
            </td>
            <td class="wide">
                <span class="row__other">
                    <Id text=event.to_string() />
                </span>
            </td>
            <td class="wide number quiet">
                <RelativeTime at=received_at now />
            </td>
        </tr>
    }
}

/// How many rows are shown, with links to the newest and the older rows.
#[component]
pub(super) fn Steps(
    shown: usize,
    page: KeysetPage<Cursor>,
    looked_through: bool,
    query: DeliveriesQuery,
) -> impl IntoView {
    let says = match &page.older {
        Some(cursor) if looked_through => searched(shown, cursor),
        _ => KeysetWords::of(&page, shown, ("webhook", "webhooks")),
    };
    let path = move |before: Option<Cursor>| {
        paths::deliveries(&DeliveriesQuery { before, ..query.clone() })
    };
    view! { <KeysetPagination page words=says path /> }
}

/// The page ends because the search reached its limit.
fn searched(shown: usize, reached: &Cursor) -> KeysetWords {
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    let sentence = format!(
        "{} of {} webhooks {}, back to {}.",
        if shown == 0 { "None".to_owned() } else { grouped(shown) },
        grouped(Deliveries::LOOKED_THROUGH),
        if shown < 2 { "matches" } else { "match" },
        reached.received_at.exact()
    );
    KeysetWords { sentence, older: "Look further back", first: "Newest" }
}
