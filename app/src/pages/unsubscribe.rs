//! The end of digests, from the link in one of them. It needs no sign-in.

use domain::preference::Period;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    components::page_header::PageHeader,
    pages::Missing,
    paths,
    server_fns::{self, load_unsubscribe},
};

#[component]
pub fn Unsubscribe() -> impl IntoView {
    let token = paths::asked_token();
    let asked = token.clone();
    let digest = Resource::new(|| (), move |()| load_unsubscribe(asked.clone()));
    let content = move || {
        let token = token.clone();
        Suspend::new(async move {
            match digest.await {
                Ok((period, true)) => view! { <Ask period token /> }.into_any(),
                Ok((period, false)) => view! { <Done period /> }.into_any(),
                Err(_) => view! { <Missing /> }.into_any(),
            }
        })
    };
    view! { <Suspense>{content}</Suspense> }
}

fn word(period: Period) -> &'static str {
    match period {
        Period::Daily => "daily",
        Period::Weekly => "weekly",
    }
}

#[component]
fn Ask(period: Period, token: String) -> impl IntoView {
    view! {
        <PageHeader
            title="Get no more digests"
            sentence=format!(
                "What was in your {} digest is then sent to you no more. You find it in Seatkeeper.",
                word(period),
            )
        />
        <form method="post" action=server_fns::Unsubscribe::url()>
            <input type="hidden" name="token" value=token />
            <button class="button button--main" type="submit">
                "Get no more digests"
            </button>
        </form>
    }
}

#[component]
fn Done(period: Period) -> impl IntoView {
    view! {
        <PageHeader title="Done" sentence=format!("You get no more {} digests.", word(period)) />
        <p>
            <a class="button" href=paths::PREFERENCES>
                "Choose what you get"
            </a>
        </p>
    }
}
