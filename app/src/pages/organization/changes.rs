//! The last changes of the seat limit: from what to what, who, why and when. For staff, who write these words for each other.

use leptos::prelude::*;
use seatkeeper::domain::{page::LimitChange, time::Timestamp};

use crate::parts::{head::Section, moment::Moment, words::words};

#[component]
pub(super) fn Changes(rows: Vec<LimitChange>, now: Timestamp) -> impl IntoView {
    (!rows.is_empty()).then(move || {
        let rows = rows.into_iter().map(|row| view! { <Change row now /> }).collect_view();
        view! { <Section title="Limit changes"><ol class="changes">{rows}</ol></Section> }
    })
}

#[component]
fn Change(row: LimitChange, now: Timestamp) -> impl IntoView {
    let LimitChange { by, from, to, reason, at } = row;
    view! {
        <li class="change">
            <p class="change__what">{format!("{from} → {to}")}</p>
            <Moment at now />
            <p class="change__why">{words(&reason)}</p>
            <p class="change__who">{format!("By {by}")}</p>
        </li>
    }
}
