//! The forms of the page: what could take the account over asks for the present password.

use domain::factor::Factors;
use leptos::{prelude::*, server_fn::ServerFn};
use views::account::AccountPage;

use super::Sent;
use crate::{
    components::{
        field::{EmailField, Field, PasswordField, TextField},
        words::words,
    },
    paths,
    server_fns::{ChangeAddress, ChangePassword, SetName},
};

#[component]
pub(super) fn Name(page: AccountPage, sent: Sent) -> impl IntoView {
    let value = if sent.is_of("name") { sent.name.clone() } else { page.stored_name };
    let refusal = move |field| sent.beside("name", field);
    let name = Field {
        name: "name",
        label: "Name",
        hint: "Others see it beside what you do.",
        value,
        refusal: refusal("name"),
    };
    view! {
        <section class="card" aria-label="Name">
            <h2 class="card__title">"Name"</h2>
            <form class="form" method="post" action=SetName::url() novalidate=true data-whole="">
                <TextField field=name />
                <div class="form__actions">
                    <button class="button" type="submit">
                        "Save name"
                    </button>
                </div>
            </form>
        </section>
    }
}

#[component]
pub(super) fn Address(page: AccountPage, sent: Sent) -> impl IntoView {
    let typed = if sent.is_of("address") { sent.email.clone() } else { String::new() };
    let refusal = move |field| sent.beside("address", field);
    let email = Field {
        name: "email",
        label: "New e-mail address",
        hint: "A link is sent there, and works for 24 hours. The present address is told of the change.",
        value: typed,
        refusal: refusal("email"),
    };
    let present = Field {
        name: "present_password",
        label: "Present password",
        refusal: refusal("present_password"),
        ..Field::default()
    };
    let asked = page.asked.map(|(email, until)| {
        view! {
            <p class="quiet">
                "A link was sent to " {words(&email)}
                {format!(". It works until {}; until then nothing changes.", until.exact())}
            </p>
        }
    });
    let form = if page.has_mail_server {
        view! {
            <form
                class="form"
                method="post"
                action=ChangeAddress::url()
                novalidate=true
                data-whole=""
            >
                <EmailField field=email />
                <PasswordField field=present autocomplete="current-password" />
                <div class="form__actions">
                    <button class="button" type="submit">
                        "Send link"
                    </button>
                </div>
            </form>
        }
        .into_any()
    } else {
        view! { <p>"No mail server is set, so no link can be sent to a new address."</p> }
            .into_any()
    };
    view! {
        <section class="card" aria-label="E-mail address">
            <h2 class="card__title">"E-mail address"</h2>
            <p>"Your address is " {words(&page.email)} "."</p>
            {asked}
            {form}
        </section>
    }
}

#[component]
pub(super) fn Password(sent: Sent) -> impl IntoView {
    let refusal = move |field| sent.beside("password", field);
    let present = Field {
        name: "present",
        label: "Present password",
        refusal: refusal("present"),
        ..Field::default()
    };
    let new = new_password(refusal("password"));
    view! {
        <section class="card" aria-label="Password">
            <h2 class="card__title">"Password"</h2>
            <p class="quiet">"Your other sessions end when you change it."</p>
            <form
                class="form"
                method="post"
                action=ChangePassword::url()
                novalidate=true
                data-whole=""
            >
                <PasswordField field=present autocomplete="current-password" />
                <PasswordField field=new autocomplete="new-password" />
                <div class="form__actions">
                    <button class="button" type="submit">
                        "Change password"
                    </button>
                </div>
            </form>
        </section>
    }
}

/// A summary: the factors have a page of their own, which asks again who the reader is.
#[component]
pub(super) fn SecondStep(factors: Factors) -> impl IntoView {
    let left = factors.codes_left;
    let passkeys = if factors.passkeys == 1 {
        "A passkey opens your account without your password.".to_owned()
    } else {
        format!("{} passkeys open your account without your password.", factors.passkeys)
    };
    let says = match (factors.passkeys > 0, factors.has_app) {
        (true, _) => format!("{passkeys} Recovery codes left: {left}."),
        (false, true) => {
            format!("Each sign-in asks for a code of your app. Recovery codes left: {left}.")
        }
        (false, false) => {
            "Your password alone opens your account. A passkey, or an app on your phone, can ask for more."
                .to_owned()
        }
    };
    let change = if factors.is_any() { "Change the second step" } else { "Set up a second step" };
    view! {
        <section class="card" aria-label="Second step">
            <h2 class="card__title">"Second step"</h2>
            <p>{says}</p>
            <div class="form__actions">
                <a class="button" href=paths::FACTORS>
                    {change}
                </a>
            </div>
        </section>
    }
}

/// The field for a new password.
pub(in crate::pages) fn new_password(refusal: Option<String>) -> Field {
    let hint = "12 to 128 characters; several words are easy to remember.";
    Field {
        name: "password",
        label: "New password",
        // a refusal says it in its own words
        hint: if refusal.is_some() { "" } else { hint },
        refusal,
        ..Field::default()
    }
}
