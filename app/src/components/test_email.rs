//! The button that sends a test e-mail to the reader. It works without JavaScript.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::server_fns::SendTestEmail;

#[component]
pub fn TestEmail() -> impl IntoView {
    view! {
        <form class="test-email" method="post" action=SendTestEmail::url()>
            <button class="button button--quiet" type="submit">
                "Send me a test e-mail"
            </button>
        </form>
    }
}
