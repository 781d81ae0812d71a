//! The code that the browser loads: it hydrates the islands of a page that the server has already
//! rendered.

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    let _ = app::App; // keeps the islands of the app crate linked in
    leptos::mount::hydrate_islands();
}
