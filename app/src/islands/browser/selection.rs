//! Counts the boxes that the reader has checked; the box with `data-choose-page` checks or clears
//! the boxes of all rows.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

pub(in crate::islands) fn start(chosen: RwSignal<i64>) {
    chosen.set(count());
    let listener = window_event_listener_untyped("change", move |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(target) = target else { return };
        if target.has_attribute("data-choose-page") {
            for row in boxes() {
                row.set_checked(target.checked());
            }
        }
        chosen.set(count());
    });
    on_cleanup(move || listener.remove());
}

fn count() -> i64 {
    let checked = boxes().into_iter().filter(HtmlInputElement::checked).count();
    i64::try_from(checked).unwrap_or(i64::MAX)
}

fn boxes() -> Vec<HtmlInputElement> {
    let Ok(found) = document().query_selector_all("main tbody input[name=user]") else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.item(at)?.dyn_into::<Element>().ok()?.dyn_into().ok())
        .collect()
}
