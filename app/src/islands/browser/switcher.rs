//! What the organization switcher needs of the browser.

use js_sys::{Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::HtmlElement;

#[wasm_bindgen]
extern "C" {
    type Row;
    #[wasm_bindgen(method, js_name = scrollIntoView)]
    fn scroll_into_view(this: &Row, options: &Object);
}

/// Whether the panel was opened just now; then the reader types into its field. When it was closed
/// and nothing outside it has the focus, the opener gets it back: the browser does that itself only
/// for a panel that is not inside another one.
pub(in crate::islands) fn is_open(panel: &str, field: &str, opener: &str) -> bool {
    let is_open = element(panel)
        .is_some_and(|panel| panel.matches(":popover-open").is_ok_and(|is_open| is_open));
    let is_outside = document().active_element().is_some_and(|focused| {
        let inside = focused.closest(&format!("#{panel}"));
        focused.tag_name() != "BODY" && inside.is_ok_and(|inside| inside.is_none())
    });
    let next = if is_open { Some(field) } else { (!is_outside).then_some(opener) };
    if let Some(next) = next.and_then(element) {
        let _ = next.focus(); // fails for elements that cannot have it
    }
    is_open
}

/// Scrolls as little as is needed to see a row.
pub(in crate::islands) fn show(id: &str) {
    let (Some(row), options) = (element(id), Object::new()) else { return };
    // fails for frozen objects
    let _ = Reflect::set(&options, &"block".into(), &"nearest".into());
    row.unchecked_into::<Row>().scroll_into_view(&options);
}

pub(in crate::islands) fn follow(href: &str) {
    let _ = window().location().set_href(href); // fails for what is no address
}

fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
