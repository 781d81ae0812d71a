//! Loads the bundle and hydrates the islands, as leptos's `HydrationScripts` does. In leptos 0.8.23
//! that component writes the nonce into `crossorigin` attributes, where a script or a style can
//! read it, and its script waits until the browser is idle, without a limit.

use leptos::prelude::*;

/// The outer islands come first: `querySelectorAll` gives them in the order of the document.
const HYDRATE: &str = r#"
import start, * as bundle from "/pkg/seatkeeper.js";
await start({ module_or_path: "/pkg/seatkeeper_bg.wasm" });
bundle.hydrate();
for (const island of document.querySelectorAll("leptos-island")) await bundle[island.dataset.component]?.(island);
"#;

#[component]
pub fn Hydration() -> impl IntoView {
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false); // only what is inside an island is hydrated
    }
    let nonce = leptos::nonce::use_nonce();
    view! {
        <link rel="modulepreload" href="/pkg/seatkeeper.js" nonce=nonce.clone() />
        <link
            rel="preload"
            href="/pkg/seatkeeper_bg.wasm"
            r#as="fetch"
            r#type="application/wasm"
            crossorigin=""
        />
        <script type="module" nonce=nonce>
            {HYDRATE}
        </script>
    }
}
