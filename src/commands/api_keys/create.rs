//! A person makes an API key.

use super::{Actor, Error, locked, note, secret::Secret};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::FreshProof,
        api_key::{ApiKey, KeyScopes},
        audit::AuditAction,
        details::parse_name,
        id::{ApiKeyId, OrganizationId},
        refusal::ApiKeyRefusal,
        time::Timestamp,
    },
    state::AppState,
    store::api_keys,
};

/// A key as it was asked for.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// `None`: the key reaches the whole installation.
    pub organization: Option<OrganizationId>,
    pub name: String,
    /// `read`, `write` and `import`, with commas between them.
    pub scopes: String,
    /// How many days it works; empty: until it is revoked.
    pub days: String,
}

/// Makes a key; gives it with its text, which is stored nowhere.
pub async fn create_api_key(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    new: &NewApiKey,
) -> Result<(ApiKey, String), Error> {
    let now = state.clock.now();
    let key = ApiKey {
        id: ApiKeyId::generate(&state.clock),
        organization: new.organization.clone(),
        name: parse_name(&new.name)?,
        scopes: KeyScopes::parse(&new.scopes)?,
        created_by: actor.name(),
        created_at: now,
        expires_at: ApiKey::parse_days(&new.days, now)?,
        revoked_at: None,
        replaced_by: None,
        last_used_at: None,
    };
    let mut tx = state.db.write().await?;
    let scope = locked(&mut tx, key.organization.as_ref()).await?;
    let text = add(&mut tx, &key, now).await?;
    let about = (scope.as_ref(), &key, &*key.scopes.to_string());
    note(&mut tx, state, (actor, AuditAction::CreateApiKey), about, now).await?;
    tx.commit().await?;
    Ok((key, text))
}

/// Stores a key with a new secret; gives its text.
pub(super) async fn add(tx: &mut Tx, key: &ApiKey, now: Timestamp) -> Result<String, Error> {
    let working = api_keys::count_working(tx, key.organization.as_ref(), now).await?;
    if working >= ApiKeyRefusal::MOST {
        return Err(Error::Refused(ApiKeyRefusal::TooMany.into()));
    }
    let secret = Secret::fresh()?;
    api_keys::add(tx, key, &secret.hash()).await?;
    Ok(secret.reveal())
}
