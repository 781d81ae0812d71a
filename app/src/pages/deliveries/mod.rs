//! The webhook inspector: every delivery, newest first, filtered by the query parameters of the
//! address. Staff only.

mod filters;
mod replaying;
mod rows;

pub use replaying::Notify;

use domain::{
    decision::Outcome,
    organization::{SeatLimit, grouped},
};
use leptos::prelude::*;
pub use rows::Rows;
use views::deliveries::{self as page, DeliveriesQuery, Show};

use self::{
    filters::{Narrowed, Narrowing, choices},
    rows::Steps,
};
use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        empty_state::EmptyState,
        export_csv::ExportCsv,
        page_data::loaded,
        page_header::PageHeader,
        segmented_links::SegmentedLinks,
    },
    csv_paths, paths,
    query::Query,
    server_fns::load_deliveries,
};

#[component]
pub fn Deliveries() -> impl IntoView {
    let asked = Query::of_request();
    let query: DeliveriesQuery = asked.read();
    let refused = asked.refusal(SeatLimit::NotSet).map(|refusal| refusal.to_string());
    let asking = query.clone();
    loaded(
        move || load_deliveries(asking.clone()),
        move |_, inbox| {
            view! { <Inbox inbox query=query.clone() refused=refused.clone() /> }.into_any()
        },
    )
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
        page,
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
            <Steps shown page looked_through query=query.clone() />
            <ExportCsv href=csv_paths::deliveries(&query) />
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
