//! Recovery codes that were made a moment ago. They are shown now and never again.

use leptos::prelude::*;

use crate::{
    components::{empty_state::EmptyState, page_data::loaded, page_header::PageHeader},
    paths,
    percent::encoded,
    query::Query,
    server_fns::load_recovery_codes,
};

#[component]
pub fn RecoveryCodes() -> impl IntoView {
    let query = Query::of_request();
    let next = query.get("next").and_then(paths::local_path).unwrap_or(paths::HOME).to_owned();
    loaded(load_recovery_codes, move |_, codes| {
        let next = next.clone();
        if codes.is_empty() {
            return view! { <Gone /> }.into_any();
        }
        view! { <Codes codes next /> }.into_any()
    })
}

#[component]
fn Codes(codes: Vec<String>, next: String) -> impl IntoView {
    let text = format!("Seatkeeper recovery codes. Each works once.\n\n{}\n", codes.join("\n"));
    let file = format!("data:text/plain;charset=utf-8,{}", encoded(&text));
    let rows: Vec<_> = codes.into_iter().map(|code| view! { <li>{code}</li> }).collect();
    view! {
        <PageHeader
            title="Your recovery codes"
            sentence="Keep them now: they are shown this once. Each of them opens your account once, if you lose your phone."
        />
        <ol class="recovery-codes" aria-label="Recovery codes">
            {rows}
        </ol>
        <div class="form__actions">
            <a class="button" href=file download="seatkeeper-recovery-codes.txt">
                "Download as text"
            </a>
            <a class="button button--main" href=next>
                "I have kept them"
            </a>
        </div>
        <p class="quiet">"You can print this page, too."</p>
    }
}

#[component]
fn Gone() -> impl IntoView {
    view! {
        <PageHeader
            title="Your recovery codes"
            sentence="They were shown once, when they were made."
        />
        <EmptyState title="No codes to show">
            "If you did not keep them, make new ones: " <a href=paths::FACTORS>"Second step"</a>
        </EmptyState>
    }
}
