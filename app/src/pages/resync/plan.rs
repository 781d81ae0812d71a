//! The people in a plan: the first ones of each change, or all of one change.

use domain::{
    decision::Outcome,
    directory::{Change, PlanPart},
    directory_user::SeatState,
    organization::{grouped, people},
    resync::Resync,
};
use leptos::prelude::*;
use views::resyncs::{Plan, PlanRow, ResyncPage, ResyncQuery};

use crate::{
    components::{
        badge::{ChangeBadge, StateBadge},
        empty_state::EmptyState,
        export_csv::ExportCsv,
        filter_chips::{FilterChip, FilterChips},
        page_header::Section,
        pagination::{KeysetPagination, KeysetWords},
        table::{Heading, Table},
    },
    csv_paths,
    pages::people::PersonCell,
    paths,
};

#[component]
pub(super) fn Planned(page: ResyncPage, only: Option<PlanPart>) -> impl IntoView {
    let ResyncPage { run, plan, .. } = page;
    if run.planned_at.is_none() {
        return ().into_any();
    }
    let total = run.counts.people();
    if total == 0 {
        return view! {
            <Section title="Plan">
                <EmptyState title="No person differs">{same(&run)}</EmptyState>
            </Section>
        }
        .into_any();
    }
    if run.is_plan_gone {
        return view! {
            <Section title="Plan">
                <p class="quiet">"The list of its people is not kept any longer."</p>
            </Section>
        }
        .into_any();
    }
    let chip = |word, count, part| FilterChip {
        word,
        count: Some(count),
        href: paths::resync(&run.organization, &run.id, &ResyncQuery { only: part, before: None }),
        chosen: only == part,
    };
    let chips = std::iter::once(chip("All", total, None))
        .chain(plan.counts.iter().map(|(part, count)| chip(word(*part, &run), *count, Some(*part))))
        .collect();
    let list = match only.zip(plan.page.clone()) {
        Some((part, page)) => {
            let to = run.clone();
            let path = move |before| {
                let query = ResyncQuery { only: Some(part), before };
                paths::resync(&to.organization, &to.id, &query)
            };
            let shown = plan.rows.iter().map(|(_, rows)| rows.len()).sum();
            let words = pages(shown, plan.count(part));
            let table = (shown > 0).then(|| view! { <Rows plan run=run.clone() /> });
            view! {
                {table}
                <KeysetPagination page words path />
            }
            .into_any()
        }
        None => view! { <Rows plan run=run.clone() grouped=true /> }.into_any(),
    };
    let csv = csv_paths::plan(&run.organization, &run.id, only);
    let note = format!("{} {}", grouped(total), people(total));
    view! {
        <Section title="Plan" note>
            <div class="filters">
                <FilterChips label="By change" chips />
            </div>
            {list}
            <ExportCsv href=csv />
        </Section>
    }
    .into_any()
}

fn same(run: &Resync) -> &'static str {
    if run.is_import() {
        "All people of the file are here, just as it has them."
    } else {
        "All people here are the same as in the directory."
    }
}

/// `50 of 80 people`.
fn pages(shown: usize, all: i64) -> KeysetWords {
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    let sentence = if shown == all {
        format!("{} {}", grouped(all), people(all))
    } else {
        format!("{} of {} {}", grouped(shown), grouped(all), people(all))
    };
    KeysetWords { sentence, older: "Next", first: "First page" }
}

/// The name of a part, worded for a plan or for one that was applied.
fn word(part: PlanPart, run: &Resync) -> &'static str {
    match part {
        PlanPart::Of(Change::Created) => "Created",
        PlanPart::Of(Change::Updated) => "Updated",
        PlanPart::Of(Change::Reactivated) => "Reactivated",
        PlanPart::Of(Change::Deactivated) => "Deactivated",
        PlanPart::Of(Change::Removed) => "Removed",
        PlanPart::Blocked if run.applied > 0 => "Had to wait",
        PlanPart::Blocked => "Would have to wait",
        PlanPart::LeftAlone => "Left alone",
    }
}

#[component]
fn Rows(plan: Plan, run: Resync, #[prop(optional)] grouped: bool) -> impl IntoView {
    let parts = plan.rows.iter().map(|(part, rows)| {
        let of = (run.clone(), *part, plan.count(*part));
        let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let head = grouped.then(|| view! { <Group of shown /> });
        let row = |row: &PlanRow| {
            // a person who is not known yet has no page
            let is_known = row.from.is_some() || row.outcome.is_some();
            let href = is_known.then(|| paths::person(&run.organization, &row.user));
            view! { <Row row=row.clone() href /> }
        };
        let rows = rows.iter().map(row).collect_view();
        view! { <tbody>{head}{rows}</tbody> }
    });
    let parts = parts.collect_view();
    view! {
        <Table label="Plan">
            <thead>
                <tr>
                    <Heading word="Person" />
                    <Heading word="Change" />
                    <Heading word="Before" wide=true />
                    <Heading word="Seat" wide=true />
                </tr>
            </thead>
            {parts}
        </Table>
    }
}

/// The heading of a change, with a link to all of its people.
#[component]
fn Group(of: (Resync, PlanPart, i64), shown: i64) -> impl IntoView {
    let (run, part, count) = of;
    let all = (count > shown).then(|| {
        let href = paths::resync(&run.organization, &run.id, &ResyncQuery::of(part));
        view! {
            <a class="group__all" href=href>
                {format!("Show all {}", grouped(count))}
            </a>
        }
    });
    view! {
        <tr class="group">
            <th scope="rowgroup" colspan="4">
                <span class="group__words">
                    <b>{word(part, &run)}</b>
                    <span class="quiet">{grouped(count)}</span>
                    {all}
                </span>
            </th>
        </tr>
    }
}

#[component]
fn Row(row: PlanRow, href: Option<String>) -> impl IntoView {
    let seat = seat(&row);
    let before = row.from.map_or_else(
        || view! { <span class="quiet">"Not known"</span> }.into_any(),
        |state| view! { <StateBadge state /> }.into_any(),
    );
    view! {
        <tr id=row.user.to_string()>
            <th scope="row">
                <PersonCell
                    name=row.name
                    email=row.email
                    user=row.user.to_string()
                    has_duplicate_email=false
                    href
                />
                <span class="narrow sub">{seat}</span>
            </th>
            <td>
                <ChangeBadge change=row.change />
            </td>
            <td class="wide">{before}</td>
            <td class="wide quiet">{seat}</td>
        </tr>
    }
}

/// What the change means for a seat, or its result once it is applied.
fn seat(row: &PlanRow) -> &'static str {
    match row.outcome {
        Some(Outcome::Admitted) => return "Got a seat",
        Some(Outcome::Blocked) => return "On the waitlist: no seat was free",
        Some(Outcome::Stale | Outcome::Duplicate) => return "Left alone: a newer webhook counts",
        Some(Outcome::Released) => return "Gave the seat back",
        Some(Outcome::Archived) => return "Left alone: the organization was deleted",
        _ => {}
    }
    let is_done = row.outcome.is_some();
    match (row.change, row.from) {
        (Change::Deactivated | Change::Removed, Some(SeatState::Provisioned)) if is_done => {
            "Gave the seat back"
        }
        (Change::Deactivated | Change::Removed, Some(SeatState::Provisioned)) => {
            "Gives the seat back"
        }
        (Change::Deactivated | Change::Removed, Some(SeatState::Blocked)) => "Leaves the waitlist",
        (Change::Created | Change::Reactivated, _) if row.blocked => "Has to wait: no seat is free",
        (Change::Created | Change::Reactivated, _) if row.active == Some(false) => {
            "Switched off: needs no seat"
        }
        (Change::Created | Change::Reactivated, _) => "Gets a seat",
        (Change::Updated, Some(SeatState::Provisioned)) => "Keeps the seat",
        (Change::Updated, Some(SeatState::Blocked)) => "Keeps the position on the waitlist",
        (Change::Deactivated | Change::Removed | Change::Updated, _) => "Holds no seat",
    }
}

#[cfg(test)]
mod tests {
    use domain::id::DirectoryUserId;

    use super::*;

    fn row(change: Change, from: Option<SeatState>) -> PlanRow {
        let user = DirectoryUserId::new("diruser_1");
        PlanRow {
            user,
            name: None,
            email: None,
            change,
            from,
            active: Some(true),
            blocked: false,
            outcome: None,
        }
    }

    #[test]
    fn a_plan_says_what_it_means_for_a_seat() {
        assert_eq!(seat(&row(Change::Created, None)), "Gets a seat");
        assert_eq!(
            seat(&PlanRow { blocked: true, ..row(Change::Created, None) }),
            "Has to wait: no seat is free"
        );
        assert_eq!(
            seat(&PlanRow { active: Some(false), ..row(Change::Created, None) }),
            "Switched off: needs no seat"
        );
        assert_eq!(
            seat(&row(Change::Removed, Some(SeatState::Provisioned))),
            "Gives the seat back"
        );
        assert_eq!(seat(&row(Change::Removed, Some(SeatState::Inactive))), "Holds no seat");
    }

    #[test]
    fn once_it_is_applied_it_says_what_it_came_to() {
        let came_to = |outcome| {
            seat(&PlanRow {
                outcome: Some(outcome),
                ..row(Change::Removed, Some(SeatState::Provisioned))
            })
        };

        assert_eq!(came_to(Outcome::Removed), "Gave the seat back");
        assert_eq!(came_to(Outcome::Stale), "Left alone: a newer webhook counts");
    }
}
