//! Sends the forms of the page with `fetch`. The button says that the form is being saved, a second
//! click changes nothing, and if the server does not answer, the page stays with everything that
//! was typed. Without this script the browser sends the same forms itself.

use leptos::prelude::{document, window, window_event_listener_untyped};
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event, HtmlElement, HtmlFormElement, Request, RequestInit, Response};

use crate::forms::{LEADS_TO, SENT_BY_SCRIPT};

#[wasm_bindgen]
extern "C" {
    type FormData;
    #[wasm_bindgen(constructor, catch)]
    fn new(form: &HtmlFormElement, button: Option<&HtmlElement>) -> Result<FormData, JsValue>;

    #[wasm_bindgen(js_name = URLSearchParams)]
    type UrlSearchParams;
    #[wasm_bindgen(constructor, js_class = "URLSearchParams", catch)]
    fn new(data: &FormData) -> Result<UrlSearchParams, JsValue>;
}

/// On the button while its form is being saved, with the words that it shows.
pub(super) const BUSY: &str = "data-busy";
/// The class of the message that a form was not saved.
pub(super) const FAILURE: &str = "form__failure";

const NO_ANSWER: &str = "No answer from Seatkeeper: this may not be saved. What you typed is still here. Try again in a moment.";
const BUSY_SERVER: &str = "Not saved: Seatkeeper has too much to do right now. What you typed is still here. Try again in a moment.";
const GONE: &str = "Not saved: this is not here any more, or you may not change it.";
const ONLY_READS: &str =
    "Not saved: you see this organization as its admin, and can only read. End the view first.";
const SIGNED_OUT: &str =
    "Not saved: you have been signed out. Sign in in another window, then save again here.";
const UNREADABLE: &str = "Not saved: the text is too long, or has characters that cannot be saved. What you typed is still here.";
const BROKEN: &str = "Not saved: something went wrong on our side. What you typed is still here. Try again in a moment.";

/// In the address after an error that is no refusal: the error as JSON, in base64.
const ERROR: &str = "__err=";

pub(in crate::islands) fn start() {
    let listener = window_event_listener_untyped("submit", |event: Event| {
        if let Some(form) = Form::submitted(&event) {
            event.prevent_default();
            if !form.is_busy() {
                wasm_bindgen_futures::spawn_local(form.save());
            }
        }
    });
    std::mem::forget(listener); // it lives as long as the page
}

/// A form of the page's content that a person has submitted.
struct Form {
    form: HtmlFormElement,
    button: Option<HtmlElement>,
}

impl Form {
    fn submitted(event: &Event) -> Option<Self> {
        let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
        let button = js_sys::Reflect::get(event, &"submitter".into()).ok()?;
        let button: Option<HtmlElement> = button.dyn_into().ok();
        // A field can have the name `method`, so the attribute is read and not the property.
        let method = button
            .as_ref()
            .and_then(|button| button.get_attribute("formmethod"))
            .or_else(|| form.get_attribute("method"))?;
        let is_ours = !event.default_prevented()
            && method.eq_ignore_ascii_case("post")
            && form.closest("main").is_ok_and(|main| main.is_some());
        is_ours.then_some(Self { form, button })
    }

    fn has_file(&self) -> bool {
        self.form.get_attribute("enctype").is_some_and(|kind| kind == "multipart/form-data")
    }

    fn is_busy(&self) -> bool {
        self.form.has_attribute("aria-busy")
    }

    async fn save(self) {
        self.set_busy(true);
        self.tell(None);
        match self.send().await.map(|answer| outcome(&answer)) {
            // The page that the answer leads to is loaded; until then the button stays busy.
            Ok(Ok(page)) => {
                let _ = window().location().assign(&page);
                return;
            }
            Ok(Err(why)) => self.tell(Some(why)),
            Err(_) => self.tell(Some(NO_ANSWER)),
        }
        self.set_busy(false);
    }

    async fn send(&self) -> Result<Response, JsValue> {
        let data = FormData::new(&self.form, self.button.as_ref())?;
        let init = RequestInit::new();
        init.set_method("POST");
        if self.has_file() {
            init.set_body(&data);
        } else {
            let fields = UrlSearchParams::new(&data)?;
            init.set_body(&fields);
        }
        let action = self.form.get_attribute("action").unwrap_or_default();
        let request = Request::new_with_str_and_init(&action, &init)?;
        request.headers().set("accept", "text/html")?;
        request.headers().set(SENT_BY_SCRIPT, "yes")?;
        JsFuture::from(window().fetch_with_request(&request)).await?.dyn_into()
    }

    fn set_busy(&self, busy: bool) {
        let set = |element: &Element, name: &str, value: &str| {
            let _ = if busy {
                element.set_attribute(name, value)
            } else {
                element.remove_attribute(name)
            };
        };
        set(&self.form, "aria-busy", "true");
        if let Some(button) = &self.button {
            set(button, "aria-disabled", "true");
            set(button, BUSY, if self.has_file() { "Sending…" } else { "Saving…" });
        }
    }

    /// Shows why the form was not saved, in place of an earlier message.
    fn tell(&self, why: Option<&str>) {
        if let Ok(Some(earlier)) = self.form.query_selector(&format!(".{FAILURE}")) {
            earlier.remove();
        }
        let Some(why) = why else { return };
        let Ok(message) = document().create_element("p") else { return };
        message.set_class_name(FAILURE);
        let _ = message.set_attribute("role", "alert");
        message.set_text_content(Some(why));
        let _ = self.form.append_with_node_1(&message);
    }
}

/// The page that an answer leads to, or why the form was not saved.
fn outcome(answer: &Response) -> Result<String, &'static str> {
    let page = answer.headers().get(LEADS_TO).ok().flatten();
    match (page, answer.status()) {
        (Some(page), _) => match page.split_once(ERROR) {
            Some((_, error)) => Err(told(error)),
            None => Ok(page),
        },
        (None, 403) => Err(ONLY_READS),
        (None, 404) => Err(GONE),
        (None, 400 | 413 | 414 | 431) => Err(UNREADABLE),
        (None, 408 | 502 | 504) => Err(NO_ANSWER),
        (None, 429 | 503) => Err(BUSY_SERVER),
        (None, _) => Err(BROKEN),
    }
}

/// What an error in an address means for the form.
fn told(error: &str) -> &'static str {
    let error = error.split(['&', '#']).next().unwrap_or_default();
    let error = error.replace('-', "+").replace('_', "/").replace("%3D", "=");
    let error = window().atob(&error).unwrap_or_default();
    let named = |name: &str| error.starts_with(&format!("\"{name}\""));
    match () {
        () if named("SignIn") => SIGNED_OUT,
        () if named("Missing") => GONE,
        () if named("Busy") || named("TooSlow") => BUSY_SERVER,
        () if named("Unreadable") => UNREADABLE,
        () => BROKEN,
    }
}
