//! The identity provider: a form for those who may change it, a list for others.

use domain::single_sign_on::ProviderKind;
use leptos::{prelude::*, server_fn::ServerFn};
use views::single_sign_on::{SignOnPage, SignOnProvider};

use crate::{
    components::{
        description_list::{DescriptionList, Entry},
        field::{Field, Labelled, TextField},
        id::Id,
        words::words,
    },
    query::Sent,
    server_fns::SetSignOn,
};

#[component]
pub(super) fn Shown(page: SignOnPage) -> impl IntoView {
    let provider = match page.provider {
        Some(provider) => words(&provider.shown),
        None => "None".into_any(),
    };
    view! {
        <section class="card" aria-label="Identity provider">
            <h2 class="card__title">"Identity provider"</h2>
            <DescriptionList>
                <Entry word="Provider">{provider}</Entry>
                <Entry word="Link to sign in">
                    <Id text=page.link whole=true />
                </Entry>
            </DescriptionList>
        </section>
    }
}

/// What the form shows: what was typed if it was refused, otherwise what is stored.
struct Fields {
    kind: ProviderKind,
    issuer: Field,
    client_id: Field,
    secret: Field,
    has_no_secret: bool,
    creates_accounts: bool,
}

impl Fields {
    fn of(known: Option<&SignOnProvider>, sent: &Sent) -> Self {
        let typed = sent.typed("provider");
        let text = |name: &str, stored: Option<&String>| match typed {
            Some(typed) => typed.get(name).unwrap_or_default().to_owned(),
            None => stored.cloned().unwrap_or_default(),
        };
        let is_on =
            |name: &str, stored: bool| typed.map_or(stored, |typed| typed.text(name) == "yes");
        let kind = match typed {
            Some(typed) => ProviderKind::parse(typed.text("kind")),
            None => known.map(|known| known.kind),
        };
        let has_secret = known.is_some_and(|known| known.has_secret);
        let is_public =
            known.is_some_and(|known| known.kind == ProviderKind::Oidc && !known.has_secret);
        let secret_hint = if has_secret {
            "One is stored and never shown. An empty field keeps it, for the same issuer and client."
        } else {
            "It is stored and never shown again."
        };
        Self {
            kind: kind.unwrap_or(ProviderKind::Oidc),
            issuer: Field {
                name: "provider[issuer]",
                label: "Issuer",
                hint: "Exactly as the provider names itself, such as https://acme.okta.com. Not needed with Scalekit.",
                value: text("issuer", known.map(|known| &known.issuer)),
                refusal: sent.beside("provider", "issuer"),
            },
            client_id: Field {
                name: "provider[client_id]",
                label: "Client id",
                value: text("client_id", known.map(|known| &known.client_id)),
                refusal: sent.beside("provider", "client_id"),
                ..Field::default()
            },
            secret: Field {
                name: "provider[client_secret]",
                label: if has_secret { "New client secret" } else { "Client secret" },
                hint: secret_hint,
                refusal: sent.beside("provider", "client_secret"),
                ..Field::default()
            },
            has_no_secret: is_on("has_no_secret", is_public),
            creates_accounts: is_on(
                "creates_accounts",
                known.is_some_and(|known| known.creates_accounts),
            ),
        }
    }
}

#[component]
pub(super) fn Form(page: SignOnPage, sent: Sent) -> impl IntoView {
    let fields = Fields::of(page.provider.as_ref(), &sent);
    let Fields { kind, issuer, client_id, secret, has_no_secret, creates_accounts } = fields;
    let kinds = if page.has_scalekit {
        let refusal = move || sent.beside("provider", "kind");
        view! { <Kinds kind refusal=refusal() /> }.into_any()
    } else {
        view! { <input type="hidden" name="provider[kind]" value="oidc" /> }.into_any()
    };
    view! {
        <section class="card" aria-label="Identity provider">
            <h2 class="card__title">"Identity provider"</h2>
            <DescriptionList>
                <Entry word="Redirect address, to enter there">
                    <Id text=page.redirect_uri whole=true />
                </Entry>
                <Entry word="Link to sign in">
                    <Id text=page.link whole=true />
                </Entry>
            </DescriptionList>
            <form
                class="form"
                method="post"
                action=SetSignOn::url()
                novalidate=true
                autocomplete="off"
                data-whole=""
            >
                <input type="hidden" name="id" value=page.organization.to_string() />
                {kinds}
                <TextField field=issuer />
                <TextField field=client_id />
                <Secret field=secret />
                <label class="check">
                    <input
                        class="check__box"
                        type="checkbox"
                        name="provider[has_no_secret]"
                        value="yes"
                        checked=has_no_secret
                    />
                    "The client has no secret (a public client, with PKCE alone)"
                </label>
                <label class="check">
                    <input
                        class="check__box"
                        type="checkbox"
                        name="provider[creates_accounts]"
                        value="yes"
                        checked=creates_accounts
                    />
                    "People without an account get one at their first sign-in"
                </label>
                <p class="field__hint">
                    "As viewers, if their address has one of the domains below, or if a group with a role in the dashboard lets them in. Such a group can make them admins."
                </p>
                <div class="form__actions">
                    <button class="button button--main" type="submit">
                        "Save provider"
                    </button>
                </div>
            </form>
        </section>
    }
}

/// The choice between a provider of the organization's own and Scalekit.
#[component]
fn Kinds(kind: ProviderKind, refusal: Option<String>) -> impl IntoView {
    let field = Field {
        name: "provider[kind]",
        label: "Provider",
        hint: "With Scalekit, the connection that the organization has there is used.",
        refusal,
        ..Field::default()
    };
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let is_scalekit = kind == ProviderKind::Scalekit;
    view! {
        <Labelled field>
            <select
                class="input"
                id=id
                name="provider[kind]"
                autocomplete="off"
                aria-describedby=described
                aria-invalid=invalid
            >
                <option value="oidc" selected=!is_scalekit>
                    "An identity provider with OpenID Connect"
                </option>
                <option value="scalekit" selected=is_scalekit>
                    "Scalekit"
                </option>
            </select>
        </Labelled>
    }
}

/// A secret that the form never shows: it may stay empty.
#[component]
fn Secret(field: Field) -> impl IntoView {
    let (id, described, invalid) = (field.id(), field.described_by(), field.invalid());
    let name = field.name;
    view! {
        <Labelled field>
            <input
                class="input"
                id=id
                name=name
                type="password"
                autocomplete="off"
                aria-describedby=described
                aria-invalid=invalid
            />
        </Labelled>
    }
}
