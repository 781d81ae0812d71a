//! Clears the open page when the session ends, so that its content is neither visible nor behind
//! the back button.

use leptos::prelude::{document, window, window_event_listener_untyped};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{Event, PageTransitionEvent};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = encodeURIComponent)]
    fn encoded(text: &str) -> String;
}

const TITLE: &str = "Signed out · Seatkeeper";
/// The content of the page from then on. Nothing in it comes from outside.
const SIGNED_OUT: &str = r#"<main class="main" id="main" tabindex="-1">
  <div class="refused" role="alert">
    <header class="page-header"><div class="page-header__words">
      <h1 class="page-header__title">You have been signed out</h1>
      <p class="page-header__sentence">What this page showed is no longer here. Sign in again to go on.</p>
    </div></header>
    <p><a class="button button--main" href="/sign-in">Sign in</a></p>
  </div>
</main>"#;

/// Replaces the whole page with the message that the session has ended.
pub(super) fn cover() {
    let Some(body) = document().body() else { return };
    body.set_inner_html(SIGNED_OUT);
    document().set_title(TITLE);
    let link = body.query_selector("a").ok().flatten();
    if let (Some(link), Ok(next)) = (link, here()) {
        // Without this, the plain link leads to the sign-in, too
        let _ = link.set_attribute("href", &format!("/sign-in?next={}", encoded(&next)));
    }
}

fn here() -> Result<String, JsValue> {
    let location = window().location();
    Ok(location.pathname()? + &location.search()?)
}

/// Hides the page when the browser keeps it for the back button, and reloads it when the reader
/// comes back.
pub(super) fn watch_the_way_back() {
    window_event_listener_untyped("pagehide", |_| set_away(true));
    window_event_listener_untyped("pageshow", |event: Event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            let _ = window().location().reload(); // if this fails, the page stays hidden
        }
    });
}

fn set_away(away: bool) {
    if let Some(html) = document().document_element() {
        // A failure does not matter: the page is being left
        let _ = html.toggle_attribute_with_force("data-away", away);
    }
}
