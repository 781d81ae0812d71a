//! The webhook inspector: every delivery, newest first, filtered by the query parameters of the
//! address. Staff only.

mod replaying;

pub use replaying::Notify;

use domain::{
    decision::Outcome, event, id::OrganizationId, organization::grouped, text::ExternalText,
    time::Timestamp,
};
use leptos::prelude::*;
use views::deliveries::{self as page, Cursor, DeliveriesQuery, DeliveryRow, Show};

use crate::{
    components::{
        badge::{OutcomeBadge, Tag},
        banner::{Banner, Banners, Tone},
        empty_state::EmptyState,
        id::Id,
        page_data::loaded,
        page_header::PageHeader,
        relative_time::RelativeTime,
        segmented_links::{SegmentedLink, SegmentedLinks},
        table::{Heading, Table},
        words::words,
    },
    paths::{self, Query},
    server_fns::{Refused, load_deliveries},
};

#[component]
pub fn Deliveries() -> impl IntoView {
    let map = paths::query();
    let query = asked(&map);
    let refused = map.get("refused").as_deref().and_then(refusal_sentence);
    let asking = query.clone();
    loaded(
        move || load_deliveries(asking.clone()),
        move |_, inbox| {
            view! { <Inbox inbox query=query.clone() refused=refused.clone() /> }.into_any()
        },
    )
}

fn asked(query: &Query) -> DeliveriesQuery {
    let text = |name: &str| query.get(name).unwrap_or_default().trim().to_owned();
    DeliveriesQuery {
        search: text("search"),
        show: Show::parse(&text("show")),
        organization: OrganizationId::parse(&text("organization")),
        kind: text("type"),
        before: Cursor::parse(&text("before")),
    }
}

/// The message of a refusal that is named in the address.
pub fn refusal_sentence(word: &str) -> Option<String> {
    let refused = Refused::read(word, domain::organization::SeatLimit::NotSet)?;
    Some(refused.map_or_else(str::to_owned, |refusal| refusal.to_string()))
}

#[component]
fn Inbox(
    inbox: page::Deliveries,
    query: DeliveriesQuery,
    refused: Option<String>,
) -> impl IntoView {
    let reload = paths::deliveries(&DeliveriesQuery { before: None, ..query.clone() });
    let page::Deliveries {
        rows,
        older,
        looked_through,
        organization_name,
        dead,
        suspicious,
        replayable,
        replay,
        now,
    } = inbox;
    let state = state_of(dead, rows.is_empty());
    let list = if rows.is_empty() && !looked_through {
        view! { <Nothing query=query.clone() /> }.into_any()
    } else {
        let shown = rows.len();
        let list = (shown > 0).then(|| view! { <Rows rows now /> });
        view! {
            {list}
            <Steps shown older looked_through query=query.clone() />
        }
        .into_any()
    };
    view! {
        <PageHeader title="Webhooks" sentence=state>
            <a class="button button--quiet" href=reload>
                "Reload"
            </a>
        </PageHeader>
        <Banners>
            {refused
                .map(|sentence| {
                    view! {
                        <Banner tone=Tone::Broken title="Nothing was replayed.".to_owned()>
                            {sentence}
                        </Banner>
                    }
                })}
        </Banners>
        <div class="filters filters--stacked">
            <SegmentedLinks label="By outcome" choices=choices(&query, dead, suspicious) />
            <Narrowing query=query.clone() />
        </div>
        <Narrowed query=query.clone() name=organization_name />
        <replaying::Replaying query=query.clone() replayable replay now />
        {list}
    }
}

/// The sentence under the title: what needs attention, or that nothing does.
fn state_of(dead: i64, is_empty: bool) -> String {
    match dead {
        0 if is_empty => "Everything Scalekit sends is kept here.".to_owned(),
        0 => "Everything that Scalekit has sent, newest first. All webhooks were processed."
            .to_owned(),
        1 => "1 dead letter needs your attention.".to_owned(),
        n => format!("{} dead letters need your attention.", counted(n)),
    }
}

/// The number, or `More than 1,000` if the count ended there.
fn counted(n: i64) -> String {
    if n > page::Deliveries::COUNTED {
        format!("More than {}", grouped(page::Deliveries::COUNTED))
    } else {
        grouped(n)
    }
}

fn choices(query: &DeliveriesQuery, dead: i64, suspicious: i64) -> Vec<SegmentedLink> {
    let short = |n: i64| {
        if n > page::Deliveries::COUNTED {
            format!("{}+", grouped(page::Deliveries::COUNTED))
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
fn Narrowing(query: DeliveriesQuery) -> impl IntoView {
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
fn Narrowed(query: DeliveriesQuery, name: Option<ExternalText>) -> impl IntoView {
    let of = query.organization.as_ref().map(|id| match name {
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
    let kind = (!query.kind.is_empty()).then(|| {
        view! {
            " of the type "
            <code>{words(ExternalText::new(&query.kind))}</code>
        }
    });
    let search = (!query.search.is_empty()).then(|| {
        view! {
            " with the id "
            <code>{words(ExternalText::new(&query.search))}</code>
        }
    });
    let needs = query.search.starts_with("diruser_") && query.organization.is_none();
    let hint = needs.then_some(
        " To find the webhooks that changed a person’s seat, enter their organization, too.",
    );
    (of.is_some() || kind.is_some() || search.is_some()).then(|| {
        let all =
            paths::deliveries(&DeliveriesQuery { show: query.show, ..DeliveriesQuery::default() });
        view! {
            <p class="narrowed">
                "Only webhooks"{of}{kind}{search}"."{hint}" "<a href=all>"Show all"</a>
            </p>
        }
    })
}

#[component]
fn Nothing(query: DeliveriesQuery) -> impl IntoView {
    let is_narrowed = query.organization.is_some()
        || !query.kind.is_empty()
        || !query.search.is_empty()
        || query.before.is_some();
    match query.show {
        Show::All if !is_narrowed => view! {
            <EmptyState title="No webhooks yet">
                "Point a webhook at " <code>"/webhooks/scalekit"</code>
                " in Scalekit’s dashboard. Its deliveries appear here."
            </EmptyState>
        }
        .into_any(),
        Show::Of(Outcome::Dead) if !is_narrowed => {
            view! { <EmptyState title="No dead letters">"All webhooks were processed."</EmptyState> }.into_any()
        }
        _ => view! {
            <EmptyState title="No webhook matches">
                <a href=paths::DELIVERIES>"Show all webhooks"</a>
            </EmptyState>
        }.into_any(),
    }
}

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
fn Steps(
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
            grouped(page::Deliveries::LOOKED_THROUGH),
            if shown < 2 { "matches" } else { "match" },
            cursor.received_at.exact()
        ),
        Some(_) => format!("{} {noun}, newest first", grouped(shown)),
        None => format!("{} {noun}, and none older", grouped(shown)),
    };
    let at =
        |before: Option<Cursor>| paths::deliveries(&DeliveriesQuery { before, ..query.clone() });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_dead_letters_that_need_attention_was_counted() {
        assert_eq!(state_of(1, false), "1 dead letter needs your attention.");
        assert_eq!(state_of(12, false), "12 dead letters need your attention.");
        assert_eq!(state_of(1_001, true), "More than 1,000 dead letters need your attention.");
        assert!(state_of(0, false).ends_with("All webhooks were processed."));
    }
}
