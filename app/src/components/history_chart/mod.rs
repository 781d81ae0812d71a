//! The chart of the seat history: used seats as a filled step line, the limit as a firm line,
//! people who wait as an outlined area on top, seats over the limit in red, blocked people as bars,
//! and the forecast as a shaded time to the right of today. The server draws it; a reader with
//! JavaScript can go through its times.

mod geometry;
mod sparkline;

use domain::organization::grouped;
use leptos::prelude::*;
use views::history::HistoryChart;

use self::geometry::{BARS_HEIGHT, HEIGHT, LEVELS, Picture, WIDTH, picture};
pub use self::sparkline::Sparkline;
use crate::islands::chart_reader::ChartReader;

/// A `small` one is for a page with other things.
#[component]
pub fn SeatHistory(chart: HistoryChart, #[prop(optional)] small: bool) -> impl IntoView {
    let Some(picture) = picture(&chart) else { return ().into_any() };
    let label = format!("Seat history from {} to today", first_day(&picture));
    let description = move || described(&chart);
    let blocked = (picture.most_blocked > 0).then(|| view! { <Blocked picture=&picture /> });
    let levels = picture.levels.iter().map(|level| view! { <span>{level.clone()}</span> });
    let days = picture.days.iter().map(|day| view! { <span>{day.clone()}</span> });
    view! {
        <figure class="history-chart" class:history-chart--small=small data-history-chart="">
            <Legend picture=&picture />
            <div class="history-chart__levels" aria-hidden="true">
                {levels.collect_view()}
            </div>
            <svg
                class="history-chart__plot"
                role="img"
                aria-label=label
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
            >
                <desc>{description}</desc>
                {drawn(&picture)}
            </svg>
            {blocked}
            <div class="history-chart__days" aria-hidden="true">
                {days.collect_view()}
            </div>
            {(!small).then(|| view! { <ChartReader /> })}
        </figure>
    }
    .into_any()
}

fn described(chart: &HistoryChart) -> String {
    format!("{}. {}", chart.usage.sentence(), chart.forecast.sentence(chart.now))
}

fn first_day(picture: &Picture) -> String {
    picture.days.first().cloned().unwrap_or_default()
}

fn drawn(picture: &Picture) -> impl IntoView + use<> {
    let lines = (0..=LEVELS).map(|level| {
        let y = HEIGHT / LEVELS * level;
        view! { <line class="history-chart__level" x1="0" x2=WIDTH y1=y y2=y /> }
    });
    let forecast = picture.forecast.map(|(x, width)| {
        view! { <rect class="history-chart__forecast" x=x y="0" width=width height=HEIGHT /> }
    });
    let today = picture.today.map(|x| {
        view! { <line class="history-chart__today" x1=x x2=x y1="0" y2=HEIGHT /> }
    });
    let parts = picture.parts.iter().map(|(x, width, words)| {
        view! {
            <rect class="history-chart__part" data-part="" x=*x y="0" width=*width height=HEIGHT>
                <title>{words.clone()}</title>
            </rect>
        }
    });
    view! {
        {lines.collect_view()}
        {forecast}
        <path class="history-chart__area" d=picture.area.clone() />
        <path class="history-chart__over" d=picture.over.clone() />
        <path class="history-chart__waiting" d=picture.waiting.clone() />
        <path class="history-chart__used" d=picture.used.clone() />
        <path class="history-chart__limit" d=picture.limit.clone() />
        {today}
        {parts.collect_view()}
    }
}

#[component]
fn Blocked<'a>(picture: &'a Picture) -> impl IntoView + use<> {
    let most = grouped(picture.most_blocked);
    view! {
        <div class="history-chart__levels history-chart__levels--bars" aria-hidden="true">
            <span>{most.clone()}</span>
            <span>"0"</span>
        </div>
        <svg
            class="history-chart__bars"
            role="img"
            aria-label=format!("People put on the waitlist; at most {most} at a time")
            viewBox=format!("0 0 {WIDTH} {BARS_HEIGHT}")
            preserveAspectRatio="none"
        >
            <path class="history-chart__blocked" d=picture.bars.clone() />
        </svg>
    }
}

/// What the shapes mean; only those that are in the picture.
#[component]
fn Legend<'a>(picture: &'a Picture) -> impl IntoView + use<> {
    let limit = if picture.is_limit_above { "Limit (above the chart)" } else { "Limit" };
    let is_limited = !picture.limit.is_empty() || picture.is_limit_above;
    let entries = [
        ("used", "Used seats", true),
        ("limit", limit, is_limited),
        ("waiting", "Waiting", !picture.waiting.is_empty()),
        ("over", "Over the limit", !picture.over.is_empty()),
        ("blocked", "Blocked people", picture.most_blocked > 0),
        ("forecast", "Full, by the forecast", picture.forecast.is_some()),
    ];
    let entries = entries.into_iter().filter(|(.., shown)| *shown).map(|(shape, word, _)| {
        view! {
            <li class="history-chart__entry">
                <svg viewBox="0 0 20 12" width="20" height="12" aria-hidden="true">
                    {sample(shape)}
                </svg>
                {word}
            </li>
        }
    });
    view! { <ul class="history-chart__legend">{entries.collect_view()}</ul> }
}

fn sample(shape: &'static str) -> AnyView {
    let class = format!("history-chart__{shape}");
    match shape {
        "used" => view! {
            <path class="history-chart__area" d="M0 4H20V12H0z" />
            <path class=class d="M0 4H20" />
        }
        .into_any(),
        "limit" => view! { <path class=class d="M0 6H20" /> }.into_any(),
        _ => view! { <rect class=class x="2" y="1" width="16" height="10" /> }.into_any(),
    }
}
