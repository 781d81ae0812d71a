//! The end of an API key: at once, or after an overlap in which another key takes its place.

use super::{Actor, Error, create, locked, note};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::{FreshProof, OrganizationScope},
        api_key::{ApiKey, KeyState},
        audit::AuditAction,
        id::{ApiKeyId, OrganizationId},
        refusal::ApiKeyRefusal,
        time::Timestamp,
    },
    state::AppState,
    store::api_keys,
};

/// Ends a key at once. False: it was revoked before. With an organization only a key of it is
/// found.
pub async fn revoke_api_key(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    (organization, id): (Option<&OrganizationId>, &ApiKeyId),
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let (scope, key) = find(&mut tx, organization, id).await?;
    if key.state(now) == KeyState::Revoked {
        return Ok(false);
    }
    api_keys::revoke(&mut tx, &key, now).await?;
    let about = (scope.as_ref(), &key, KeyState::Revoked.as_str());
    note(&mut tx, state, (actor, AuditAction::RevokeApiKey), about, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Makes a key of the same name, scopes and length of life; the old one works for some more hours.
/// Gives the new key with its text.
pub async fn rotate_api_key(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    (organization, id): (Option<&OrganizationId>, &ApiKeyId),
    hours: &str,
) -> Result<(ApiKey, String), Error> {
    let overlap = ApiKey::parse_overlap(hours)?;
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let (scope, old) = find(&mut tx, organization, id).await?;
    if old.state(now) != KeyState::Works {
        return Err(Error::Refused(ApiKeyRefusal::Over.into()));
    }
    let new = ApiKey {
        id: ApiKeyId::generate(&state.clock),
        created_by: actor.name(),
        created_at: now,
        expires_at: old.expires_at.map(|end| now.plus(end.since(old.created_at))),
        last_used_at: None,
        ..old.clone()
    };
    let text = create::add(&mut tx, &new, now).await?;
    let ends_at = old.expires_at.unwrap_or(Timestamp::from_nanos(i64::MAX));
    api_keys::replace(&mut tx, &old, &new.id, ends_at.min(now.plus(overlap))).await?;
    let about = (scope.as_ref(), &old, new.id.as_str());
    note(&mut tx, state, (actor, AuditAction::RotateApiKey), about, now).await?;
    tx.commit().await?;
    Ok((new, text))
}

/// Finds the key, and locks its organization and then the key itself.
async fn find(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    id: &ApiKeyId,
) -> Result<(Option<OrganizationScope>, ApiKey), Error> {
    let key = api_keys::find(tx, id).await?.ok_or(Error::Missing)?;
    if organization.is_some_and(|organization| key.organization.as_ref() != Some(organization)) {
        return Err(Error::Missing);
    }
    let scope = locked(tx, key.organization.as_ref()).await?;
    let key = api_keys::lock(tx, id).await?.ok_or(Error::Missing)?;
    Ok((scope, key))
}
