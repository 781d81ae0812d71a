//! The latest changes of the seat limit: the old and the new limit, the author, the reason and the
//! time. For staff, who write the reasons for each other.

use domain::time::Timestamp;
use leptos::prelude::*;
use views::LimitChange;

use crate::components::{page_header::Section, relative_time::RelativeTime, words::words};

#[component]
pub(super) fn Changes(rows: Vec<LimitChange>, now: Timestamp) -> impl IntoView {
    (!rows.is_empty()).then(move || {
        let rows = rows.into_iter().map(|row| view! { <Change row now /> }).collect_view();
        view! {
            <Section title="Limit changes">
                <ol class="changes">{rows}</ol>
            </Section>
        }
    })
}

#[component]
fn Change(row: LimitChange, now: Timestamp) -> impl IntoView {
    let LimitChange { by, from, to, reason, at } = row;
    view! {
        <li class="change">
            <p class="change__what">{format!("{from} → {to}")}</p>
            <RelativeTime at now />
            <p class="change__why">{words(&reason)}</p>
            <p class="change__who">{format!("By {by}")}</p>
        </li>
    }
}
