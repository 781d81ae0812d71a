//! The sign-in page.

use domain::{organization::SeatLimit, refusal::Refusal};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    components::{
        banner::{Banner, Banners, Tone},
        field::{EmailField, Field, PasswordField},
        page_data::SignedIn,
        page_header::PageHeader,
        passkey_form::{PasskeyCall, PasskeyForm},
    },
    paths,
    query::Query,
    server_fns::{self, BeginPasskeySignIn, NamedRefusal, SignInPasskey, answer},
};

#[component]
pub fn SignIn() -> impl IntoView {
    let SignedIn(person) = expect_context();
    let query = Query::of_request();
    let next = query.get("next").and_then(paths::local_path).map(str::to_owned);
    let refusal = query.refusal(SeatLimit::NotSet);
    let told = told(query.text("told"));
    let content = move || {
        let (next, refusal) = (next.clone(), refusal.clone());
        Suspend::new(async move {
            if person.await.ok().flatten().is_some() {
                answer::redirect(next.as_deref().unwrap_or(paths::HOME));
            }
            view! { <Form next=next.unwrap_or_default() refusal told /> }
        })
    };
    view! { <Suspense>{content}</Suspense> }
}

/// What a link in an e-mail has done.
fn told(word: &str) -> Option<(&'static str, &'static str)> {
    match word {
        "password" => Some(("Your password was set.", "Sign in with it.")),
        "address" => Some(("Your address was changed.", "Sign in with it from now on.")),
        _ => None,
    }
}

#[component]
fn Form(
    next: String,
    refusal: Option<NamedRefusal>,
    told: Option<(&'static str, &'static str)>,
) -> impl IntoView {
    let is_about_passkey = matches!(refusal, Some(NamedRefusal::Known(Refusal::Passkey(_))));
    let refusal = refusal.map(|refusal| refusal.to_string());
    let of_passkey = refusal.clone().filter(|_| is_about_passkey);
    let refusal = refusal.filter(|_| !is_about_passkey);
    let action = ServerAction::<server_fns::SignIn>::new();
    let is_refused = refusal.is_some();
    let typed = is_refused.then(|| answer::kept_email(answer::EmailForm::SignIn)).flatten();
    let email = Field {
        name: "email",
        label: "E-mail",
        value: typed.unwrap_or_default(),
        ..Field::default()
    };
    // Which of the two is wrong is not said, so the sentence is above both.
    let refused = refusal.map(|sentence| {
        view! {
            <p class="form__failure" role="alert">
                {sentence}
            </p>
        }
    });
    let password = Field { name: "password", label: "Password", ..Field::default() };
    let told = told.map(|(title, text)| {
        view! {
            <Banners>
                <Banner tone=Tone::Calm title=title.to_owned()>
                    {text}
                </Banner>
            </Banners>
        }
    });
    let sign_on = paths::with_query(paths::SIGN_ON, &[("next", &next)]);
    let passkey = answer::offers_passkeys()
        .then(|| view! { <Passkey next=next.clone() refusal=of_passkey /> });
    view! {
        <div class="sign-in">
            <p class="sign-in__name">"Seatkeeper"</p>
            {told}
            <PageHeader
                title="Sign in"
                sentence="See who holds a seat, and who is waiting for one."
            />
            <ActionForm action attr:class="form" attr:novalidate=true>
                {refused}
                <input type="hidden" name="next" value=next />
                <EmailField field=email autocomplete="username" focus=!is_refused />
                <PasswordField field=password autocomplete="current-password" focus=is_refused />
                <button class="button button--main button--wide" type="submit">
                    "Sign in"
                </button>
            </ActionForm>
            {passkey}
            <p class="sign-in__beside">
                <a href=sign_on>"Sign in with single sign-on"</a>
            </p>
            <p class="sign-in__beside">
                <a href=paths::RESET_PASSWORD>"Forgot your password?"</a>
            </p>
        </div>
    }
}

/// No address and no password: the browser offers the passkeys that it finds.
#[component]
fn Passkey(next: String, refusal: Option<String>) -> impl IntoView {
    view! {
        <div class="sign-in__beside">
            <PasskeyForm
                call=PasskeyCall::Get
                ask=BeginPasskeySignIn::url()
                action=SignInPasskey::url()
                refusal
            >
                <input type="hidden" name="next" value=next />
                <button class="button button--wide" type="submit">
                    "Sign in with a passkey"
                </button>
            </PasskeyForm>
        </div>
    }
}
