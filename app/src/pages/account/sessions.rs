//! Where the account is signed in.

use domain::time::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};
use views::account::OwnSession;

use crate::{
    components::{
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    server_fns::{EndOtherSessions, EndSession},
};

#[component]
pub(super) fn Sessions(sessions: Vec<OwnSession>, now: Timestamp) -> impl IntoView {
    let has_others = sessions.iter().any(|one| !one.is_this);
    let rows = sessions.into_iter().map(|one| view! { <Row one now /> }).collect_view();
    let end_others = has_others.then(|| {
        view! {
            <form class="form__actions" method="post" action=EndOtherSessions::url()>
                <button class="button" type="submit">
                    "End all other sessions"
                </button>
            </form>
        }
    });
    view! {
        <section class="card" aria-label="Sessions">
            <h2 class="card__title">"Sessions"</h2>
            <p class="quiet">
                "Where you are signed in. End a session that you do not know, then change your password."
            </p>
            <Table label="Sessions">
                <thead>
                    <tr>
                        <Heading word="Browser" />
                        <Heading word="Address" wide=true />
                        <Heading word="Signed in" wide=true />
                        <Heading word="Last used" />
                        <th>
                            <span class="unseen">"End"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            {end_others}
        </section>
    }
}

#[component]
fn Row(one: OwnSession, now: Timestamp) -> impl IntoView {
    let OwnSession { id, device, address, signed_in_at, used_at, is_this } = one;
    let this = is_this.then(|| view! { <span class="sub">"This browser"</span> });
    let address_words = || {
        let address = address.as_ref();
        address.map_or_else(|| "Unknown".into_any(), |address| words(address).into_any())
    };
    let end = if is_this {
        ().into_any()
    } else {
        view! {
            <form method="post" action=EndSession::url()>
                <input type="hidden" name="session" value=id.to_string() />
                <button
                    class="button"
                    type="submit"
                    aria-label=format!("End the session of {device}")
                >
                    "End"
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <tr>
            <td>{words(&device)} {this} <span class="sub narrow">{address_words()}</span></td>
            <td class="wide">{address_words()}</td>
            <td class="wide">
                <RelativeTime at=signed_in_at now />
            </td>
            <td>
                <RelativeTime at=used_at now />
            </td>
            <td class="number">{end}</td>
        </tr>
    }
}
