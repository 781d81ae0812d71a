//! A forgotten password: the form that sends a link, and the form behind the link. Both need no
//! sign-in.

use domain::time::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::account::{new_password, refusal};
use crate::{
    components::{
        field::{EmailField, Field, PasswordField},
        page_header::PageHeader,
    },
    paths,
    query::Query,
    server_fns::{self, AskForReset, answer, load_reset, load_reset_link},
};

/// The form that sends a link.
#[component]
pub fn ForgotPassword() -> impl IntoView {
    let query = Query::of_request();
    let is_sent = !query.text("sent").is_empty();
    let refused = refusal(&query).map(|refusal| refusal.to_string());
    let typed = refused.is_some().then(|| answer::kept_email(answer::EmailForm::Reset)).flatten();
    let can_send = Resource::new(|| (), |()| load_reset());
    let content = move || {
        let (refused, typed) = (refused.clone(), typed.clone());
        Suspend::new(async move {
            match can_send.await {
                Ok(true) if is_sent => view! { <SentLink /> }.into_any(),
                Ok(true) => view! { <Ask refused typed /> }.into_any(),
                Ok(false) | Err(_) => view! { <NoMail /> }.into_any(),
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
fn Ask(refused: Option<String>, typed: Option<String>) -> impl IntoView {
    let email = Field {
        name: "email",
        label: "E-mail",
        value: typed.unwrap_or_default(),
        refusal: refused,
        ..Field::default()
    };
    view! {
        <PageHeader
            title="Forgot your password?"
            sentence="A link with which you set a new one is sent to the address of your account."
        />
        <form class="form" method="post" action=AskForReset::url() novalidate=true>
            <EmailField field=email autocomplete="username" />
            <button class="button button--main button--wide" type="submit">
                "Send link"
            </button>
        </form>
        <BackToSignIn />
    }
}

/// The same sentences whether or not there is an account.
#[component]
fn SentLink() -> impl IntoView {
    view! {
        <PageHeader
            title="Look into your mailbox"
            sentence="If there is an account with this address, a link was sent to it. It works once, for one hour."
        />
        <div class="form" role="status">
            <p>
                "No e-mail after some minutes? Look among the unwanted ones, check the address, or ask the people who run Seatkeeper."
            </p>
            <a class="button button--wide" href=paths::RESET_PASSWORD>
                "Send another link"
            </a>
        </div>
        <BackToSignIn />
    }
}

#[component]
fn NoMail() -> impl IntoView {
    view! {
        <PageHeader
            title="Forgot your password?"
            sentence="No mail server is set, so no link can be sent. Ask the people who run Seatkeeper for a new password."
        />
        <BackToSignIn />
    }
}

/// The form behind the link.
#[component]
pub fn ResetPassword() -> impl IntoView {
    let token = paths::asked_token();
    let query = Query::of_request();
    let refused = refusal(&query).map(|refusal| refusal.to_string());
    let asked = token.clone();
    let link = Resource::new(|| (), move |()| load_reset_link(asked.clone()));
    let content = move || {
        let (token, refused) = (token.clone(), refused.clone());
        Suspend::new(async move {
            match link.await {
                Ok(until) => view! { <SetPassword token until refused /> }.into_any(),
                Err(_) => view! { <EndedLink again=paths::RESET_PASSWORD /> }.into_any(),
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
fn SetPassword(token: String, until: Timestamp, refused: Option<String>) -> impl IntoView {
    let new = new_password(refused);
    view! {
        <PageHeader
            title="Set a new password"
            sentence=format!("The link works once, until {}. All your sessions end.", until.exact())
        />
        <form class="form" method="post" action=server_fns::ResetPassword::url() novalidate=true>
            <input type="hidden" name="token" value=token />
            <PasswordField field=new autocomplete="new-password" />
            <button class="button button--main button--wide" type="submit">
                "Set password"
            </button>
        </form>
        <BackToSignIn />
    }
}

/// In the place of a form: the link was used, it is too old, or it never was one.
#[component]
pub(super) fn EndedLink(
    /// Where another link is asked for.
    again: &'static str,
) -> impl IntoView {
    view! {
        <PageHeader
            title="This link does not work any more"
            sentence="It was used, it is too old, or your password or your address was changed since."
        />
        <p>
            <a class="button button--wide" href=again>
                "Ask for a new link"
            </a>
        </p>
        <BackToSignIn />
    }
}

#[component]
pub(super) fn BackToSignIn() -> impl IntoView {
    view! {
        <p class="sign-in__beside">
            <a href=paths::SIGN_IN>"Back to the sign-in"</a>
        </p>
    }
}
