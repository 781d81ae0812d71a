//! How far something has come: a bar, and the same in words.

use leptos::prelude::*;

/// `told` is what is read aloud. Without a total the bar says only that something is under way.
#[component]
pub fn Progress(label: &'static str, done: i64, total: Option<i64>, told: String) -> impl IntoView {
    let total = total.filter(|total| *total > 0);
    let max = total.map(|total| total.to_string());
    let value = total.map(|total| done.clamp(0, total).to_string());
    let read = told.clone();
    view! { <progress class="progress" max=max value=value aria-label=label aria-valuetext=read>{told}</progress> }
}
