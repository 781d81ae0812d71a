//! The sign-in page.

use domain::organization::SeatLimit;
use leptos::prelude::*;

use crate::{
    components::{
        field::{Field, Labelled},
        page_data::SignedIn,
        page_header::PageHeader,
    },
    paths,
    query::Query,
    server_fns::{self, answer},
};

#[component]
pub fn SignIn() -> impl IntoView {
    let SignedIn(person) = expect_context();
    let query = Query::of_request();
    let next = query.get("next").and_then(paths::local_path).map(str::to_owned);
    let refusal = query.refusal(SeatLimit::NotSet).map(|refusal| refusal.to_string());
    let content = move || {
        let (next, refusal) = (next.clone(), refusal.clone());
        Suspend::new(async move {
            if person.await.ok().flatten().is_some() {
                answer::redirect(next.as_deref().unwrap_or(paths::HOME));
            }
            view! { <Form next=next.unwrap_or_default() refusal /> }
        })
    };
    view! { <Suspense>{content}</Suspense> }
}

#[component]
fn Form(next: String, refusal: Option<String>) -> impl IntoView {
    let action = ServerAction::<server_fns::SignIn>::new();
    let typed = refusal.is_some().then(|| answer::cookie("email")).flatten();
    let email = Field {
        name: "email",
        label: "E-mail",
        value: typed.unwrap_or_default(),
        refusal,
        ..Field::default()
    };
    let password = Field { name: "password", label: "Password", ..Field::default() };
    view! {
        <div class="sign-in">
            <p class="sign-in__name">"Seatkeeper"</p>
            <PageHeader
                title="Sign in"
                sentence="See who holds a seat, and who is waiting for one."
            />
            <ActionForm action attr:class="form" attr:novalidate=true>
                <input type="hidden" name="next" value=next />
                <Labelled field=email.clone()>
                    <input
                        class="input"
                        id=email.id()
                        name="email"
                        type="email"
                        value=email.value.clone()
                        required=true
                        autocomplete="username"
                        aria-describedby=email.described_by()
                        aria-invalid=email.invalid()
                    />
                </Labelled>
                <Labelled field=password.clone()>
                    <input
                        class="input"
                        id=password.id()
                        name="password"
                        type="password"
                        required=true
                        autocomplete="current-password"
                    />
                </Labelled>
                <button class="button button--main button--wide" type="submit">
                    "Sign in"
                </button>
            </ActionForm>
        </div>
    }
}
