//! The decision about a plan: one that waits because it removes or adds many people, or the plan of
//! a preview.

use domain::{
    directory::{Change, PlanPart, PlanWarning},
    organization::{grouped, people},
    resync::{Resync, ResyncState},
};
use leptos::prelude::*;
use views::resyncs::{ResyncPage, ResyncQuery};

use super::{running::Cancel, words};
use crate::{
    components::field::{Field, Labelled},
    paths,
    server_fns::ConfirmResync,
};

/// `beside` is the error message for the typed number.
#[component]
pub(super) fn Deciding(
    page: ResyncPage,
    may: bool,
    beside: Option<String>,
    typed: String,
) -> impl IntoView {
    let run = page.run;
    let is_preview =
        run.state == ResyncState::Done && run.dry_run && !run.is_empty() && !run.is_plan_gone;
    if page.archived || !(is_preview || run.state == ResyncState::Waiting) {
        return ().into_any();
    }
    let again = super::again(&run);
    if !page.is_latest {
        return view! {
            <p class="narrowed">
                "Another resync has started since then, so this plan cannot be applied any more. "
                <a href=again>"Preview again"</a>
            </p>
        }
        .into_any();
    }
    let expires = run.expires_at().map(|at| {
        view! {
            <p class="quiet">
                {format!(
                    "If no person confirms it, this plan expires on {}, and automatic resyncs go on.",
                    at.exact(),
                )}
            </p>
        }
    });
    let why = run.warning.map(|warning| view! { <Why run=run.clone() warning /> });
    let calm = run.warning.is_none().then(|| {
        view! {
            <p>
                "Applying makes exactly the changes below. It skips people that a newer webhook changes in the meantime."
            </p>
        }
    });
    let tone = run.warning.map(|_| "act");
    let form = if may {
        view! { <Form run beside typed /> }.into_any()
    } else {
        view! { <p class="quiet">"An admin decides."</p> }.into_any()
    };
    view! {
        <section class="card" aria-label="Decide" data-tone=tone>
            {why}
            {calm}
            {form}
            {expires}
        </section>
    }
    .into_any()
}

/// Why a person must confirm the plan.
#[component]
fn Why(run: Resync, warning: PlanWarning) -> impl IntoView {
    let title = format!("This plan {}", lower(&words::unusual_change(&run)));
    let only =
        |change| paths::resync(&run.organization, &run.id, &ResyncQuery::of(PlanPart::Of(change)));
    let counted = match warning {
        PlanWarning::Empty | PlanWarning::RemovesMany => [
            (run.counts.removed, Change::Removed, "removed"),
            (run.counts.deactivated, Change::Deactivated, "deactivated"),
        ],
        PlanWarning::AddsMany => [
            (run.counts.created, Change::Created, "created"),
            (run.counts.reactivated, Change::Reactivated, "reactivated"),
        ],
    };
    let blocked = (warning == PlanWarning::AddsMany && run.counts.blocked > 0).then(|| {
        let n = run.counts.blocked;
        view! {
            <p>
                {format!(
                    "No seat would be free for {} of them; they would join the waitlist.",
                    grouped(n),
                )}
            </p>
        }
    });
    let links: Vec<_> = counted
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, change, word)| {
            view! {
                <li>
                    <a href=only(change)>{format!("{} {}", grouped(n), word)}</a>
                </li>
            }
        })
        .collect();
    view! {
        <p class="card__title">{title}</p>
        <p>
            {why(warning, run.is_import())}
            " Nothing was changed yet. Check who they are before you confirm:"
        </p>
        <ul class="card__links">{links}</ul>
        {blocked}
    }
}

fn why(warning: PlanWarning, is_import: bool) -> &'static str {
    match warning {
        PlanWarning::AddsMany if is_import => {
            "That is more than usual, compared with the people who are here. It may be right, or this is another file than intended."
        }
        PlanWarning::RemovesMany | PlanWarning::Empty if is_import => {
            "That is more than usual. It may be right, or the file has not all of the people."
        }
        PlanWarning::Empty => {
            "A directory lists no people at all. A mistake in its setup is more likely than that all people left."
        }
        PlanWarning::AddsMany => {
            "That is more than usual, compared with the people who are here. It may be right, or the directory lists more people than intended."
        }
        PlanWarning::RemovesMany => {
            "That is more than usual. It may be right, or the directory lists fewer people than before."
        }
    }
}

/// The sentence with a small first letter, for the middle of another one.
fn lower(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str())
}

#[component]
fn Form(run: Resync, beside: Option<String>, typed: String) -> impl IntoView {
    let action = ServerAction::<ConfirmResync>::new();
    let number = run.warning.map(|warning| view! { <Number warning beside typed /> });
    let n = run.to_confirm().unwrap_or_default();
    let verb = match run.warning {
        Some(PlanWarning::AddsMany) => format!("Apply: add {} {}", grouped(n), people(n)),
        Some(_) => format!("Apply: take {} {} away", grouped(n), people(n)),
        None => "Apply this plan".to_owned(),
    };
    let look = match run.warning {
        Some(PlanWarning::Empty | PlanWarning::RemovesMany) => "button--danger",
        Some(PlanWarning::AddsMany) | None => "button--main",
    };
    let cancel_word = if run.is_import() { "Cancel this import" } else { "Cancel this resync" };
    let cancel = (run.state == ResyncState::Waiting).then(
        || view! { <Cancel id=run.organization.clone() run=run.id.clone() word=cancel_word /> },
    );
    view! {
        <div class="deciding">
            <ActionForm action attr:class="form" attr:id="decide">
                <input type="hidden" name="id" value=run.organization.to_string() />
                <input type="hidden" name="run" value=run.id.to_string() />
                {number}
            </ActionForm>
            <div class="form__actions">
                <button class=format!("button {look}") type="submit" form="decide">
                    {verb}
                </button>
                {cancel}
            </div>
        </div>
    }
}

#[component]
fn Number(warning: PlanWarning, beside: Option<String>, typed: String) -> impl IntoView {
    let field = Field {
        name: "people",
        label: if warning == PlanWarning::AddsMany {
            "How many people does it add?"
        } else {
            "How many people does it take away?"
        },
        hint: "Type the number to show that you have checked it.",
        value: typed,
        refusal: beside,
    };
    view! {
        <Labelled field=field.clone()>
            <input
                class="input input--number"
                id=field.id()
                name="people"
                inputmode="numeric"
                autocomplete="off"
                value=field.value.clone()
                required=true
                aria-describedby=field.described_by()
                aria-invalid=field.invalid()
            />
        </Labelled>
    }
}
