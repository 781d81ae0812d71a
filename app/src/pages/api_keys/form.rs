//! The form that makes a key.

use domain::api_key::{ApiKey, KeyScope};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    components::{
        choices::{Choice, Choices},
        field::{Field, Labelled, TextField},
    },
    query::Sent,
    server_fns::CreateApiKey,
};

/// The form in an address.
const FORM: &str = "key";

#[component]
pub(super) fn KeyForm(sent: Sent) -> impl IntoView {
    let typed = sent.typed(FORM).cloned();
    let beside = move |field: &str| sent.beside(FORM, field);
    let typed = typed.as_ref();
    let value = |name: &str| typed.and_then(|typed| typed.get(name)).unwrap_or_default().to_owned();
    let name = Field {
        name: "name",
        label: "Name",
        hint: "The program that will use it, such as Billing.",
        value: value("name"),
        refusal: beside("name"),
    };
    let organization = Field {
        name: "organization",
        label: "Organization",
        hint: "The id, org_…, of the only one that the key reaches. Empty: all organizations.",
        value: value("organization"),
        refusal: beside("organization"),
    };
    let days = Field {
        name: "days",
        label: "Days",
        hint: "After so many days the key ends by itself. Empty: it works until it is revoked.",
        value: value("days"),
        refusal: beside("days"),
    };
    // a new form offers what can do the least
    let chosen = typed.map_or_else(|| "read".to_owned(), |_| value("scopes"));
    let is_chosen = |scope: KeyScope| chosen.split(',').any(|one| one == scope.as_str());
    let choice = |(scope, word, meaning): (KeyScope, &'static str, &'static str)| Choice {
        value: scope.as_str(),
        word,
        meaning,
        is_chosen: is_chosen(scope),
    };
    let choices = [
        (KeyScope::Read, "Read", "organizations and people, and whether a person is allowed in"),
        (KeyScope::Write, "Write", "limits, the waitlist and seat requests; it reads, too"),
        (KeyScope::Import, "Import", "bring people in, and nothing else"),
    ]
    .map(choice);
    view! {
        <form
            class="card form members__invite"
            id="new"
            method="post"
            action=CreateApiKey::url()
            novalidate=true
            autocomplete="off"
        >
            <h2 class="card__title">"Make a key"</h2>
            <TextField field=name />
            <Choices
                name="scopes[]"
                label="What it may do"
                refusal=beside("scopes")
                choices=choices.into()
            />
            <TextField field=organization />
            <Number field=days most=ApiKey::MOST_DAYS />
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    "Make the key"
                </button>
            </div>
        </form>
    }
}

/// A field for a whole number, which may stay empty.
#[component]
fn Number(field: Field, most: u64) -> impl IntoView {
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let (name, value, focus) = (field.name, field.value.clone(), field.is_refused());
    view! {
        <Labelled field>
            <input
                class="input input--days"
                id=id
                name=name
                value=value
                inputmode="numeric"
                maxlength=most.to_string().len().to_string()
                autocomplete="off"
                autofocus=focus
                aria-describedby=described
                aria-invalid=invalid
            />
        </Labelled>
    }
}
