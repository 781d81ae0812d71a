//! The end of a session, on the page that is open: nothing of what it showed stays, neither in sight nor behind the back button.

use leptos::prelude::{document, window, window_event_listener_untyped};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{Event, PageTransitionEvent};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = encodeURIComponent)]
    fn encoded(text: &str) -> String;
}

const TITLE: &str = "Signed out · Seatkeeper";
/// The whole of the page from then on. Nothing in it comes from outside.
const SIGNED_OUT: &str = r#"<main class="main" id="main" tabindex="-1">
  <div class="refused" role="alert">
    <header class="head"><div class="head__words">
      <h1 class="head__title">You have been signed out</h1>
      <p class="head__sentence">What this page showed is no longer here. Sign in again to go on.</p>
    </div></header>
    <p><a class="button button--main" href="/sign-in">Sign in</a></p>
  </div>
</main>"#;

/// Takes everything off the page and says why.
pub(super) fn cover() {
    let Some(body) = document().body() else { return };
    body.set_inner_html(SIGNED_OUT);
    document().set_title(TITLE);
    let link = body.query_selector("a").ok().flatten();
    if let (Some(link), Ok(next)) = (link, here()) {
        let _ = link.set_attribute("href", &format!("/sign-in?next={}", encoded(&next))); // the plain link leads there, too
    }
}

fn here() -> Result<String, JsValue> {
    let location = window().location();
    Ok(location.pathname()? + &location.search()?)
}

/// A page that the browser kept to go back to is hidden while it is away, and asks anew when it comes back.
pub(super) fn watch_the_way_back() {
    window_event_listener_untyped("pagehide", |_| set_away(true));
    window_event_listener_untyped("pageshow", |event: Event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            let _ = window().location().reload(); // it stays hidden
        }
    });
}

fn set_away(away: bool) {
    if let Some(html) = document().document_element() {
        let _ = html.toggle_attribute_with_force("data-away", away); // the page is leaving anyway
    }
}
