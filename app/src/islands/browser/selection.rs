//! Counts the boxes that the reader has checked; the box with `data-choose-page` checks or clears
//! the boxes of all rows. The buttons of the form work once a person is chosen.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use super::morph::on_refresh;

pub(in crate::islands) fn start(chosen: RwSignal<i64>) {
    let count_again = move || {
        let count = count();
        chosen.set(count);
        enable_buttons(count > 0 || is_everyone_chosen());
    };
    count_again();
    on_refresh(count_again);
    let listener = window_event_listener_untyped("change", move |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(target) = target else { return };
        if target.has_attribute("data-choose-page") {
            for row in boxes() {
                row.set_checked(target.checked());
            }
        }
        count_again();
    });
    on_cleanup(move || listener.remove());
}

fn is_everyone_chosen() -> bool {
    document().query_selector("main input[name=all]:checked").is_ok_and(|found| found.is_some())
}

fn enable_buttons(enabled: bool) {
    let Ok(found) = document().query_selector_all("main .waitlist__buttons button") else { return };
    for at in 0..found.length() {
        if let Some(button) = found.item(at).and_then(|node| node.dyn_into::<Element>().ok()) {
            // If this fails, the button leads to a page that says that no person is chosen
            let _ = if enabled {
                button.remove_attribute("disabled")
            } else {
                button.set_attribute("disabled", "")
            };
        }
    }
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
