//! The Leptos part: pages, the server functions behind them, and the islands that run in the
//! browser. `shell` is the HTML document, and `App` is the layout around the routing table of
//! `routes`.
#![recursion_limit = "256"]

#[cfg(feature = "ssr")]
mod api;
mod asked;
#[cfg(feature = "ssr")]
pub mod assets;
mod components;
mod csv_paths;
#[cfg(feature = "ssr")]
pub mod export;
mod forms;
#[cfg(feature = "ssr")]
mod headers;
mod hydration;
mod islands;
mod pages;
pub mod paths;
mod percent;
#[cfg(feature = "ssr")]
mod previews;
mod query;
#[cfg(feature = "ssr")]
mod request_owner;
#[cfg(feature = "ssr")]
pub mod router;
mod routes;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod single_sign_on;
#[cfg(feature = "ssr")]
mod uploads;
#[cfg(feature = "ssr")]
mod view_guard;

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::Router;

use crate::{
    components::{layout::Layout, page_header::document_title},
    query::Query,
    routes::Table,
    server_fns::answer,
};

/// The HTML document around every page.
pub fn shell() -> impl IntoView {
    let nonce = leptos::nonce::use_nonce();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=answer::theme()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link
                    rel="preload"
                    href="/fonts/hanken-grotesk-latin-5.woff2"
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin=""
                />
                <link rel="stylesheet" href="/pkg/seatkeeper.css" />
                <hydration::Hydration />
                <script defer src="/vendor/idiomorph-0.8.0.min.js" nonce=nonce></script>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let is_refused = Query::of_request().get("refused").is_some();
    view! {
        <Title formatter=move |page: String| document_title(&page, is_refused) />
        <Router>
            <Layout>
                <Table />
            </Layout>
        </Router>
    }
}
