//! The API keys: which ones there are, a form that makes one, and the page that shows it once.
//! Staff admins only.

mod form;
mod made;
mod rows;
mod words;

use domain::id::ApiKeyId;
use leptos::prelude::*;
use views::api_keys::ApiKeysPage;

pub use self::made::MadeApiKey;
use self::{form::KeyForm, rows::Rows};
use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        confirm_first::{confirm_first, confirmed},
        empty_state::EmptyState,
        export_csv::ExportCsv,
        page_data::loaded,
        page_header::PageHeader,
        pagination::{KeysetPagination, KeysetWords},
        settings_parts::SettingsParts,
    },
    csv_paths, paths,
    query::{Query, Sent},
    server_fns::load_api_keys,
};

#[component]
pub fn ApiKeys() -> impl IntoView {
    let query = Query::of_request();
    let before: Option<ApiKeyId> = query.read();
    loaded(
        move || load_api_keys(before.clone()),
        move |_, page| view! { <Page page query=query.clone() /> }.into_any(),
    )
}

fn told(done: &str) -> Option<(&'static str, &'static str)> {
    Some(match done {
        "revoked" => ("The key was revoked.", "It opens nothing from now on, in every process."),
        "same" => ("Nothing was changed.", "The key was revoked already."),
        _ => return None,
    })
}

#[component]
fn Page(page: ApiKeysPage, query: Query) -> impl IntoView {
    let sent = Sent::of(&query);
    let proof = confirm_first(&query, paths::API_KEYS).or_else(|| confirmed(&query));
    // a field of a row is on this page only if the row is
    let is_row_here = page.rows.iter().any(|row| row.id.as_str() == query.text("key"));
    let of_a_row = sent.beside("rotate", "hours").filter(|_| !is_row_here);
    let refused = sent.above().or(of_a_row).filter(|_| proof.is_none()).map(|refused| {
        view! {
            <Banner tone=Tone::Act title="Nothing was changed.".to_owned()>
                {refused}
            </Banner>
        }
    });
    let told = told(query.text("done")).map(|(title, text)| {
        view! {
            <Banner tone=Tone::Calm title=title.to_owned()>
                {text}
            </Banner>
        }
    });
    let is_empty = page.rows.is_empty() && page.page.is_first();
    // below a long list the form is out of sight
    let to_form = (!is_empty).then(|| {
        view! {
            <a class="button" href="#new">
                "Make a key"
            </a>
        }
    });
    let list = if is_empty {
        view! {
            <EmptyState title="No API key yet">
                "Make one below for each program that calls the API: then each can end alone."
            </EmptyState>
        }
        .into_any()
    } else {
        let says = KeysetWords::of(&page.page, page.rows.len(), ("key", "keys"));
        let path = |before: Option<ApiKeyId>| paths::api_keys(before.as_ref());
        view! {
            <Rows page=page.clone() sent=sent.clone() />
            <KeysetPagination page=page.page.clone() words=says path />
            <ExportCsv href=csv_paths::api_keys() />
        }
        .into_any()
    };
    view! {
        <div class="members">
            <SettingsParts here=paths::API_KEYS />
            <PageHeader
                title="API keys"
                sentence="With a key a program calls the API. The audit log names the key for all that it changes."
            >
                {to_form}
            </PageHeader>
            <Banners>{told} {refused} {proof}</Banners>
            {list}
            <KeyForm sent organizations=page.organizations />
        </div>
    }
}
