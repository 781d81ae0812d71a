//! The numbers, the picture of the seats, and the small sections beside the decisions.

use domain::{
    directory::DirectoryState,
    directory_user::SeatState,
    id::OrganizationId,
    organization::{SeatLimit, Usage, grouped, people, seats},
    time::Timestamp,
};
use leptos::prelude::*;
use views::{DirectoryRow, OrganizationPage, PeopleQuery};

use crate::{
    components::{
        badge::StateBadge, directory_name::directory_name, empty_state::EmptyState, id::Id,
        meter::Meter, page_header::Section, relative_time::RelativeTime, words::words,
    },
    paths,
};

#[component]
pub(super) fn Seats(page: OrganizationPage, staff: bool) -> impl IntoView {
    let usage = page.usage;
    // Only staff may see who set the limit and why, because the reason is internal to the SaaS
    // company.
    let set = page.limit_set.map(|set| {
        let by = set.by.filter(|_| staff).map(|by| format!(" by {by}")).unwrap_or_default();
        let reason = set.reason.filter(|_| staff);
        view! {
            <p>
                {format!("Limit set to {}{by}, ", usage.limit)}
                <RelativeTime at=set.at now=page.now />
                {reason
                    .map(|reason| {
                        view! {
                            ": "
                            {words(&reason)}
                        }
                    })}
            </p>
        }
    });
    let end = page.limit_end.map(|end| {
        view! { <p>{format!("The limit applies {}.", end.words(page.now))}</p> }
    });
    let policy = page.policy.sentence();
    view! {
        <section class="seats" aria-label="Seats">
            <dl class="numbers">
                {numbers(usage)
                    .into_iter()
                    .map(|number| view! { <Number number /> })
                    .collect_view()}
            </dl>
            <Meter usage />
            <div class="seats__notes">{set} {end} <p>{policy}</p></div>
        </section>
    }
}

struct Figure {
    label: String,
    value: String,
    unit: String,
    tone: Option<&'static str>,
}

/// The used seats compared with the limit, the free seats or the seats over the limit, and the
/// users who wait.
fn numbers(usage: Usage) -> Vec<Figure> {
    let of = match usage.limit {
        SeatLimit::Seats(limit) => format!("of {} {}", grouped(limit), seats(limit)),
        SeatLimit::NotSet => format!("{}, limit not set", seats(usage.used)),
        SeatLimit::Unlimited => format!("{}, no limit", seats(usage.used)),
    };
    let taken =
        Figure { label: "Taken".to_owned(), value: grouped(usage.used), unit: of, tone: None };
    let rest = match (usage.limit, usage.over()) {
        (SeatLimit::Seats(_), 0) => {
            let free = usage.free().unwrap_or(0);
            Some(Figure {
                label: "Free".to_owned(),
                value: grouped(free),
                unit: seats(free).to_owned(),
                tone: None,
            })
        }
        (SeatLimit::Seats(_), over) => Some(Figure {
            label: "Over".to_owned(),
            value: grouped(over),
            unit: seats(over).to_owned(),
            tone: Some("over"),
        }),
        (SeatLimit::NotSet | SeatLimit::Unlimited, _) => None,
    };
    let tone = (usage.waiting > 0).then_some("waiting");
    let waiting = Figure {
        label: "Waiting".to_owned(),
        value: grouped(usage.waiting),
        unit: people(usage.waiting).to_owned(),
        tone,
    };
    std::iter::once(taken).chain(rest).chain([waiting]).collect()
}

#[component]
fn Number(number: Figure) -> impl IntoView {
    view! {
        <div class="figure" data-tone=number.tone>
            <dt class="figure__label">{number.label}</dt>
            <dd class="figure__value">
                <span class="figure__number">{number.value}</span>
                " "
                <span class="figure__unit">{number.unit}</span>
            </dd>
        </div>
    }
}

#[component]
pub(super) fn People(id: OrganizationId, counts: Vec<(SeatState, i64)>) -> impl IntoView {
    let all = paths::people(&id, &PeopleQuery::default());
    let rows = counts
        .into_iter()
        .filter(|(state, count)| *count > 0 || *state == SeatState::Provisioned)
        .map(move |(state, count)| {
            let href =
                paths::people(&id, &PeopleQuery { state: Some(state), ..PeopleQuery::default() });
            view! {
                <li>
                    <a class="counted" href=href>
                        <StateBadge state />
                        <span class="counted__number">{grouped(count)}</span>
                    </a>
                </li>
            }
        });
    let rows = rows.collect_view();
    view! {
        <Section title="People">
            <ul class="counts">{rows}</ul>
            <p class="part__more">
                <a href=all>"All people"</a>
            </p>
        </Section>
    }
}

#[component]
pub(super) fn Directories(rows: Vec<DirectoryRow>, now: Timestamp) -> impl IntoView {
    let list = if rows.is_empty() {
        view! {
            <EmptyState title="No directory yet">
                "People arrive once a directory is connected in Scalekit."
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = rows.into_iter().map(|row| {
            let (state, word) = match row.state {
                DirectoryState::Enabled => ("on", "On since "),
                DirectoryState::Created => ("new", "Created, not enabled yet, "),
                DirectoryState::Disabled => ("off", "Switched off "),
                DirectoryState::Deleted => ("off", "Deleted "),
            };
            view! {
                <li class="directory" data-state=state>
                    <span class="directory__name">
                        {row
                            .provider
                            .map_or_else(|| "Directory".to_owned(), |name| directory_name(&name))}
                    </span>
                    <span class="directory__since">{word}<RelativeTime at=row.since now /></span>
                    <Id text=row.id />
                </li>
            }
        });
        view! { <ul class="directories">{rows.collect_view()}</ul> }.into_any()
    };
    view! { <Section title="Directories">{list}</Section> }
}
