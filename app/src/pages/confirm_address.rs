//! The confirmation of a new e-mail address, behind the link in an e-mail to it. It needs no
//! sign-in. Opening the page changes nothing, because programs that check e-mails open links, too.

use domain::text::ExternalText;
use leptos::{prelude::*, server_fn::ServerFn};

use super::reset_password::{BackToSignIn, EndedLink};
use crate::{
    components::{page_header::PageHeader, words::words},
    paths,
    query::Query,
    server_fns::{self, load_address_link},
};

#[component]
pub fn ConfirmAddress() -> impl IntoView {
    let token = paths::asked_token();
    // the address may have gone to another account before the button was pressed
    let is_refused = Query::of_request().get("refused").is_some();
    let asked = token.clone();
    let link = Resource::new(|| (), move |()| load_address_link(asked.clone()));
    let content = move || {
        let token = token.clone();
        Suspend::new(async move {
            match link.await {
                Ok(email) if !is_refused => view! { <Confirm token email /> }.into_any(),
                Ok(_) | Err(_) => view! { <EndedLink again=paths::ACCOUNT /> }.into_any(),
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
fn Confirm(token: String, email: ExternalText) -> impl IntoView {
    view! {
        <PageHeader
            title="Confirm your e-mail address"
            sentence="You sign in with it from then on, and e-mails go there."
        />
        <form class="form" method="post" action=server_fns::ConfirmAddress::url()>
            <p>{words(&email)}</p>
            <input type="hidden" name="token" value=token />
            <button class="button button--main button--wide" type="submit">
                "Use this address"
            </button>
        </form>
        <BackToSignIn />
    }
}
