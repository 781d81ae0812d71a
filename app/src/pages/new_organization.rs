//! Adding an organization by hand, before its first webhook. Staff only.

use domain::refusal::Refusal;
use leptos::{prelude::*, server_fn::ServerFn};
use views::settings::{NewOrganizationForm, NewOrganizationQuery};

use crate::{
    components::{
        field::{Field, TextField},
        page_data::loaded,
        page_header::PageHeader,
        words::words,
    },
    paths,
    query::Query,
    server_fns::{AddOrganization, load_new_organization},
};

#[component]
pub fn NewOrganization() -> impl IntoView {
    let typed: NewOrganizationQuery = Query::of_request().read();
    let asking = typed.clone();
    loaded(
        move || load_new_organization(asking.clone()),
        move |_, form| view! { <Page form typed=typed.clone() /> }.into_any(),
    )
}

#[component]
fn Page(form: NewOrganizationForm, typed: NewOrganizationQuery) -> impl IntoView {
    let NewOrganizationForm { limit, refusals, existing } = form;
    let first = refusals.first().and_then(Refusal::field);
    let refused = move |name| {
        let of_field = refusals.iter().find(|refusal| refusal.field() == Some(name));
        of_field.map(ToString::to_string)
    };
    let field =
        |name, label, hint, value| Field { name, label, hint, value, refusal: refused(name) };
    let organization = field(
        "organization",
        "Scalekit’s id",
        "It begins with org_, and stands in Scalekit’s dashboard beside the organization.",
        typed.organization,
    );
    let name = field(
        "name",
        "Name",
        "Until Scalekit says another one with its first event about the organization.",
        typed.name,
    );
    let external_id = field(
        "external_id",
        "External id (optional)",
        "Its id in another system, for example in billing.",
        typed.external_id,
    );
    let limit = field(
        "limit",
        "Seat limit (optional)",
        "A whole number, or “unlimited”. Leave it empty to set it later: until then its people wait.",
        limit,
    );
    let existing = existing.map(|(id, name)| {
        view! {
            <p>
                <a href=paths::organization(&id)>"Open " {words(&name)}</a>
            </p>
        }
    });
    view! {
        <p class="crumb">
            <a href=paths::ORGANIZATIONS>"Organizations"</a>
        </p>
        <PageHeader
            title="Add organization"
            sentence="An organization appears by itself with its first webhook. Add it by hand to set its plan before that."
        />
        <form
            class="form settings__form"
            method="post"
            action=AddOrganization::url()
            novalidate=true
        >
            <TextField focus=first.is_none_or(|name| name == "organization") field=organization />
            {existing}
            <TextField focus=first == Some("name") field=name />
            <TextField focus=first == Some("external_id") field=external_id />
            <TextField focus=first == Some("limit") field=limit />
            <div class="form__actions">
                <button class="button button--main" type="submit">
                    "Add organization"
                </button>
                <a class="button button--quiet" href=paths::ORGANIZATIONS>
                    "Cancel"
                </a>
            </div>
        </form>
    }
}
