//! The notes of staff. If another person changed them while the reader typed, both stand here: the
//! notes as they are saved, and in the form what the reader typed.

use domain::{details::LONGEST_NOTES, text::ExternalText, time::Timestamp};
use leptos::{prelude::*, server_fn::ServerFn};
use views::settings::NotesForm;

use super::field;
use crate::{
    components::{
        field::{Field, Labelled, inside_textarea},
        relative_time::RelativeTime,
        words::words,
    },
    server_fns::{DiscardNotes, NamedRefusal, SetNotes},
};

#[component]
pub(super) fn Notes(
    id: String,
    form: NotesForm,
    refused: Option<NamedRefusal>,
    now: Timestamp,
) -> impl IntoView {
    let NotesForm { version, notes, lines, changed, draft } = form;
    let changed = changed.map(|(by, at)| {
        view! { <p class="quiet">"Last changed by " {words(&by)} ", " <RelativeTime at now />"."</p> }
    });
    let refusal = draft.as_ref().map(|_| {
        let refused = refused.filter(|refused| field(refused) == Some("notes"));
        refused.map_or_else(|| UNSAVED.to_owned(), |refused| refused.to_string())
    });
    let saved = draft.is_some().then(|| view! { <Saved lines /> });
    let discard = draft.is_some().then(|| view! { <Discard id=id.clone() /> });
    let field = Field {
        name: "notes",
        label: "Notes",
        hint: "Only staff can read them. Up to 4,000 characters.",
        value: draft.unwrap_or(notes),
        refusal,
    };
    view! {
        <section class="card" aria-label="Notes">
            <h2 class="card__title">"Notes"</h2>
            {changed}
            {saved}
            <form class="form" method="post" action=SetNotes::url() data-whole="">
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="notes_version" value=version.to_string() />
                <Labelled field=field.clone()>
                    <textarea
                        class="input"
                        id=field.id()
                        name="notes"
                        rows="5"
                        maxlength=LONGEST_NOTES.to_string()
                        autocomplete="off"
                        aria-describedby=field.described_by()
                        aria-invalid=field.invalid()
                    >
                        {inside_textarea(&field.value)}
                    </textarea>
                </Labelled>
                <div class="form__actions">
                    <button class="button" type="submit">
                        "Save notes"
                    </button>
                </div>
            </form>
            {discard}
        </section>
    }
}

/// Beside a draft of an earlier visit.
const UNSAVED: &str = "What you typed last is not saved. Compare it with the notes as they are, then save or discard it.";

/// The notes as they are saved, to compare.
#[component]
fn Saved(lines: Vec<ExternalText>) -> impl IntoView {
    let lines = lines.into_iter().map(|line| view! { <p>{words(&line)}</p> }).collect_view();
    view! {
        <div class="settings__saved" role="group" aria-label="Saved notes">
            {lines}
        </div>
    }
}

#[component]
fn Discard(id: String) -> impl IntoView {
    view! {
        <form method="post" action=DiscardNotes::url()>
            <input type="hidden" name="id" value=id />
            <button class="button button--quiet" type="submit">
                "Discard what I typed"
            </button>
        </form>
    }
}
