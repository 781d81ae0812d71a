//! The history of a person, newest first: decisions, deliveries, resyncs, manual actions, and the
//! groups that the person joined and left.

use domain::{
    decision::Outcome, directory::Change, id::OrganizationId, text::ExternalText, time::Timestamp,
};
use leptos::prelude::*;
use views::{
    DecisionRow,
    audit::AuditRow,
    groups::GroupQuery,
    pagination::Key,
    person::{HistoryEntry, HistoryRow, PersonPage},
};

use crate::{
    components::{
        badge::Tag,
        page_header::Section,
        pagination::{KeysetPagination, KeysetWords},
        relative_time::RelativeTime,
        words::words,
    },
    pages::{activity::change, organization::decisions::what},
    paths,
};

#[component]
pub(super) fn History(page: PersonPage) -> impl IntoView {
    let PersonPage { organization, user, history, page, now, .. } = page;
    let shown = history.len();
    let row = |row| view! { <Row row organization=organization.clone() now /> };
    let rows = history.into_iter().map(row).collect_view();
    let list = if shown == 0 {
        view! { <p class="calm">"Nothing is recorded here."</p> }.into_any()
    } else {
        view! { <ol class="decisions">{rows}</ol> }.into_any()
    };
    let says = KeysetWords::of(&page, shown, ("entry", "entries"));
    let path = move |before: Option<_>| paths::person_before(&organization, &user, before.as_ref());
    let is_all = page.is_first() && page.older.is_none();
    let steps = (!is_all).then(|| view! { <KeysetPagination page words=says path /> });
    view! { <Section title="History">{list} {steps}</Section> }
}

#[component]
fn Row(row: HistoryRow, organization: OrganizationId, now: Timestamp) -> impl IntoView {
    let HistoryRow { key, entry } = row;
    let (state, id, at) = (state(&entry), key.written(), key.at);
    let content = match entry {
        HistoryEntry::Decision(row) => view! { <Decision row=*row /> }.into_any(),
        HistoryEntry::Delivery { id, kind, outcome, of_another } => {
            let href = paths::delivery(&id);
            view! { <Delivery href kind outcome of_another /> }.into_any()
        }
        HistoryEntry::Resync { run, change, outcome } => {
            let href = paths::resync(&organization, &run, &views::resyncs::ResyncQuery::default());
            view! {
                <p class="decision__what">
                    <a href=href>"Resync"</a>
                    ": "
                    {resynced(change, outcome)}
                </p>
            }
            .into_any()
        }
        HistoryEntry::Action(row) => view! { <Action row=*row /> }.into_any(),
        HistoryEntry::Group { group, name, joined } => {
            let href = paths::group(&organization, &group, &GroupQuery::default());
            view! {
                <p class="decision__what">
                    {if joined { "Joined the group " } else { "Left the group " }}
                    <a href=href>{words(name)}</a>
                </p>
            }
            .into_any()
        }
    };
    view! {
        <li class="decision" id=id data-state=state>
            <span class="decision__mark" aria-hidden="true"></span>
            {content}
            <RelativeTime at now exact=true />
        </li>
    }
}

/// The state that a decision led to, for the mark.
fn state(entry: &HistoryEntry) -> Option<&'static str> {
    match entry {
        HistoryEntry::Decision(row) => Some(row.to.as_str()),
        _ => None,
    }
}

#[component]
fn Decision(row: DecisionRow) -> impl IntoView {
    let why = row.reason.sentence(row.limit, row.used);
    let by = row.actor.map(|actor| format!(" By {actor}."));
    view! {
        <p class="decision__what">
            <b>{capital(what(row.reason, row.from, row.to))}</b>
        </p>
        <p class="decision__why" title=row.cause.to_string()>
            {why}
            {by}
        </p>
    }
}

#[component]
fn Delivery(
    href: String,
    kind: Option<ExternalText>,
    outcome: Outcome,
    of_another: bool,
) -> impl IntoView {
    view! {
        <p class="decision__what">
            <a href=href>"Webhook"</a>
            {if of_another { " about another person: " } else { ": " }}
            {outcome.word().to_lowercase()}
        </p>
        <p class="decision__why">{kind.map(words)}</p>
    }
}

#[component]
fn Action(row: AuditRow) -> impl IntoView {
    let refused = row.refused.then(|| {
        view! { <Tag word="refused" title="Nothing was changed" /> }
    });
    let reason = row.reason.as_ref().map(|reason| view! { <span>" “"{words(reason)}"”"</span> });
    view! {
        <p class="decision__what">{row.action.words()} " " {refused}</p>
        <p class="decision__why">
            "By " {words(&row.actor)} "." {reason} {change(row.before.as_ref(), row.after.as_ref())}
        </p>
    }
}

/// What a resync did with the person.
fn resynced(change: Change, outcome: Outcome) -> &'static str {
    match (outcome, change) {
        (Outcome::Stale | Outcome::Duplicate, _) => "left alone, as a newer webhook counts",
        (Outcome::Archived, _) => "left alone, as the organization was deleted",
        (_, Change::Created) => "found in the directory",
        (_, Change::Updated) => "updated",
        (_, Change::Reactivated) => "switched on again",
        (_, Change::Deactivated) => "switched off",
        (_, Change::Removed) => "not in the directory any longer",
    }
}

/// The words as the beginning of a line.
fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_with_a_capital() {
        assert_eq!(capital("got a seat"), "Got a seat");
        assert_eq!(capital(""), "");
    }

    #[test]
    fn a_resync_that_came_too_late_changed_nothing() {
        assert_eq!(resynced(Change::Updated, Outcome::Updated), "updated");
        assert!(resynced(Change::Removed, Outcome::Stale).starts_with("left alone"));
    }
}
