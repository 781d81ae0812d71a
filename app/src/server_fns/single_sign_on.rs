//! Single sign-on: how it begins, and its settings. A sign-in ends in `crate::single_sign_on`.
#![cfg_attr(
    feature = "ssr",
    expect(clippy::unused_async, reason = "a server function is async, whatever it does")
)]

use domain::id::OrganizationId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use views::single_sign_on::SignOnPage;

use super::AppError;

/// Whether the staff have an identity provider of their own.
#[server(prefix = "/api", endpoint = "load_sign_on_form")]
pub async fn load_sign_on_form() -> Result<bool, AppError> {
    Ok(seatkeeper::queries::has_staff_provider(&super::state()?))
}

/// Begins a sign-in and sends the browser to the provider. One of the parameters says which
/// sign-in it is; of several, the first one counts.
#[server(prefix = "/api", endpoint = "begin_sign_on")]
pub async fn begin_sign_on(
    #[server(default)] organization: String,
    #[server(default)] staff: bool,
    #[server(default)] token: String,
    #[server(default)] issuer: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use crate::paths;
    use domain::refusal::SignOnRefusal;
    use seatkeeper::commands::SignOnBy;

    super::answer::keep_address_private();
    let organization_of = |text: &str| {
        OrganizationId::parse(text).ok_or(AppError::refused(SignOnRefusal::NotSetUp.into()))
    };
    let by = if !organization.is_empty() {
        SignOnBy::Organization(organization_of(&organization)?)
    } else if staff {
        SignOnBy::Staff
    } else if !token.is_empty() {
        SignOnBy::Scalekit(token)
    } else {
        SignOnBy::Issuer(issuer)
    };
    begin(by, None, paths::local_path(&next).unwrap_or_default()).await
}

#[cfg(feature = "ssr")]
async fn begin(
    by: seatkeeper::commands::SignOnBy,
    connects: Option<domain::id::AccountId>,
    next: &str,
) -> Result<(), AppError> {
    use seatkeeper::commands::{self, SignOnStart};

    use crate::single_sign_on::browser_token;

    let state = super::state()?;
    let (browser, visitor) = (browser_token(&state)?, super::visitor(&state));
    let start = SignOnStart { by, browser, connects, next: next.to_owned(), visitor };
    let begun = commands::begin_sign_on(&state, &start).await?;
    super::answer::redirect(&begun.to);
    Ok(())
}

/// Finds the provider of an address. A form must not lead to another site, so a page in between
/// does. The answer is the same for all addresses that lead to no provider.
#[server(prefix = "/api", endpoint = "find_sign_on")]
pub async fn find_sign_on(email: String, #[server(default)] next: String) -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use seatkeeper::commands::SignOnBy;

    let (state, next) = (super::state()?, paths::local_path(&next).unwrap_or_default());
    let visitor = super::visitor(&state);
    let found = SignOnBy::Address(email.clone()).find(&state, &visitor).await;
    if found.is_err() && answer::is_form() {
        answer::keep_email(&email, answer::EmailForm::SignIn);
    }
    super::settled(
        found.map(|organization| {
            let id = organization.as_ref().map_or("", OrganizationId::as_str);
            paths::with_query(paths::SIGN_ON, &[("to", id), ("next", next)])
        }),
        &paths::with_query(paths::SIGN_ON, &[("form", "find"), ("next", next)]),
    )
}

/// Connects the account that is signed in with its provider, by way of a page in between. An
/// identity opens the account for good, so its owner shows first who they are.
#[server(prefix = "/api", endpoint = "connect_sign_on")]
pub async fn connect_sign_on() -> Result<(), AppError> {
    use super::answer;
    use crate::paths;
    use domain::refusal::Refusal;

    super::signed_in().await?;
    match super::fresh_proof().await {
        Ok(_) => answer::redirect(&paths::with_query(paths::SIGN_ON, &[("to", "account")])),
        Err(AppError::Refused(Refusal::ProofTooOld)) => {
            answer::redirect(&paths::confirm_identity(paths::ACCOUNT));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Begins what `connect_sign_on` is for.
#[server(prefix = "/api", endpoint = "begin_connection")]
pub async fn begin_connection() -> Result<(), AppError> {
    use crate::paths;
    use domain::refusal::SignOnRefusal;
    use seatkeeper::{commands::SignOnBy, queries};
    use views::single_sign_on::SignOnOffer;

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    super::fresh_proof().await?;
    let offer = queries::own_account(&state, &viewer, None).await?.connects;
    let by = match offer {
        Some(SignOnOffer::Organization(id)) => SignOnBy::Organization(id),
        Some(SignOnOffer::Staff) => SignOnBy::Staff,
        None => return Err(AppError::refused(SignOnRefusal::NotSetUp.into())),
    };
    begin(by, Some(viewer.account), paths::ACCOUNT).await
}

#[server(prefix = "/api", endpoint = "disconnect_sign_on")]
pub async fn disconnect_sign_on(issuer: String) -> Result<(), AppError> {
    use crate::paths;

    let (state, viewer) = (super::state()?, super::signed_in().await?);
    let actor = super::own_actor().await?;
    let done = seatkeeper::commands::disconnect_identity(&state, &actor, &viewer, &issuer).await;
    super::settled(
        done.map(|done| {
            paths::account(&[("saved", if done { "disconnected" } else { "not-connected" })])
        }),
        &paths::account(&[("form", "sign-on")]),
    )
}

#[server(prefix = "/api", endpoint = "load_sign_on")]
pub async fn load_sign_on(id: OrganizationId) -> Result<SignOnPage, AppError> {
    let scope = super::scope(&id).await?;
    let viewer = super::signed_in().await?;
    Ok(seatkeeper::queries::single_sign_on(&super::state()?, &scope, &viewer).await?)
}

/// The identity provider as the form sends it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProviderFields {
    kind: String,
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
    #[serde(default)]
    has_no_secret: Option<String>,
    #[serde(default)]
    creates_accounts: Option<String>,
}

/// Sets the identity provider. The secret never comes back to the form, also after a refusal.
#[server(prefix = "/api", endpoint = "set_sign_on")]
pub async fn set_sign_on(id: OrganizationId, provider: ProviderFields) -> Result<(), AppError> {
    use super::{Refused, answer};
    use crate::paths;
    use domain::single_sign_on::ProviderKind;
    use seatkeeper::commands::{self, NewSignOn};

    let actor = super::member_manager(&id).await?;
    let (state, page) = (super::state()?, paths::sign_on_of(&id));
    let new = NewSignOn {
        kind: ProviderKind::parse(&provider.kind).unwrap_or(ProviderKind::Oidc),
        issuer: provider.issuer,
        client_id: provider.client_id,
        client_secret: provider.client_secret,
        has_no_secret: provider.has_no_secret.is_some(),
        creates_accounts: provider.creates_accounts.is_some(),
    };
    match commands::set_sign_on(&state, &actor, &id, &new).await.map_err(AppError::from) {
        Ok(is_changed) => {
            let saved = if is_changed { "provider" } else { "same" };
            answer::redirect(&paths::with_query(&page, &[("saved", saved)]));
        }
        Err(failure @ AppError::Refused(_)) if answer::is_form() => {
            let typed = |text: &str| text.chars().take(500).collect::<String>();
            let (issuer, client_id) = (typed(&new.issuer), typed(&new.client_id));
            let word = |is_chosen: bool| if is_chosen { "yes" } else { "" };
            let typed = [
                ("form", "provider"),
                ("kind", new.kind.as_str()),
                ("issuer", issuer.as_str()),
                ("client_id", client_id.as_str()),
                ("has_no_secret", word(new.has_no_secret)),
                ("creates_accounts", word(new.creates_accounts)),
                ("refused", Refused::of(&failure).word()),
            ];
            answer::redirect(&paths::with_query(&page, &typed));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

#[server(prefix = "/api", endpoint = "remove_sign_on")]
pub async fn remove_sign_on(id: OrganizationId) -> Result<(), AppError> {
    let actor = super::member_manager(&id).await?;
    let removed = seatkeeper::commands::remove_sign_on(&super::state()?, &actor, &id).await;
    settled(&id, removed.map(|is_changed| if is_changed { "removed" } else { "same" }))
}

/// Runs discovery, and says what is wrong.
#[server(prefix = "/api", endpoint = "try_sign_on")]
pub async fn try_sign_on(id: OrganizationId) -> Result<(), AppError> {
    let actor = super::member_manager(&id).await?;
    let tried = seatkeeper::commands::try_sign_on(&super::state()?, &actor, &id).await;
    settled(&id, tried.map(|()| "works"))
}

#[server(prefix = "/api", endpoint = "require_sign_on")]
pub async fn require_sign_on(id: OrganizationId, required: bool) -> Result<(), AppError> {
    let actor = super::member_manager(&id).await?;
    let state = super::state()?;
    let done = seatkeeper::commands::require_sign_on(&state, &actor, &id, required).await;
    let word = if required { "required" } else { "not-required" };
    settled(&id, done.map(|is_changed| if is_changed { word } else { "same" }))
}

/// Sets the domains that belong to the organization; only staff enter them.
#[server(prefix = "/api", endpoint = "set_sign_on_domains")]
pub async fn set_sign_on_domains(
    id: OrganizationId,
    #[server(default)] domains: String,
) -> Result<(), AppError> {
    use crate::paths;

    let actor = super::staff_actor().await?;
    let (state, page) = (super::state()?, paths::sign_on_of(&id));
    let set = seatkeeper::commands::set_sign_on_domains(&state, &actor, &id, &domains).await;
    let typed: String = domains.chars().take(1_000).collect();
    super::settled(
        set.map(|is_changed| {
            let saved = if is_changed { "domains" } else { "same" };
            paths::with_query(&page, &[("saved", saved)])
        }),
        &paths::with_query(&page, &[("form", "domains"), ("domains", &typed)]),
    )
}

#[cfg(feature = "ssr")]
fn settled(
    id: &OrganizationId,
    done: Result<&'static str, seatkeeper::commands::Error>,
) -> Result<(), AppError> {
    use crate::paths;

    let page = paths::sign_on_of(id);
    super::settled(done.map(|saved| paths::with_query(&page, &[("saved", saved)])), &page)
}
