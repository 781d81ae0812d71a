//! A progress bar with the same information in words.

use leptos::prelude::*;

/// `told` is the text for screen readers. Without a total the bar only shows that work is in
/// progress.
#[component]
pub fn Progress(label: &'static str, done: i64, total: Option<i64>, text: String) -> impl IntoView {
    let total = total.filter(|total| *total > 0);
    let max = total.map(|total| total.to_string());
    let value = total.map(|total| done.clamp(0, total).to_string());
    let read = text.clone();
    view! {
        <progress class="progress" max=max value=value aria-label=label aria-valuetext=read>
            {text}
        </progress>
    }
}
