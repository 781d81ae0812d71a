//! The deliveries as a table, and the steps to newer and older ones.

use domain::{organization::grouped, time::Timestamp};
use leptos::prelude::*;
use views::deliveries::{Cursor, Deliveries, DeliveriesQuery, DeliveryRow};

use crate::{
    components::{
        badge::{OutcomeBadge, Tag},
        id::Id,
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
    older: Option<Cursor>,
    looked_through: bool,
    query: DeliveriesQuery,
) -> impl IntoView {
    let is_first = query.before.is_none();
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    let noun = if shown == 1 { "webhook" } else { "webhooks" };
    let sentence = match &older {
        Some(cursor) if looked_through => format!(
            "{} of {} webhooks {}, back to {}.",
            if shown == 0 { "None".to_owned() } else { grouped(shown) },
            grouped(Deliveries::LOOKED_THROUGH),
            if shown < 2 { "matches" } else { "match" },
            cursor.received_at.exact()
        ),
        Some(_) => format!("{} {noun}, newest first", grouped(shown)),
        None => format!("{} {noun}, and none older", grouped(shown)),
    };
    let at = move |before: Option<Cursor>| {
        paths::deliveries(&DeliveriesQuery { before, ..query.clone() })
    };
    let word = if looked_through { "Look further back" } else { "Older" };
    let newest = (!is_first).then(|| {
        view! {
            <a class="button button--quiet" href=at(None)>
                "Newest"
            </a>
        }
    });
    let older = older.map(|cursor| {
        view! {
            <a class="button button--quiet" rel="next" href=at(Some(cursor))>
                {word}
            </a>
        }
    });
    view! {
        <nav class="pagination" aria-label="Pages">
            <p class="pagination__range">{sentence}</p>
            <div class="pagination__steps">{newest} {older}</div>
        </nav>
    }
}
