//! An authenticator app that is being set up: by a person who is signed in, or in the middle of a
//! sign-in by staff who need a factor; they can take a passkey instead. An app counts once a code
//! shows that it has the secret.

use domain::{organization::SeatLimit, refusal::Refusal};
use leptos::{prelude::*, server_fn::ServerFn};
use views::factors::{FirstFactorPage, NewAppPage, QrCode};

use super::{
    passkeys::{FirstPasskey, name_refusal},
    second_step::StepOver,
};
use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        confirm_first::confirm_first,
        field::{CodeField, Field},
        id::Id,
        page_data::loaded,
        page_header::PageHeader,
    },
    paths,
    query::Query,
    server_fns::{AddApp, NamedRefusal, SetFirstFactor, load_first_factor, load_new_app},
};

/// For a person who is signed in.
#[component]
pub fn NewApp() -> impl IntoView {
    let query = Query::of_request();
    loaded(load_new_app, move |_, page| {
        let proof = confirm_first(&query, paths::NEW_APP);
        let over = over(&query).map(|sentence| {
            view! {
                <Banner tone=Tone::Act title="Nothing was changed.".to_owned()>
                    {sentence}
                </Banner>
            }
        });
        let refusal = beside_the_field(&query);
        view! {
            <p class="crumb">
                <a href=paths::FACTORS>"Second step"</a>
            </p>
            <PageHeader title="Set up an app" sentence=SENTENCE />
            <Banners>{proof} {over}</Banners>
            <form class="form" method="post" action=AddApp::url() novalidate=true data-whole="">
                <Secret page />
                <CodeField field=code(refusal) />
                <div class="form__actions">
                    <button class="button button--main" type="submit">
                        "Add the app"
                    </button>
                    <a class="button button--quiet" href=paths::FACTORS>
                        "Cancel"
                    </a>
                </div>
            </form>
        }
        .into_any()
    })
}

/// For staff who need a factor, before there is a session.
#[component]
pub fn FirstFactor() -> impl IntoView {
    let query = Query::of_request();
    let next = query.get("next").and_then(paths::local_path).unwrap_or_default().to_owned();
    let page = Resource::new(|| (), move |()| load_first_factor());
    let content = move || {
        let (next, query) = (next.clone(), query.clone());
        Suspend::new(async move {
            match page.await {
                Ok(page) => view! { <First page next query /> }.into_any(),
                Err(_) => view! { <StepOver again=paths::sign_in(Some(&next)) /> }.into_any(),
            }
        })
    };
    view! {
        <div class="sign-in">
            <p class="sign-in__name">"Seatkeeper"</p>
            <Suspense>{content}</Suspense>
        </div>
    }
}

#[component]
fn First(page: FirstFactorPage, next: String, query: Query) -> impl IntoView {
    let FirstFactorPage { app, offers_passkeys, device } = page;
    let passkey = offers_passkeys.then(|| {
        let name = query.get("name").map_or(device, str::to_owned);
        let failure = match refusal(&query) {
            Some(refused @ NamedRefusal::Known(Refusal::Passkey(_))) => Some(refused.to_string()),
            _ => None,
        };
        let refusal = name_refusal(&query);
        let failure = failure.filter(|_| refusal.is_none());
        view! { <FirstPasskey name refusal failure next=next.clone() /> }
    });
    view! {
        <PageHeader title="Set up a second step" sentence="Staff need more than a password here." />
        {passkey}
        <form class="form" method="post" action=SetFirstFactor::url() novalidate=true>
            <input type="hidden" name="next" value=next />
            <Secret page=app />
            <CodeField field=code(beside_the_field(&query)) />
            <button class="button button--main button--wide" type="submit">
                "Add the app and sign in"
            </button>
        </form>
    }
}

const SENTENCE: &str = "An app on your phone shows another code every 30 seconds.";

fn code(refusal: Option<String>) -> Field {
    Field { name: "code", label: "The code that the app shows now", refusal, ..Field::default() }
}

fn refusal(query: &Query) -> Option<NamedRefusal> {
    query.refusal(SeatLimit::NotSet)
}

fn beside_the_field(query: &Query) -> Option<String> {
    let refused = refusal(query)?;
    let is_elsewhere = matches!(
        refused,
        NamedRefusal::Known(
            Refusal::ProofTooOld | Refusal::SetUpOver | Refusal::AppThere | Refusal::Passkey(_)
        )
    );
    (!is_elsewhere).then(|| refused.to_string())
}

fn over(query: &Query) -> Option<String> {
    match refusal(query)? {
        NamedRefusal::Known(known @ (Refusal::SetUpOver | Refusal::AppThere)) => {
            Some(known.to_string())
        }
        _ => None,
    }
}

/// The secret as a picture and as a text.
#[component]
fn Secret(page: NewAppPage) -> impl IntoView {
    let QrCode { size, path } = page.qr;
    // the quiet zone, which scanners need
    let view_box = format!("-4 -4 {0} {0}", size + 8);
    view! {
        <div class="new-app">
            <p>
                "Scan this with an authenticator app: those of Google, Microsoft and many password managers can do it."
            </p>
            <svg
                class="new-app__code"
                viewBox=view_box
                role="img"
                aria-label="QR code of the secret"
                shape-rendering="crispEdges"
            >
                <path d=path />
            </svg>
            <p>
                "Is the app on this device? " <a href=page.link>"Open it with the secret"</a>
                ", or copy the secret into it:"
            </p>
            <p class="new-app__secret">
                <Id text=page.secret whole=true />
            </p>
        </div>
    }
}
