//! Where a person shows again who they are, before something that is worth a stolen session. Then
//! the page goes on to where the person was.

use domain::{organization::SeatLimit, text::ExternalText};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    components::{
        field::{Field, PasswordField},
        page_data::loaded,
        page_header::PageHeader,
    },
    paths,
    query::Query,
    server_fns::{self, answer, load_identity},
};

#[component]
pub fn ConfirmIdentity() -> impl IntoView {
    let query = Query::of_request();
    let next = query.get("next").and_then(paths::local_path).map(str::to_owned);
    let refusal = query.refusal(SeatLimit::NotSet).map(|refusal| refusal.to_string());
    loaded(load_identity, move |_, email| {
        let Some(email) = email else {
            answer::redirect(next.as_deref().unwrap_or(paths::HOME));
            return ().into_any();
        };
        let (next, refusal) = (next.clone().unwrap_or_default(), refusal.clone());
        view! { <Form email next refusal /> }.into_any()
    })
}

#[component]
fn Form(email: ExternalText, next: String, refusal: Option<String>) -> impl IntoView {
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
    }
}
