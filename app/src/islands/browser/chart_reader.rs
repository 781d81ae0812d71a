//! Reads the parts of the chart: each has its words in a `<title>`. The chosen one is marked.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use crate::islands::chart_reader::Read;

const CHOSEN: &str = "data-chosen";

pub(in crate::islands) fn start(read: RwSignal<Option<Read>>) {
    let parts = parts();
    let Some(last) = parts.len().checked_sub(1) else { return };
    read.set(Some(of(&parts, last)));
    let listener = window_event_listener_untyped("pointerover", move |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(target) = target.filter(|target| target.has_attribute("data-part")) else {
            return;
        };
        if let Some(part) = self::parts().iter().position(|part| *part == target) {
            show(read, part);
        }
    });
    on_cleanup(move || listener.remove());
}

/// The reader has chosen a part by its number.
pub(in crate::islands) fn choose(read: RwSignal<Option<Read>>, part: &str) {
    if let Ok(part) = part.parse() {
        show(read, part);
    }
}

fn show(read: RwSignal<Option<Read>>, part: usize) {
    let parts = parts();
    let Some(last) = parts.len().checked_sub(1) else { return };
    let part = part.min(last);
    for (number, element) in parts.iter().enumerate() {
        // fails for names that are no attributes
        let _ = if number == part {
            element.set_attribute(CHOSEN, "")
        } else {
            element.remove_attribute(CHOSEN)
        };
    }
    read.set(Some(of(&parts, part)));
}

fn of(parts: &[Element], part: usize) -> Read {
    let last = parts.len().saturating_sub(1);
    Read {
        words: words(&parts[part]),
        part: number(part),
        last: number(last),
        width: end(&parts[last]),
    }
}

/// Where a part ends, in percent of the chart's width.
fn end(part: &Element) -> f64 {
    let length = |name| part.get_attribute(name)?.parse::<f64>().ok();
    let end = length("x").unwrap_or_default() + length("width").unwrap_or_default();
    let picture = part.closest("svg").ok().flatten();
    let area = picture.and_then(|picture| picture.get_attribute("viewBox")).unwrap_or_default();
    let whole = area.split(' ').nth(2).and_then(|width| width.parse::<f64>().ok());
    whole.map_or(100.0, |whole| 100.0 * end / whole)
}

fn words(part: &Element) -> String {
    part.text_content().unwrap_or_default().trim().to_owned()
}

fn number(part: usize) -> u32 {
    u32::try_from(part).unwrap_or(u32::MAX)
}

fn parts() -> Vec<Element> {
    let Ok(found) = document().query_selector_all("[data-history-chart] [data-part]") else {
        return Vec::new();
    };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}
