//! The form that makes a key.

use domain::api_key::KeyScope;
use leptos::{prelude::*, server_fn::ServerFn};
use views::organization_choices::OrganizationChoices;

use crate::{
    components::{
        choices::{Choice, Choices},
        field::{Field, Labelled, TextField},
        reach::Reach,
    },
    query::Sent,
    server_fns::{CreateApiKey, NO_END},
};

/// The form in an address.
const FORM: &str = "key";

/// How long a key may work: what the form sends, and the words.
const LIVES: [(&str, &str); 4] =
    [("30", "30 days"), ("90", "90 days"), ("365", "1 year"), (NO_END, "No end")];
/// The life that a new form offers.
const USUAL_LIFE: &str = "90";

#[component]
pub(super) fn KeyForm(sent: Sent, organizations: OrganizationChoices) -> impl IntoView {
    let beside = |field: &str| sent.beside(FORM, field);
    // a new form offers what can do the least
    let value = |name: &str, new: &str| sent.text(FORM, name, new).to_owned();
    let name = Field {
        name: "name",
        label: "Name",
        hint: "The program that will use it, such as Billing.",
        value: value("name", ""),
        refusal: beside("name"),
    };
    let life = Field {
        name: "days",
        label: "Works for",
        hint: "Then it ends by itself. A key without an end works until it is revoked.",
        value: value("days", USUAL_LIFE),
        refusal: beside("days"),
    };
    let chosen = value("scopes", KeyScope::Read.as_str());
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
    let of_scopes = beside("scopes");
    let reach = sent.reach(FORM, "one");
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
                refusal=of_scopes
                choices=choices.into()
            />
            <Reach
                chosen=reach
                one="the key sees nothing of the others"
                all="those that come later, too"
                organizations
            />
            <Life field=life />
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    "Make the key"
                </button>
            </div>
        </form>
    }
}

/// For how long the key works. A life that is not offered is the usual one.
#[component]
fn Life(field: Field) -> impl IntoView {
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let (name, typed) = (field.name, field.value.as_str());
    let is_offered = LIVES.iter().any(|(days, _)| *days == typed);
    let chosen = if is_offered { typed.to_owned() } else { USUAL_LIFE.to_owned() };
    let options = LIVES.map(|(days, words)| {
        view! {
            <option value=days selected=days == chosen>
                {words}
            </option>
        }
    });
    view! {
        <Labelled field>
            <select
                class="input input--days"
                id=id
                name=name
                autocomplete="off"
                aria-describedby=described
                aria-invalid=invalid
            >
                {options.collect_view()}
            </select>
        </Labelled>
    }
}
