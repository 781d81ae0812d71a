//! The progress of a resync, and the button that cancels it.

use domain::{
    id::{OrganizationId, ResyncId},
    resync::Resync,
};
use leptos::prelude::*;
use views::resyncs::{Progress, ResyncQuery};

use super::words;
use crate::{components, paths, server_fns::CancelResync};

#[component]
pub(super) fn Running(run: Resync, progress: Progress, may: bool) -> impl IntoView {
    let reload = paths::resync(&run.organization, &run.id, &ResyncQuery::default());
    let text = words::progress(&run, &progress);
    let cancel = may.then(|| view! { <Cancel id=run.organization run=run.id word="Cancel" /> });
    view! {
        <section class="card" aria-label="Progress">
            <Bar text progress />
            <div class="form__actions">
                <a class="button button--quiet scriptless" href=reload>
                    "Reload"
                </a>
                {cancel}
            </div>
        </section>
    }
}

/// The progress bar and its text, as (how far, how fast and how long still).
#[component]
pub fn Bar(text: (String, String), progress: Progress) -> impl IntoView {
    let (done, rest) = text;
    let text = if rest.is_empty() { done.clone() } else { format!("{done}. {rest}") };
    view! {
        <p class="card__title">{done}</p>
        <components::progress::Progress
            label="People compared"
            done=progress.done
            total=progress.total
            text
        />
        {(!rest.is_empty()).then(|| view! { <p class="quiet card__text">{rest}</p> })}
    }
}

#[component]
pub(super) fn Cancel(id: OrganizationId, run: ResyncId, word: &'static str) -> impl IntoView {
    let action = ServerAction::<CancelResync>::new();
    view! {
        <ActionForm action>
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="run" value=run.to_string() />
            <button class="button" type="submit">
                {word}
            </button>
        </ActionForm>
    }
}
