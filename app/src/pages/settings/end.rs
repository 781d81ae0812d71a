//! The end of an organization: a link to the preview, or what brings it back.

use domain::refusal::Refusal;
use leptos::{prelude::*, server_fn::ServerFn};
use views::{Ended, settings::SettingsPage};

use crate::{
    components::{relative_time::RelativeTime, words::words},
    paths,
    server_fns::RestoreOrganization,
};

#[component]
pub(super) fn End(page: SettingsPage, can_restore: bool) -> impl IntoView {
    let id = page.organization;
    let content = if !page.archived {
        view! {
            <p>
                "When a customer leaves: its people lose their seats, the history stays. A preview says who they are."
            </p>
            <p>
                <a class="button" href=paths::archive(&id)>
                    "Archive …"
                </a>
            </p>
        }
        .into_any()
    } else if can_restore {
        let archived = page.ended.map(|ended| view! { <Archived ended now=page.now /> });
        view! {
            {archived}
            <p>
                "A newer event about it from Scalekit brings it back, and so do you. It has no seat limit then, and its people come back as the directory has them from now on."
            </p>
            <form method="post" action=RestoreOrganization::url()>
                <input type="hidden" name="id" value=id.to_string() />
                <button class="button" type="submit">
                    "Restore"
                </button>
            </form>
        }
        .into_any()
    } else {
        view! { <p>{Refusal::DeletedInScalekit.to_string()}</p> }.into_any()
    };
    view! {
        <section class="card" aria-label="Archive">
            <h2 class="card__title">"Archive"</h2>
            {content}
        </section>
    }
}

/// Who archived it, when and why.
#[component]
fn Archived(ended: Ended, now: domain::time::Timestamp) -> impl IntoView {
    let Ended { at, by, reason, .. } = ended;
    let by = by.map(|by| {
        view! {
            " by "
            {words(&by)}
        }
    });
    let reason = reason.map(|reason| {
        view! {
            ": “"
            {words(&reason)}
            "”"
        }
    });
    view! { <p>"Archived" {by} ", " <RelativeTime at now /> {reason}</p> }
}
