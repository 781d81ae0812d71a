//! The conversation about a request, from its beginning.

use domain::{seat_request::EntryKind, time::Timestamp};
use leptos::prelude::*;
use views::requests::EntryRow;

use crate::components::{relative_time::RelativeTime, words::words};

#[component]
pub(super) fn Conversation(rows: Vec<EntryRow>, now: Timestamp) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Row row now /> }).collect_view();
    view! { <ol class="conversation">{rows}</ol> }
}

#[component]
fn Row(row: EntryRow, now: Timestamp) -> impl IntoView {
    let EntryRow { kind, by, lines, limit, at } = row;
    let by = match by {
        Some(by) => words(by).into_any(),
        None if kind == EntryKind::Reminder => "Seatkeeper".into_any(),
        None if kind.is_by_staff() => "Staff".into_any(),
        None => "Unknown".into_any(),
    };
    let limit = limit.filter(|_| kind == EntryKind::Approved).map(|limit| {
        view! { <p class="conversation__limit">{format!("The limit is {limit} now.")}</p> }
    });
    let lines = lines.into_iter().map(|line| view! { <p>{words(line)}</p> }).collect_view();
    let side = if kind == EntryKind::Reminder {
        "machine"
    } else if kind.is_by_staff() {
        "staff"
    } else {
        "tenant"
    };
    view! {
        <li class="conversation__entry" data-kind=kind.as_str() data-side=side>
            <p class="conversation__head">
                <b>{by}</b>
                " "
                {verb(kind)}
                " "
                <RelativeTime at now />
            </p>
            <div class="conversation__text">{lines} {limit}</div>
        </li>
    }
}

fn verb(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Asked => "asked for seats",
        EntryKind::Question => "asked back",
        EntryKind::Reply => "answered",
        EntryKind::Approved => "approved the request",
        EntryKind::Declined => "declined the request",
        EntryKind::Withdrawn => "withdrew the request",
        EntryKind::Reminder => "sent a reminder",
    }
}
