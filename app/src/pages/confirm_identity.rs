//! Where a person shows again who they are, before something that is worth a stolen session. Then
//! the page goes on to where the person was.

use domain::{organization::SeatLimit, refusal::Refusal};
use leptos::{prelude::*, server_fn::ServerFn};
use views::factors::IdentityPage;

use crate::{
    components::{
        field::{Field, PasswordField},
        page_data::loaded,
        page_header::PageHeader,
        passkey_form::{PasskeyCall, PasskeyForm},
    },
    paths,
    query::Query,
    server_fns::{
        self, BeginPasskeyIdentity, ConfirmPasskeyIdentity, NamedRefusal, answer, load_identity,
    },
};

#[component]
pub fn ConfirmIdentity() -> impl IntoView {
    let query = Query::of_request();
    let next = query.get("next").and_then(paths::local_path).map(str::to_owned);
    let refusal = query.refusal(SeatLimit::NotSet);
    loaded(load_identity, move |_, page| {
        let Some(page) = page else {
            answer::redirect(next.as_deref().unwrap_or(paths::HOME));
            return ().into_any();
        };
        let (next, refusal) = (next.clone().unwrap_or_default(), refusal.clone());
        view! { <Form page next refusal /> }.into_any()
    })
}

#[component]
fn Form(page: IdentityPage, next: String, refusal: Option<NamedRefusal>) -> impl IntoView {
    let IdentityPage { email, takes_passkey } = page;
    let is_about_passkey = matches!(refusal, Some(NamedRefusal::Known(Refusal::Passkey(_))));
    let refusal = refusal.map(|refusal| refusal.to_string());
    let of_passkey = refusal.clone().filter(|_| is_about_passkey);
    let refusal = refusal.filter(|_| !is_about_passkey);
    let passkey = takes_passkey.then(|| {
        let next = next.clone();
        view! {
            <PasskeyForm
                call=PasskeyCall::Get
                ask=BeginPasskeyIdentity::url()
                action=ConfirmPasskeyIdentity::url()
                refusal=of_passkey
            >
                <input type="hidden" name="next" value=next />
                <div class="form__actions">
                    <button class="button" type="submit">
                        "Confirm by passkey"
                    </button>
                </div>
            </PasskeyForm>
        }
    });
    let present = Field {
        name: "present",
        label: "Password, or a code of your app",
        refusal,
        ..Field::default()
    };
    let sentence = format!(
        "You are signed in as {email}. What comes next is kept for you alone, so confirm it with your password; that holds for five minutes."
    );
    view! {
        <PageHeader title="Confirm that it is you" sentence />
        <form
            class="form"
            method="post"
            action=server_fns::ConfirmIdentity::url()
            novalidate=true
            data-whole=""
        >
            <input type="hidden" name="next" value=next />
            <PasswordField field=present autocomplete="current-password" />
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    "Confirm"
                </button>
            </div>
        </form>
        {passkey}
    }
}
