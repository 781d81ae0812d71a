//! All organizations, or one of them: a choice that an empty field does not make.

use leptos::prelude::*;
use views::organization_choices::OrganizationChoices;

use super::field::{Field, Labelled};

/// What was chosen in a form, and what was wrong with it.
pub struct Chosen {
    /// `one` or `all`.
    pub reach: String,
    pub reach_refusal: Option<String>,
    pub organization: String,
    pub organization_refusal: Option<String>,
}

/// `one` and `all` say what each choice means.
#[component]
pub fn Reach(
    chosen: Chosen,
    one: &'static str,
    all: &'static str,
    organizations: OrganizationChoices,
) -> impl IntoView {
    let Chosen { reach, reach_refusal, organization, organization_refusal } = chosen;
    let described = reach_refusal.is_some().then_some("refusal-reach");
    let refusal = reach_refusal.map(|sentence| {
        view! {
            <p class="field__refusal" id="refusal-reach">
                {sentence}
            </p>
        }
    });
    let choice = |value: &'static str, word: &'static str, meaning: &'static str| {
        view! {
            <label class="check">
                <input
                    class="check__box"
                    type="radio"
                    name="reach"
                    value=value
                    checked=reach == value
                    autocomplete="off"
                />
                <span>{word} " " <span class="quiet">{meaning}</span></span>
            </label>
        }
    };
    let organization = Field {
        name: "organization",
        label: "Organization",
        hint: if organizations.is_cut {
            "Choose it by name, or enter the id, org_…, which its page shows. Not all are offered."
        } else {
            "Choose it by name, or enter the id, org_…"
        },
        value: organization,
        refusal: organization_refusal,
    };
    view! {
        <fieldset class="choices" aria-describedby=described>
            <legend class="field__label">"Organizations"</legend>
            <div class="choices__all">
                {choice("one", "One organization", one)} <div class="choices__more">
                    <Organization field=organization organizations />
                </div> {choice("all", "All organizations", all)}
            </div>
            {refusal}
        </fieldset>
    }
}

/// The id of an organization. A browser offers the names, with scripts or without.
#[component]
fn Organization(field: Field, organizations: OrganizationChoices) -> impl IntoView {
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let (name, value, focus) = (field.name, field.value.clone(), field.is_refused());
    let list = format!("{name}s");
    let options = organizations.rows.into_iter().map(|(id, name)| {
        view! { <option value=id.to_string()>{name.to_string()}</option> }
    });
    let options = options.collect_view();
    view! {
        <Labelled field>
            <input
                class="input"
                id=id
                name=name
                value=value
                list=list.clone()
                autocomplete="off"
                spellcheck="false"
                autofocus=focus
                aria-describedby=described
                aria-invalid=invalid
            />
            <datalist id=list>{options}</datalist>
        </Labelled>
    }
}
