//! The last 90 days, and when the organization will be full.

use domain::id::OrganizationId;
use leptos::prelude::*;
use views::history::{HistoryChart, HistoryQuery};

use crate::{
    components::{history_chart::SeatHistory, page_header::Section},
    paths,
};

/// Nothing on the first day of an organization.
#[component]
pub fn History(id: OrganizationId, chart: HistoryChart) -> impl IntoView {
    if !chart.has_history() {
        return ().into_any();
    }
    let (sentence, how) = (chart.forecast.sentence(chart.now), chart.forecast.how_we_know());
    view! {
        <Section title="Last 90 days" note=sentence>
            <SeatHistory chart small=true />
            {how.map(|how| view! { <p class="history__how">{how}</p> })}
            <p class="part__more">
                <a href=paths::history(&id, &HistoryQuery::default())>"History"</a>
            </p>
        </Section>
    }
    .into_any()
}
