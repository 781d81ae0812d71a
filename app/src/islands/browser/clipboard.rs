//! A click on a button with `data-copy` copies the value of that attribute.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::{Element, Event};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["navigator", "clipboard"], js_name = writeText, catch)]
    fn write_text(text: &str) -> Result<js_sys::Promise, JsValue>;
}

pub(in crate::islands) fn start() {
    let listener = window_event_listener_untyped("click", |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(button) = target.and_then(|element| element.closest("[data-copy]").ok().flatten())
        else {
            return;
        };
        if let Some(text) = button.get_attribute("data-copy") {
            copy(&button, &text);
        }
    });
    on_cleanup(move || listener.remove());
}

fn copy(button: &Element, text: &str) {
    let Ok(promise) = write_text(text) else { return };
    let button = button.clone();
    wasm_bindgen_futures::spawn_local(async move {
        if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
            let _ = button.set_attribute("data-copied", "");
            set_timeout(
                move || button.remove_attribute("data-copied").unwrap_or_default(),
                std::time::Duration::from_millis(1_200),
            );
        }
    });
}
