//! Times on the reader's clock. The server writes them in UTC and relative to now; what is older
//! than an hour gets the reader's day and hour, an exact one also its second, and every tooltip has
//! both zones.

use js_sys::Date;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::morph::on_refresh;

/// Between the zones of a tooltip.
const BETWEEN: &str = " · ";
/// From this age on a time is no longer relative, in milliseconds.
const HOUR: f64 = 3_600_000.0;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(in crate::islands) fn start() {
    translate();
    on_refresh(translate);
}

fn translate() {
    let Ok(times) = document().query_selector_all("time.relative-time") else { return };
    for at in 0..times.length() {
        if let Some(time) = times.item(at).and_then(|node| node.dyn_into().ok()) {
            show(&time);
        }
    }
}

fn show(time: &Element) {
    let Some(at) = time.get_attribute("datetime") else { return };
    let (then, now) = (Date::new(&at.as_str().into()), Date::new_0());
    if then.get_time().is_nan() {
        return;
    }
    if time.has_attribute("data-exact") {
        time.set_text_content(Some(&exact(&then, &now)));
    } else if now.get_time() - then.get_time() >= HOUR {
        time.set_text_content(Some(&short(&then, &now)));
    }
    let utc = time.get_attribute("title").filter(|title| title.ends_with("UTC"));
    if let Some(utc) = utc.filter(|utc| !utc.contains(BETWEEN)) {
        let (day, year, clock) = (day(&then), then.get_full_year(), clock(&then));
        let both = format!("{day} {year}, {clock} here{BETWEEN}{utc}");
        // If this fails, the tooltip has one zone
        let _ = time.set_attribute("title", &both);
    }
}

/// `10:02`, `28 Nov, 10:02`, `28 Nov 2024`
fn short(then: &Date, now: &Date) -> String {
    if then.get_full_year() != now.get_full_year() {
        return format!("{} {}", day(then), then.get_full_year());
    }
    if day(then) == day(now) {
        return clock(then);
    }
    format!("{}, {}", day(then), clock(then))
}

/// `28 Nov, 10:02:07`, `28 Nov 2024, 10:02:07`
fn exact(then: &Date, now: &Date) -> String {
    let year = if then.get_full_year() == now.get_full_year() {
        String::new()
    } else {
        format!(" {}", then.get_full_year())
    };
    format!("{}{year}, {}:{:02}", day(then), clock(then), then.get_seconds())
}

fn day(at: &Date) -> String {
    let month = usize::try_from(at.get_month()).ok().and_then(|month| MONTHS.get(month));
    format!("{} {}", at.get_date(), month.copied().unwrap_or_default())
}

/// The hour and the minute.
pub(super) fn clock(at: &Date) -> String {
    format!("{:02}:{:02}", at.get_hours(), at.get_minutes())
}
