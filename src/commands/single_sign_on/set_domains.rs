//! Sets the domains of e-mail addresses that belong to an organization. Only staff enter them: an
//! address of such a domain leads to the organization's provider, which may open its account.

use super::{Actor, Error};
use crate::{
    clock::Generate,
    domain::{
        audit::AuditAction,
        id::{AuditEntryId, OrganizationId},
        refusal::SignOnRefusal,
        single_sign_on::parse_domains,
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        identity_providers, organizations,
    },
};

/// False: the organization has these domains already.
pub async fn set_sign_on_domains(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    domains: &str,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    // another organization may enter the same domain at this moment
    tx.advisory_lock().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let domains = parse_domains(domains)?;
    for domain in &domains {
        let owner = identity_providers::owner_of_domain(&mut tx, domain).await?;
        if owner.is_some_and(|owner| owner != *organization) {
            return Err(SignOnRefusal::DomainTaken.into());
        }
    }
    let known = identity_providers::domains(&mut tx, &locked.scope).await?;
    if known == domains {
        return Ok(false);
    }
    identity_providers::set_domains(&mut tx, &locked.scope, &domains).await?;
    let (before, after) = (known.join(", "), domains.join(", "));
    let entry = Entry {
        before: Some(before.as_str()).filter(|text| !text.is_empty()),
        after: Some(after.as_str()).filter(|text| !text.is_empty()),
        ..actor.entry(AuditAction::SetSignOnDomains)
    };
    let (id, now) = (AuditEntryId::generate(&state.clock), state.clock.now());
    audit_log::add(&mut tx, &locked.scope, &id, &entry, now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(true)
}
