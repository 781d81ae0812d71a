//! The name, the external id and the account manager: a form for staff, a list for tenants.

use domain::{id::AccountId, text::ExternalText};
use leptos::{prelude::*, server_fn::ServerFn};
use views::settings::{DetailsForm, SettingsPage};

use super::{Sent, field};
use crate::{
    components::{
        description_list::{DescriptionList, Entry},
        field::{Field, Labelled, TextField},
        id::Id,
        words::words,
    },
    server_fns::SetDetails,
};

#[component]
pub(super) fn Details(page: SettingsPage, sent: Sent) -> impl IntoView {
    let SettingsPage { organization, name, external_id, account_manager, staff, .. } = page;
    let id = organization.to_string();
    let content = match staff {
        Some(staff) => view! { <Form id=id.clone() form=staff.details sent /> }.into_any(),
        None => view! {
            <DescriptionList>
                <Entry word="Name">{words(&name)}</Entry>
                <Entry word="External id">{or_none(external_id)}</Entry>
                <Entry word="Account manager">{or_none(account_manager)}</Entry>
            </DescriptionList>
        }
        .into_any(),
    };
    view! {
        <section class="card" aria-label="Details">
            <h2 class="card__title">"Details"</h2>
            <Id text=id whole=true />
            {content}
        </section>
    }
}

fn or_none(text: Option<ExternalText>) -> AnyView {
    text.map_or_else(|| "–".into_any(), |text| words(&text))
}

#[component]
fn Form(id: String, form: DetailsForm, sent: Sent) -> impl IntoView {
    let typed = |name: &str, stored: String| match &sent.details {
        Some(typed) => typed.get(name).unwrap_or_default().to_owned(),
        None => stored,
    };
    let refusal = |name| {
        let refused = sent.details.as_ref().and(sent.refused.as_ref());
        refused.filter(|refused| field(refused) == Some(name)).map(ToString::to_string)
    };
    let name = Field {
        name: "name",
        label: "Name",
        hint: "Scalekit may rename it again, with a newer event.",
        value: typed("name", form.name),
        refusal: refusal("name"),
    };
    let external_id = Field {
        name: "external_id",
        label: "External id (optional)",
        hint: "Its id in another system. Scalekit may set it again, too.",
        value: typed("external_id", form.external_id),
        refusal: refusal("external_id"),
    };
    let stored = form.account_manager.map(String::from).unwrap_or_default();
    let manager = Field {
        name: "account_manager",
        label: "Account manager",
        hint: "The customer sees the name.",
        value: typed("account_manager", stored),
        refusal: refusal("account_manager"),
    };
    view! {
        <form class="form" method="post" action=SetDetails::url() novalidate=true data-whole="">
            <input type="hidden" name="id" value=id />
            <input type="hidden" name="details_version" value=form.version.to_string() />
            <TextField field=name />
            <TextField field=external_id />
            <AccountManager field=manager accounts=form.account_managers />
            <div class="form__actions">
                <button class="button" type="submit">
                    "Save details"
                </button>
            </div>
        </form>
    }
}

#[component]
fn AccountManager(field: Field, accounts: Vec<(AccountId, ExternalText)>) -> impl IntoView {
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let (field_name, chosen) = (field.name, field.value.clone());
    let is_none = chosen.is_empty();
    let options = accounts.into_iter().map(move |(account, name)| {
        let account = account.to_string();
        view! {
            <option selected=account == chosen value=account>
                {name.to_string()}
            </option>
        }
    });
    let options = options.collect_view();
    view! {
        <Labelled field>
            <select
                class="input"
                id=id
                name=field_name
                autocomplete="off"
                aria-describedby=described
                aria-invalid=invalid
            >
                <option value="" selected=is_none>
                    "None"
                </option>
                {options}
            </select>
        </Labelled>
    }
}
