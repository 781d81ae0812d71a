//! The form that starts a resync. If it cannot start, the page shows why, or the resync that is in
//! progress.

use domain::{
    access::Role,
    id::OrganizationId,
    resync::{Resync, ResyncState},
};
use leptos::prelude::*;
use views::resyncs::{Progress, ResyncQuery, ResyncsPage};

use crate::{
    pages::resync::{running::Bar, words},
    paths,
    server_fns::StartResync,
};

#[component]
pub(super) fn Starting(role: Role, page: ResyncsPage, refused: Option<String>) -> impl IntoView {
    let refused = refused.map(|sentence| {
        view! {
            <p class="field__refusal" id="refusal-resync" role="alert">
                {sentence}
            </p>
        }
    });
    let may = role.may_resync();
    let content = match page.open {
        Some(run) => open_run(&run, may),
        None if page.archived => {
            view! {
                <p class="calm">
                    "This organization is archived: there is no directory to compare with."
                </p>
            }.into_any()
        }
        None if !page.directory_api => {
            view! { <p class="calm">{without_api(role.is_staff())}</p> }.into_any()
        }
        None if !may => {
            view! {
                <p class="calm">
                    "All people in the directory are compared with the people here, automatically or when an admin starts a resync."
                </p>
            }.into_any()
        }
        None => view! { <Form id=page.organization refused=refused.is_some() /> }.into_any(),
    };
    view! {
        <section class="card" aria-label="Compare with the directory">
            {content}
            {refused}
        </section>
    }
}

/// Why there is no form: the API credentials are missing, which only staff can change.
pub fn without_api(is_staff: bool) -> &'static str {
    if is_staff {
        "There are no credentials for Scalekit’s Directory API, so no resync is possible. Set SCALEKIT_ENVIRONMENT_URL, SCALEKIT_CLIENT_ID and SCALEKIT_CLIENT_SECRET."
    } else {
        "Resyncs are not set up yet. Webhooks from the directory are still processed."
    }
}

#[component]
fn Form(id: OrganizationId, refused: bool) -> impl IntoView {
    let action = ServerAction::<StartResync>::new();
    let described = refused.then_some("refusal-resync");
    view! {
        <p>
            "A resync compares all people in the directory with the people here. A preview changes nothing: it shows what would change, and then you decide."
        </p>
        <ActionForm action attr:class="form__actions">
            <input type="hidden" name="id" value=id.to_string() />
            <button
                class="button button--main"
                type="submit"
                name="dry_run"
                value="yes"
                aria-describedby=described
            >
                "Preview changes"
            </button>
            <button class="button" type="submit" aria-describedby=described>
                "Resync now"
            </button>
        </ActionForm>
    }
}

/// The resync that must end before another one can start.
pub fn open_run(run: &Resync, may: bool) -> AnyView {
    let href = paths::resync(&run.organization, &run.id, &ResyncQuery::default());
    let link = match run.state {
        ResyncState::Waiting if may => "Look at the plan and decide",
        ResyncState::Waiting => "Look at the plan",
        _ => "Follow it",
    };
    let what = match Progress::reached(run) {
        Some(progress) => view! { <Bar text=words::reached(run, &progress) progress /> }.into_any(),
        None => view! { <p class="card__title">{words::sentence(run)}</p> }.into_any(),
    };
    view! {
        {what}
        <p>
            <a href=href>{link}</a>
        </p>
    }
    .into_any()
}
