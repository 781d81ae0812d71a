//! The factors of the reader's own account.

use domain::{factor::RecoveryCode, organization::SeatLimit};
use leptos::{prelude::*, server_fn::ServerFn};
use views::factors::FactorsPage;

use super::passkeys::{Passkeys, name_refusal};
use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        confirm_first::{confirm_first, confirmed},
        page_data::loaded,
        page_header::PageHeader,
    },
    paths,
    query::Query,
    server_fns::{BeginApp, MakeRecoveryCodes, RemoveApp, load_factors},
};

#[component]
pub fn Factors() -> impl IntoView {
    let query = Query::of_request();
    loaded(load_factors, move |_, page| view! { <Page page query=query.clone() /> }.into_any())
}

fn told(saved: &str) -> Option<(&'static str, &'static str)> {
    Some(match saved {
        "app" => ("The app was added.", "Signing in asks for its code from now on."),
        "app-removed" => ("The app was removed.", "Your other sessions have ended."),
        "passkey" => (
            "The passkey was added.",
            "It opens your account without a password. With the password, a second step is asked for.",
        ),
        "passkey-renamed" => ("The passkey was renamed.", "It works as before."),
        "passkey-removed" => ("The passkey was removed.", "Your other sessions have ended."),
        "same" => ("Nothing was changed.", "It is so already."),
        _ => return None,
    })
}

#[component]
fn Page(page: FactorsPage, query: Query) -> impl IntoView {
    let told = told(query.text("saved")).map(|(title, text)| {
        view! {
            <Banner tone=Tone::Calm title=title.to_owned()>
                {text}
            </Banner>
        }
    });
    let proof = confirm_first(&query, paths::FACTORS).or_else(|| confirmed(&query));
    let is_elsewhere = proof.is_some() || name_refusal(&query).is_some();
    let refused = query.refusal(SeatLimit::NotSet).filter(|_| !is_elsewhere);
    let refused = refused.map(|refused| {
        view! {
            <Banner tone=Tone::Act title="Nothing was changed.".to_owned()>
                {refused.to_string()}
            </Banner>
        }
    });
    let sentence = if page.factors.is_any() {
        "Signing in needs more than your password."
    } else if page.is_needed {
        "Your password alone is not enough here: add a passkey, or set up an app."
    } else {
        "Your password alone opens your account. With a passkey or an app, a stolen password opens nothing."
    };
    let codes = page.factors.is_any().then(|| view! { <Codes left=page.factors.codes_left /> });
    view! {
        <div class="settings">
            <p class="crumb">
                <a href=paths::ACCOUNT>"Your account"</a>
            </p>
            <PageHeader title="Second step" sentence />
            <Banners>{told} {refused} {proof}</Banners>
            <Passkeys page=page.clone() query />
            <App page=page.clone() />
            {codes}
        </div>
    }
}

#[component]
fn App(page: FactorsPage) -> impl IntoView {
    let form = if page.factors.has_app {
        let is_last = page.is_needed && page.passkeys.is_empty();
        view! { <RemoveTheApp is_last is_only=page.passkeys.is_empty() /> }.into_any()
    } else {
        view! {
            <form class="form__actions" method="post" action=BeginApp::url()>
                <button class="button" type="submit">
                    "Set up an app"
                </button>
            </form>
        }
        .into_any()
    };
    let says = if page.factors.has_app {
        "An app is set up. Each sign-in with your password asks for the code that it shows."
    } else {
        "An app on your phone shows another code every 30 seconds; each sign-in with your password asks for it."
    };
    view! {
        <section class="card" aria-label="Authenticator app">
            <h2 class="card__title">"Authenticator app"</h2>
            <p>{says}</p>
            {form}
        </section>
    }
}

#[component]
fn RemoveTheApp(
    /// It has to stay.
    is_last: bool,
    /// There is no other factor.
    is_only: bool,
) -> impl IntoView {
    if is_last {
        return view! {
            <p class="quiet">
                "Staff need a second step here, so it stays. For a new phone, ask another staff admin to take it away; the next sign-in then sets up another one."
            </p>
        }
        .into_any();
    }
    let says = if is_only {
        "Your password alone opens your account then, and your recovery codes work no more. Your other sessions end."
    } else {
        "After your password you need a passkey or a recovery code then. Your other sessions end."
    };
    view! {
        <details class="members__remove">
            <summary>"Remove the app …"</summary>
            <p class="quiet">{says}</p>
            <form method="post" action=RemoveApp::url()>
                <button class="button button--danger" type="submit">
                    "Remove the app"
                </button>
            </form>
        </details>
    }
    .into_any()
}

#[component]
fn Codes(left: i64) -> impl IntoView {
    view! {
        <section class="card" aria-label="Recovery codes">
            <h2 class="card__title">"Recovery codes"</h2>
            <p>
                {format!("{left} of {} left. ", RecoveryCode::COUNT)}
                "Each of them opens your account once, in the place of a passkey or the app. Keep them where a lost phone takes nothing away: on paper, or in a password manager."
            </p>
            <form class="form__actions" method="post" action=MakeRecoveryCodes::url()>
                <button class="button" type="submit">
                    "Make new codes"
                </button>
                <span class="quiet">"The old ones work no more."</span>
            </form>
        </section>
    }
}
