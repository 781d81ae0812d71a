//! The second step of a sign-in: the code of an app, or a recovery code.

use domain::organization::SeatLimit;
use leptos::{prelude::*, server_fn::ServerFn};
use views::factors::SecondStepPage;

use crate::{
    components::{
        field::{CodeField, Field},
        page_header::PageHeader,
        passkey_form::{PasskeyCall, PasskeyForm},
    },
    paths,
    query::Query,
    server_fns::{BeginPasskeySignIn, SignInCode, SignInPasskey, load_second_step},
};

#[component]
pub fn SecondStep() -> impl IntoView {
    let query = Query::of_request();
    let next = query.get("next").and_then(paths::local_path).unwrap_or_default().to_owned();
    let refusal = query.refusal(SeatLimit::NotSet).map(|refusal| refusal.to_string());
    let page = Resource::new(|| (), move |()| load_second_step());
    let content = move || {
        let (next, refusal) = (next.clone(), refusal.clone());
        Suspend::new(async move {
            match page.await {
                Ok(page) => view! { <Form page next refusal /> }.into_any(),
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
fn Form(page: SecondStepPage, next: String, refusal: Option<String>) -> impl IntoView {
    let has_codes = page.factors.codes_left > 0;
    let hint = match (page.factors.has_app, has_codes) {
        (true, true) => {
            "Without your phone, type one of your recovery codes; each of them works once."
        }
        (true, false) => "Without your phone, ask the people who run Seatkeeper.",
        (false, true) => "Each recovery code works once.",
        (false, false) => "You have used all recovery codes. Ask the people who run Seatkeeper.",
    };
    let (sentence, label) = if page.factors.has_app {
        ("Type the code that your authenticator app shows.", "Code")
    } else {
        ("Use your passkey, or type one of your recovery codes.", "Recovery code")
    };
    let code = Field { name: "code", label, hint, refusal, ..Field::default() };
    let passkey = page.takes_passkey.then(|| {
        let next = next.clone();
        view! {
            <PasskeyForm
                call=PasskeyCall::Get
                ask=BeginPasskeySignIn::url()
                action=SignInPasskey::url()
                refusal=None
            >
                <input type="hidden" name="next" value=next />
                <button class="button button--wide" type="submit">
                    "Use a passkey"
                </button>
            </PasskeyForm>
        }
    });
    view! {
        <PageHeader title="Second step" sentence />
        <form class="form" method="post" action=SignInCode::url() novalidate=true>
            <input type="hidden" name="next" value=next />
            <CodeField field=code />
            <button class="button button--main button--wide" type="submit">
                "Sign in"
            </button>
        </form>
        {passkey}
        <p class="sign-in__beside">
            <a href=paths::SIGN_IN>"Back to the sign-in"</a>
        </p>
    }
}

/// In the place of a form: the step was done, it took too long, or another browser began it.
#[component]
pub(super) fn StepOver(
    /// The sign-in page.
    again: String,
) -> impl IntoView {
    view! {
        <PageHeader
            title="This sign-in is over"
            sentence="It took longer than ten minutes, or it was finished before."
        />
        <p>
            <a class="button button--wide" href=again>
                "Sign in again"
            </a>
        </p>
    }
}
