//! A key that was made a moment ago. It is shown now and never again.

use domain::{id::ApiKeyId, time::Timestamp};
use leptos::prelude::*;
use views::api_keys::{ApiKeyRow, MadeKey};

use super::words::{may, reaches};
use crate::{
    components::{
        description_list::{DescriptionList, Entry},
        empty_state::EmptyState,
        id::Id,
        page_data::loaded,
        page_header::PageHeader,
        shown_once::ShownOnce,
        words::words,
    },
    paths,
    query::Query,
    server_fns::load_made_key,
};

#[component]
pub fn MadeApiKey() -> impl IntoView {
    let old = ApiKeyId::parse(Query::of_request().text("old"));
    loaded(
        move || load_made_key(old.clone()),
        |_, made| match made {
            Some((made, text)) => view! { <Made made text /> }.into_any(),
            None => view! { <Gone /> }.into_any(),
        },
    )
}

#[component]
fn Made(made: MadeKey, text: String) -> impl IntoView {
    let MadeKey { key, old, .. } = made;
    let ends = key.expires_at.map_or_else(|| "No end".to_owned(), Timestamp::exact);
    view! {
        <Crumb />
        <PageHeader
            title="Your new API key"
            sentence="Keep it now: it is shown this once. Seatkeeper stores only its hash."
        />
        <ShownOnce label="API key" secret=text />
        {old.map(|old| view! { <Replaced old /> })}
        <div class="settings">
            <DescriptionList>
                <Entry word="Name">{words(&key.name)}</Entry>
                <Entry word="Id">
                    <Id text=key.id.to_string() whole=true />
                </Entry>
                <Entry word="May">{may(&key.scopes)}</Entry>
                <Entry word="Reaches">{reaches(key.organization)}</Entry>
                <Entry word="Works until">{ends}</Entry>
            </DescriptionList>
            <p class="quiet shown-once__use">
                "A program sends it with each call: " <code>"Authorization: Bearer sk_…"</code>
            </p>
            <div class="form__actions">
                <a class="button button--main" href=paths::API_KEYS>
                    "I have kept it"
                </a>
            </div>
        </div>
    }
}

/// For how long the old key works beside the new one.
#[component]
fn Replaced(old: ApiKeyRow) -> impl IntoView {
    let says = match old.expires_at.filter(|_| old.state.works()) {
        Some(at) => format!(
            "The old key works until {}. Give the program the new one before then.",
            at.exact()
        ),
        None => "The old key works no more. Give the program the new one now.".to_owned(),
    };
    view! { <p class="shown-once__use">{says}</p> }
}

#[component]
fn Gone() -> impl IntoView {
    view! {
        <Crumb />
        <PageHeader title="Your new API key" sentence="It was shown once, when it was made." />
        <EmptyState title="No key to show">
            "If you did not keep it, rotate it: " <a href=paths::API_KEYS>"API keys"</a>
        </EmptyState>
    }
}

#[component]
fn Crumb() -> impl IntoView {
    view! {
        <p class="crumb">
            <a href=paths::API_KEYS>"API keys"</a>
        </p>
    }
}
