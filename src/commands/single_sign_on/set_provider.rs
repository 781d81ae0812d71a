//! Sets, tries out and removes the identity provider of an organization.

use super::{Actor, Error, login_throttle, of_organization, pace, provider};
use crate::{
    clock::Generate,
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        id::{AuditEntryId, OrganizationId},
        refusal::{Refusal, SignOnRefusal},
        single_sign_on::{ProviderKind, parse_client_id},
    },
    oidc::Issuer,
    state::AppState,
    store::{
        audit_log::{self, Entry},
        identity_providers::{self, NewProvider, StoredProvider},
        organizations,
    },
};

/// In characters.
const LONGEST_SECRET: usize = 1_000;

/// The provider as the form sends it.
#[derive(Clone)]
pub struct NewSignOn {
    pub kind: ProviderKind,
    pub issuer: String,
    pub client_id: String,
    /// Empty: the stored one stays.
    pub client_secret: String,
    /// A public client, which has none.
    pub has_no_secret: bool,
    pub creates_accounts: bool,
}

impl NewSignOn {
    fn parse(&self, state: &AppState) -> Result<(String, String), SignOnRefusal> {
        let operations = &state.settings.operations;
        if self.kind == ProviderKind::Scalekit {
            return match operations.scalekit_provider {
                Some(_) => Ok((String::new(), String::new())),
                None => Err(SignOnRefusal::NoScalekit),
            };
        }
        let issuer = Issuer::parse(&self.issuer, operations.allowed_addresses)?;
        let client_id = parse_client_id(&self.client_id)?;
        Ok((issuer.as_str().to_owned(), client_id.to_owned()))
    }

    /// The secret to store. It is for one issuer and one client, and is never sent to another.
    fn secret(
        &self,
        known: Option<(&StoredProvider, String)>,
        (issuer, client_id): (&str, &str),
    ) -> Result<Option<String>, SignOnRefusal> {
        let typed = self.client_secret.trim();
        if self.kind == ProviderKind::Scalekit || self.has_no_secret {
            return Ok(None);
        }
        if typed.chars().count() > LONGEST_SECRET || typed.contains(char::is_control) {
            return Err(SignOnRefusal::ClientSecret);
        }
        if !typed.is_empty() {
            return Ok(Some(typed.to_owned()));
        }
        let same = known.filter(|(known, _)| {
            known.kind == self.kind && known.issuer == issuer && known.client_id == client_id
        });
        same.map(|(_, secret)| Some(secret)).ok_or(SignOnRefusal::ClientSecret)
    }
}

/// What the audit log says about a provider: never its secret.
fn words(provider: &StoredProvider) -> String {
    let name = match provider.kind {
        ProviderKind::Scalekit => "Scalekit".to_owned(),
        ProviderKind::Oidc => format!("{} (client {})", provider.issuer, provider.client_id),
    };
    let secret = match (provider.kind, provider.has_secret) {
        (ProviderKind::Oidc, false) => ", without a secret",
        _ => "",
    };
    let makes = if provider.creates_accounts { ", makes accounts" } else { "" };
    format!("{name}{secret}{makes}")
}

/// False: nothing is different, as far as it can be seen.
pub async fn set_sign_on(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    new: &NewSignOn,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let (issuer, client_id) = new.parse(state)?;
    let known = identity_providers::of(&mut tx, &locked.scope).await?;
    let known_secret = identity_providers::client_secret(&mut tx, &locked.scope).await?;
    let with_secret = known.as_ref().zip(known_secret.clone());
    let client_secret = new.secret(with_secret, (&issuer, &client_id))?;
    let next = StoredProvider {
        kind: new.kind,
        issuer,
        client_id,
        has_secret: client_secret.is_some(),
        creates_accounts: new.creates_accounts,
        is_required: known.as_ref().is_some_and(|known| known.is_required),
    };
    if known.as_ref() == Some(&next) && known_secret == client_secret {
        return Ok(false);
    }
    if let Some(known) = known.as_ref().filter(|known| known.is_required)
        && (known.kind, &known.issuer) != (next.kind, &next.issuer)
    {
        return Err(SignOnRefusal::RequiredNow.into());
    }
    let now = state.clock.now();
    let about = (AuditAction::SetSingleSignOn, pace::SETTINGS);
    pace::keep_pace(&mut tx, actor, &locked.scope, about, now).await?;
    let stored = NewProvider {
        kind: next.kind,
        issuer: &next.issuer,
        client_id: &next.client_id,
        client_secret: client_secret.as_deref(),
        creates_accounts: next.creates_accounts,
    };
    identity_providers::set(&mut tx, &locked.scope, stored).await?;
    let (before, after) = (known.as_ref().map(words), words(&next));
    let is_new_secret = client_secret.is_some() && known_secret != client_secret;
    let entry = Entry {
        before: before.as_deref(),
        after: Some(&after),
        reason: is_new_secret.then_some("With a new secret"),
        ..actor.entry(AuditAction::SetSingleSignOn)
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add(&mut tx, &locked.scope, &id, &entry, now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Removes the provider. False: there was none.
pub async fn remove_sign_on(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let Some(known) = identity_providers::of(&mut tx, &locked.scope).await? else {
        return Ok(false);
    };
    if known.is_required {
        return Err(SignOnRefusal::RequiredNow.into());
    }
    identity_providers::remove(&mut tx, &locked.scope).await?;
    let before = words(&known);
    let entry = Entry { before: Some(&before), ..actor.entry(AuditAction::SetSingleSignOn) };
    let (id, now) = (AuditEntryId::generate(&state.clock), state.clock.now());
    audit_log::add(&mut tx, &locked.scope, &id, &entry, now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Asks the provider for its configuration and its keys. The refusal says what is wrong.
pub async fn try_sign_on(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
) -> Result<(), Error> {
    login_throttle::admit_try(state, actor.account()).await?;
    let mut tx = state.db.read().await?;
    let scope = OrganizationScope::of_sign_on(organization.clone());
    organizations::revision(&mut tx, &scope).await?.ok_or(Error::Missing)?;
    let found = provider(state, &mut tx, Some(organization)).await;
    drop(tx); // no connection is held while the provider is asked
    let (provider, _) = found.map_err(|error| match error {
        Error::Refused(Refusal::SignOn(SignOnRefusal::NotSetUp)) => {
            SignOnRefusal::NoProvider.into()
        }
        error => error,
    })?;
    Ok(state.oidc.try_out(&provider).await?)
}

/// The issuer that the provider of an organization has now, as identities name it.
pub(super) fn issuer_of(
    state: &AppState,
    organization: &OrganizationId,
    stored: &StoredProvider,
) -> Result<String, SignOnRefusal> {
    let provider = of_organization(state, organization, stored, None)?;
    Ok(provider.issuer.as_str().to_owned())
}
