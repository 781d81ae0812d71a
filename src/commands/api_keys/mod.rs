//! API keys: making, replacing and revoking them, and opening the API with one.
//!
//! The text of a key is shown once, to the person who makes it. A key is read from the database for
//! each request, so that a revoked one opens nothing from the next request on, in every process.

mod authenticate;
mod create;
mod end;
mod secret;

pub use self::{
    authenticate::{KeyError, authenticate, note_key_use},
    create::{NewApiKey, create_api_key},
    end::{revoke_api_key, rotate_api_key},
};

use super::{Actor, Error};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::OrganizationScope,
        api_key::ApiKey,
        audit::AuditAction,
        id::{AuditEntryId, OrganizationId},
        time::Timestamp,
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        organizations,
    },
};

/// Locks the organization of a key; `None` for a key of the installation.
async fn locked(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
) -> Result<Option<OrganizationScope>, Error> {
    let Some(id) = organization else { return Ok(None) };
    let locked = organizations::lock(tx, id).await?.ok_or(Error::Missing)?;
    Ok(Some(locked.scope))
}

/// Adds an entry about a key to the audit log.
async fn note(
    tx: &mut Tx,
    state: &AppState,
    (actor, action): (&Actor, AuditAction),
    (scope, key, after): (Option<&OrganizationScope>, &ApiKey, &str),
    now: Timestamp,
) -> sqlx::Result<()> {
    let entry = Entry {
        target_id: Some(key.id.as_str()),
        target: Some(&key.name),
        after: Some(after),
        ..actor.entry(action)
    };
    let id = AuditEntryId::generate(&state.clock);
    match scope {
        Some(scope) => audit_log::add(tx, scope, &id, &entry, now).await,
        None => audit_log::add_to_installation(tx, &id, &entry, now).await,
    }
}
