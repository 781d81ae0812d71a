//! What the account is connected with: identities of providers that open it without its password.

use domain::time::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};
use views::{account::AccountPage, single_sign_on::Connection};

use crate::{
    components::{relative_time::RelativeTime, words::words},
    server_fns::{ConnectSignOn, DisconnectSignOn},
};

#[component]
pub(super) fn SignOn(page: AccountPage) -> impl IntoView {
    let AccountPage { connections, connects, now, .. } = page;
    if connections.is_empty() && connects.is_none() {
        return ().into_any();
    }
    let none = connections.is_empty().then(|| {
        view! {
            <p class="quiet">
                "Not connected. Connect your account once, then sign in without its password."
            </p>
        }
    });
    let connect = connects.map(|_| {
        view! {
            <form method="post" action=ConnectSignOn::url()>
                <button class="button" type="submit">
                    "Connect"
                </button>
            </form>
        }
    });
    let list = connections.into_iter().map(move |one| view! { <One one now /> }).collect_view();
    view! {
        <section class="card" aria-label="Single sign-on">
            <h2 class="card__title">"Single sign-on"</h2>
            {none}
            {list}
            {connect}
        </section>
    }
    .into_any()
}

#[component]
fn One(one: Connection, now: Timestamp) -> impl IntoView {
    let used = match one.used_at {
        Some(at) => view! {
            " was used "
            <RelativeTime at now />
            "."
        }
        .into_any(),
        None => " was not used yet.".into_any(),
    };
    view! {
        <form method="post" action=DisconnectSignOn::url()>
            <p>{words(&one.shown)} {used}</p>
            <input type="hidden" name="issuer" value=one.issuer />
            <p>
                <button class="button" type="submit">
                    "Disconnect"
                </button>
            </p>
        </form>
    }
}
