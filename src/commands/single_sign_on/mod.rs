//! Single sign-on: what an organization sets about it, and the sign-ins with it. An identity is
//! known by its issuer and subject, never by its address.
//!
//! The identity provider of an organization is trusted about that organization alone: it never
//! opens an account that has rights elsewhere, with the staff or in another organization.

mod admit;
mod begin;
mod connect;
mod finish;
mod require;
mod rules;
mod set_domains;
mod set_provider;

use super::{
    Actor, Error, Origin, login_throttle, login_throttle::Visitor, pace, sign_in::SignedIn,
    update_roles,
};
use crate::{
    db::Tx,
    domain::{
        access::OrganizationScope,
        id::OrganizationId,
        refusal::{Refusal, SignOnRefusal},
        single_sign_on::ProviderKind,
    },
    oidc::{ClientSecret, Issuer, NamedBy, Provider},
    state::AppState,
    store::identity_providers::{self, StoredProvider},
};

pub use self::{
    begin::{Begun, SignOnBy, SignOnStart, begin_sign_on, redirect_uri},
    connect::disconnect_identity,
    finish::{Callback, Finished, finish_sign_on},
    require::require_sign_on,
    set_domains::set_sign_on_domains,
    set_provider::{NewSignOn, remove_sign_on, set_sign_on, try_sign_on},
};

impl From<SignOnRefusal> for Error {
    fn from(refusal: SignOnRefusal) -> Self {
        Self::Refused(Refusal::SignOn(refusal))
    }
}

/// Whose provider it is: of an organization, or of the staff (`None`).
type Place<'a> = Option<&'a OrganizationId>;

/// The provider of a place; `NotSetUp` if there is none.
async fn provider(
    state: &AppState,
    tx: &mut Tx,
    place: Place<'_>,
) -> Result<(Provider, Option<StoredProvider>), Error> {
    let Some(id) = place else {
        let staff = state.settings.operations.staff_provider.clone();
        return Ok((staff.ok_or(SignOnRefusal::NotSetUp)?, None));
    };
    let scope = OrganizationScope::of_sign_on(id.clone());
    let stored = identity_providers::of(tx, &scope).await?.ok_or(SignOnRefusal::NotSetUp)?;
    let secret = identity_providers::client_secret(tx, &scope).await?;
    Ok((of_organization(state, id, &stored, secret)?, Some(stored)))
}

fn of_organization(
    state: &AppState,
    id: &OrganizationId,
    stored: &StoredProvider,
    client_secret: Option<String>,
) -> Result<Provider, SignOnRefusal> {
    let operations = &state.settings.operations;
    match stored.kind {
        ProviderKind::Oidc => Ok(Provider {
            issuer: Issuer::parse(&stored.issuer, operations.allowed_addresses)?,
            client_id: stored.client_id.clone(),
            client_secret: client_secret.map(ClientSecret),
            named_by: NamedBy::Organization,
            scalekit_organization: None,
        }),
        ProviderKind::Scalekit => {
            let scalekit = operations.scalekit_provider.clone();
            let scalekit = scalekit.ok_or(SignOnRefusal::NoScalekit)?;
            Ok(Provider { scalekit_organization: Some(id.clone()), ..scalekit })
        }
    }
}
