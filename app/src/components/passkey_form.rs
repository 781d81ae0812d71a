//! A form whose button asks the browser for a passkey. `public/passkeys.js` fetches the challenge,
//! lets the person confirm, and sends the form with the answer. Where the browser knows no
//! passkeys, the form is not shown.

use leptos::prelude::*;

/// What the browser does with a passkey.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PasskeyCall {
    Create,
    Get,
}

impl PasskeyCall {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
        }
    }
}

const FAILURE: &str = "No passkey was used. Try again, or use another way.";
const KNOWN: &str = "This device has a passkey of your account already.";

#[component]
pub fn PasskeyForm(
    call: PasskeyCall,
    /// The address of the challenge.
    ask: &'static str,
    action: &'static str,
    /// Why the server did not accept it.
    refusal: Option<String>,
    children: Children,
) -> impl IntoView {
    let nonce = leptos::nonce::use_nonce();
    let is_hidden = refusal.is_none();
    view! {
        <form
            class="form passkey"
            method="post"
            action=action
            novalidate=true
            data-passkey=call.word()
            data-ask=ask
            data-failure=FAILURE
            data-known=KNOWN
        >
            <input type="hidden" name="credential" />
            {children()}
            <p class="field__refusal passkey__failure" role="alert" hidden=is_hidden>
                {refusal}
            </p>
        </form>
        <script type="module" src="/passkeys.js" nonce=nonce></script>
    }
}
