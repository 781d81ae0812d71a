//! Requires single sign-on of an organization's people, or does so no more. Who belongs to another
//! organization, too, keeps the password: no single provider may open such an account.

use super::{Actor, Error, set_provider::issuer_of};
use crate::{
    clock::Generate,
    domain::{
        audit::AuditAction,
        id::{AccountId, AuditEntryId, OrganizationId},
        refusal::SignOnRefusal,
    },
    state::AppState,
    store::{
        accounts,
        audit_log::{self, Entry},
        identities, identity_providers, organizations, sessions,
    },
};

/// The sessions that began with a password end when it is required. False: nothing is different.
pub async fn require_sign_on(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    is_required: bool,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let (scope, now) = (&locked.scope, state.clock.now());
    let known = identity_providers::of(&mut tx, scope).await?.ok_or(SignOnRefusal::NoProvider)?;
    if known.is_required == is_required {
        return Ok(false);
    }
    if is_required {
        let issuer = issuer_of(state, organization, &known)?;
        if !identities::has_opened_an_admin(&mut tx, scope, &issuer).await? {
            return Err(SignOnRefusal::NotTried.into());
        }
    }
    identity_providers::set_required(&mut tx, scope, is_required).await?;
    if is_required {
        let accounts: Vec<AccountId> =
            identity_providers::accounts_of_it_alone(&mut tx, scope).await?;
        accounts::lock_all(&mut tx, &accounts.iter().cloned().collect()).await?;
        for account in &accounts {
            sessions::end_of_passwords(&mut tx, account, now).await?;
        }
    }
    let word = |required: bool| if required { "required" } else { "not required" };
    let entry = Entry {
        before: Some(word(!is_required)),
        after: Some(word(is_required)),
        ..actor.entry(AuditAction::RequireSingleSignOn)
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add(&mut tx, scope, &id, &entry, now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(true)
}
