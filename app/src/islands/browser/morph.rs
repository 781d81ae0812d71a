//! Fetches the page again and morphs its `<main>` and its sidebar into the open page. Focus, scroll
//! position, typed text, open details and the other islands stay as they are.

use super::{
    order,
    saving::{BUSY, FAILURE},
};
use leptos::prelude::{document, window, window_event_listener_untyped};
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomParser, Element, Event, HtmlInputElement, HtmlOptionElement, HtmlTextAreaElement, Request,
    RequestInit, Response, SupportedType,
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Idiomorph, js_name = morph, catch)]
    fn idiomorph(old: &Element, new: &Element, options: &JsValue) -> Result<JsValue, JsValue>;
}

/// What the window hears when the page has new numbers.
const REFRESHED: &str = "seatkeeper-refreshed";

/// Tells an island, which is not morphed, that the page around it has new numbers.
pub(in crate::islands) fn on_refresh(then: impl Fn() + 'static) {
    // the listener lives as long as the page
    let _ = window_event_listener_untyped(REFRESHED, move |_| then());
}

/// How a refresh ended.
pub(super) enum Refreshed {
    Done,
    /// The server redirects to another page, because the session has ended.
    SignedOut,
    Failed,
}

pub(super) async fn refresh() -> Refreshed {
    match fetch().await {
        Ok(Some(html)) => match replace(&html) {
            Ok(()) => {
                let _ = Event::new(REFRESHED).and_then(|event| window().dispatch_event(&event));
                Refreshed::Done
            }
            Err(_) => Refreshed::Failed,
        },
        Ok(None) => Refreshed::SignedOut,
        Err(_) => Refreshed::Failed,
    }
}

/// Whether the server redirects this page to the sign-in page. Returns false if the server cannot
/// be reached.
pub(super) async fn is_signed_out() -> bool {
    matches!(fetch().await, Ok(None))
}

/// Returns the current page, or `None` if the server redirects (to the sign-in page).
async fn fetch() -> Result<Option<String>, JsValue> {
    let window = leptos::prelude::window();
    let here = window.location().href()?;
    let init = RequestInit::new();
    init.set_method("GET");
    let request = Request::new_with_str_and_init(&here, &init)?;
    request.headers().set("accept", "text/html")?;
    request.headers().set("x-seatkeeper-live", "1")?;
    let response: Response =
        JsFuture::from(window.fetch_with_request(&request)).await?.dyn_into()?;
    if response.redirected() {
        return Ok(None);
    }
    let text = JsFuture::from(response.text()?).await?;
    // also where the other viewer gets no such page
    if is_of_another_viewer(text.as_string().as_deref())? {
        window.location().reload()?;
        return Err(JsValue::NULL);
    }
    if !response.ok() {
        return Err(JsValue::from(response.status()));
    }
    // The reader has followed a link in the meantime.
    if window.location().href()? != here {
        return Err(JsValue::NULL);
    }
    Ok(text.as_string())
}

/// Whether staff began or ended to see an organization as its admin, in this window or another one:
/// then all of the page is another one.
fn is_of_another_viewer(html: Option<&str>) -> Result<bool, JsValue> {
    const BAR: &str = ".view-bar";
    const UNTIL: &str = "data-until";
    let Some(html) = html.filter(|html| html.contains("<main")) else { return Ok(false) };
    let fresh = DomParser::new()?.parse_from_string(html, SupportedType::TextHtml)?;
    let until = |bar: Option<Element>| bar.map(|bar| bar.get_attribute(UNTIL));
    Ok(until(document().query_selector(BAR)?) != until(fresh.query_selector(BAR)?))
}

/// What changes on an open page: its content, the bell, and the numbers of the sidebar.
const PARTS: [&str; 3] = ["main", ".bell", ".sections"];

fn replace(html: &str) -> Result<(), JsValue> {
    let fresh = DomParser::new()?.parse_from_string(html, SupportedType::TextHtml)?;
    if document().title() != fresh.title() {
        document().set_title(&fresh.title());
    }
    let before = Closure::<dyn Fn(JsValue, JsValue) -> bool>::new(|old: JsValue, _: JsValue| {
        may_morph(&old)
    });
    let attribute = Closure::<dyn Fn(String, Element, String) -> bool>::new(
        |name: String, node: Element, _: String| may_change(&name, &node),
    );
    let removed = Closure::<dyn Fn(JsValue) -> bool>::new(|node: JsValue| may_remove(&node));
    let added = Closure::<dyn Fn(JsValue)>::new(|node: JsValue| mark_new(&node));
    let callbacks = js_sys::Object::new();
    set(&callbacks, "beforeNodeMorphed", before.as_ref())?;
    set(&callbacks, "beforeAttributeUpdated", attribute.as_ref())?;
    set(&callbacks, "beforeNodeRemoved", removed.as_ref())?;
    set(&callbacks, "afterNodeAdded", added.as_ref())?;
    let options = js_sys::Object::new();
    // Replaces the whole element: without this option the library takes the new element as the new
    // content of the old one.
    set(&options, "morphStyle", &"outerHTML".into())?;
    set(&options, "ignoreActiveValue", &JsValue::TRUE)?;
    set(&options, "callbacks", &callbacks)?;
    for part in PARTS {
        if let (Some(old), Some(new)) =
            (document().query_selector(part)?, fresh.query_selector(part)?)
        {
            order::keep(&old, &new)?;
            idiomorph(&old, &new, &options)?;
        }
    }
    Ok(())
}

/// Islands are not morphed, and neither is a field that the reader has changed, nor one that says
/// what the reader has seen (`data-seen`). The fields of a form that is `data-whole` belong to the
/// version that it names: all of them stay while the reader is in one or has changed one.
fn may_morph(old: &JsValue) -> bool {
    let Some(element) = old.dyn_ref::<Element>() else { return true };
    if element.local_name() == "leptos-island" || element.has_attribute("data-seen") {
        return false;
    }
    !is_changed(element) && (!element.has_attribute("data-whole") || !is_in_use(element))
}

/// Whether the reader has changed a field.
fn is_changed(element: &Element) -> bool {
    let (input, text) =
        (element.dyn_ref::<HtmlInputElement>(), element.dyn_ref::<HtmlTextAreaElement>());
    input.is_some_and(|input| {
        input.value() != input.default_value() || input.checked() != input.default_checked()
    }) || text.is_some_and(|text| text.default_value().is_ok_and(|first| text.value() != first))
        || element
            .dyn_ref::<HtmlOptionElement>()
            .is_some_and(|option| option.selected() != option.default_selected())
}

/// Whether the reader is in a field of a form, or has changed one.
fn is_in_use(form: &Element) -> bool {
    let active = document().active_element();
    let Ok(fields) = form.query_selector_all("input, textarea, option") else { return false };
    let mut fields = (0..fields.length()).filter_map(|at| fields.item(at)?.dyn_into().ok());
    form.contains(active.as_deref()) || fields.any(|field: Element| is_changed(&field))
}

/// The message that a form was not saved stays.
fn may_remove(node: &JsValue) -> bool {
    node.dyn_ref::<Element>().is_none_or(|element| !element.class_list().contains(FAILURE))
}

/// Details that the reader has opened stay open, the mark of a copied id stays for its time, a form
/// that is being saved stays so, the chosen part of a chart stays chosen, and a new row stays new.
fn may_change(name: &str, node: &Element) -> bool {
    match name {
        "open" => node.local_name() != "details",
        "data-copied" | "data-chosen" | BUSY | "aria-busy" | "aria-disabled" => false,
        "class" => !node.class_list().contains("is-new"),
        _ => true,
    }
}

/// Marks rows that were not there before, so that they can fade in.
fn mark_new(node: &JsValue) {
    if let Some(row) = node
        .dyn_ref::<Element>()
        .filter(|element| matches!(element.local_name().as_str(), "tr" | "li"))
    {
        let _ = row.class_list().add_1("is-new");
    }
}

fn set(object: &js_sys::Object, name: &str, value: &JsValue) -> Result<(), JsValue> {
    js_sys::Reflect::set(object, &name.into(), value).map(|_| ())
}
