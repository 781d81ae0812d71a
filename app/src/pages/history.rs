//! The seat history of an organization: its chart, when it will be full, its months and its days.

use domain::{
    history::{DailyRollup, HistoryMonth, HistoryRange},
    id::OrganizationId,
    organization::{SeatLimit, grouped},
    time::{Day, Timestamp},
};
use leptos::prelude::*;
use views::{
    history::{HistoryChart, HistoryPage, HistoryQuery},
    pagination::KeysetPage,
    past::{AsOfQuery, TrueUpQuery},
};

use crate::{
    components::{
        empty_state::EmptyState,
        export_csv::ExportCsv,
        history_chart::SeatHistory,
        page_data::loaded,
        page_header::{PageHeader, Section},
        pagination::{KeysetPagination, KeysetWords},
        segmented_links::{SegmentedLink, SegmentedLinks},
        table::{Heading, Table},
        words::words,
    },
    csv_paths, paths,
    query::Query,
    server_fns::load_history,
};

#[component]
pub fn History() -> impl IntoView {
    let id = paths::asked_organization();
    let query: HistoryQuery = Query::of_request().read();
    let asked = query.clone();
    loaded(
        move || load_history(id.clone(), asked.clone()),
        move |_, page| view! { <Page page query=query.clone() /> }.into_any(),
    )
}

#[component]
fn Page(page: HistoryPage, query: HistoryQuery) -> impl IntoView {
    let HistoryPage { id, name, chart, months, days, page } = page;
    let now = chart.now;
    let sentence = chart.forecast.sentence(now);
    let how = chart.forecast.how_we_know();
    let links = [
        ("Seats at a past moment", paths::as_of(&id, &AsOfQuery::default())),
        ("True-up report", paths::true_up(&id, TrueUpQuery::default())),
    ];
    let links = links.map(|(word, href)| view! { <a href=href>{word}</a> });
    let csv = csv_paths::history(&id, &query);
    view! {
        <p class="crumb">
            <a href=paths::organization(&id)>{words(&name)}</a>
        </p>
        <PageHeader title="History" sentence within=Some(name) />
        {how.map(|how| view! { <p class="history__how">{how}</p> })}
        <div class="filters">
            <SegmentedLinks label="Range" choices=ranges(&id, query.range) />
            <p class="past__steps">{links.collect_view()}</p>
        </div>
        <Drawn chart />
        <Months months />
        <Days id days page query now />
        <ExportCsv href=csv />
    }
}

fn ranges(id: &OrganizationId, chosen: HistoryRange) -> Vec<SegmentedLink> {
    let choice = |range| SegmentedLink {
        word: match range {
            HistoryRange::Days30 => "30 days",
            HistoryRange::Days90 => "90 days",
            HistoryRange::Days365 => "365 days",
            HistoryRange::All => "All",
        },
        count: None,
        href: paths::history(id, &HistoryQuery { range, before: None }),
        chosen: range == chosen,
    };
    HistoryRange::ALL.map(choice).into()
}

#[component]
fn Drawn(chart: HistoryChart) -> impl IntoView {
    if chart.has_history() {
        return view! { <SeatHistory chart /> }.into_any();
    }
    view! {
        <EmptyState title="The history begins today">
            "Each change of the used seats, of the waitlist and of the limit is kept. From tomorrow on there is a chart."
        </EmptyState>
    }
    .into_any()
}

#[component]
fn Months(months: Vec<HistoryMonth>) -> impl IntoView {
    let row = |month: HistoryMonth| {
        view! {
            <tr>
                <th scope="row">{month.month.words()}</th>
                <td class="number">{grouped(month.most.used)}</td>
                <td class="number">{limit(month.most.limit)}</td>
                <td class="number">{grouped(month.most.waiting)}</td>
                <td class="number">{grouped(month.over)}</td>
                <td class="number wide">{grouped(month.blocked)}</td>
                <td class="number wide">{grouped(month.admitted)}</td>
            </tr>
        }
    };
    view! {
        <Section title="By month" note="The largest numbers, and the limit at the end">
            <Table label="Seat history by month">
                <thead>
                    <tr>
                        <Heading word="Month" />
                        <Heading word="Most used" number=true />
                        <Heading word="Limit" number=true />
                        <Heading word="Most waiting" number=true />
                        <Heading word="Most over" number=true />
                        <Heading word="Blocked" number=true wide=true />
                        <Heading word="Admitted" number=true wide=true />
                    </tr>
                </thead>
                <tbody>{months.into_iter().map(row).collect_view()}</tbody>
            </Table>
        </Section>
    }
}

#[component]
fn Days(
    id: OrganizationId,
    days: Vec<DailyRollup>,
    page: KeysetPage<Day>,
    query: HistoryQuery,
    now: Timestamp,
) -> impl IntoView {
    let shown = KeysetWords::of(&page, days.len(), ("day with a change", "days with a change"));
    let range = query.range;
    let path = move |before| paths::history(&id, &HistoryQuery { range, before });
    view! {
        <Section
            title="By day"
            note="In UTC. A day without a change is as the day before it ended."
        >
            <Table label="Seat history by day">
                <thead>
                    <tr>
                        <Heading word="Day" />
                        <Heading word="Used" number=true />
                        <Heading word="Most used" number=true />
                        <Heading word="Limit" number=true />
                        <Heading word="Most waiting" number=true />
                        <Heading word="Most over" number=true wide=true />
                        <Heading word="Blocked" number=true wide=true />
                        <Heading word="Admitted" number=true wide=true />
                    </tr>
                </thead>
                <tbody>
                    {days.into_iter().map(|day| view! { <DayRow day now /> }).collect_view()}
                </tbody>
            </Table>
            <KeysetPagination page words=shown path />
        </Section>
    }
}

#[component]
fn DayRow(day: DailyRollup, now: Timestamp) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">
                <time datetime=day.day.written()>{day.day.words(now)}</time>
            </th>
            <td class="number">{grouped(day.usage.used)}</td>
            <td class="number">{grouped(day.most_used)}</td>
            <td class="number">{limit(day.usage.limit)}</td>
            <td class="number">{grouped(day.most_waiting)}</td>
            <td class="number wide">{grouped(day.most_over)}</td>
            <td class="number wide">{grouped(day.blocked)}</td>
            <td class="number wide">{grouped(day.admitted)}</td>
        </tr>
    }
}

fn limit(limit: SeatLimit) -> String {
    match limit {
        SeatLimit::Seats(seats) => grouped(seats),
        other => other.to_string(),
    }
}
