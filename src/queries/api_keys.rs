//! The API keys. Staff admins only.

use serde::Serialize;

use super::organization_choices::organization_choices;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::StaffAdmin,
        api_key::{ApiKey, KeyScope, KeyState},
        id::{ApiKeyId, OrganizationId},
        text::ExternalText,
        time::Timestamp,
    },
    state::AppState,
    store::{api_keys, organizations},
    views::{
        api_keys::{ApiKeyRow, ApiKeysPage, MadeKey},
        pagination::KeysetPage,
    },
};

pub async fn api_keys_page(
    state: &AppState,
    admin: &StaffAdmin,
    before: Option<&ApiKeyId>,
) -> Result<ApiKeysPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let most = ApiKeysPage::ROWS + 1;
    let mut keys = api_keys::newest(&mut tx, None, before, most).await?;
    let id = |key: &ApiKey| key.id.clone();
    let page = KeysetPage::cut(before.cloned(), &mut keys, ApiKeysPage::ROWS, id);
    let now = state.clock.now();
    let organizations = organization_choices(&mut tx, admin).await?;
    Ok(ApiKeysPage { rows: rows(&mut tx, keys, now).await?, page, organizations, now })
}

/// A key that was made a moment ago; `old`: the one whose place it takes.
pub async fn made_key(
    state: &AppState,
    _: &StaffAdmin,
    (made, old): (&ApiKeyId, Option<&ApiKeyId>),
) -> Result<Option<MadeKey>, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let Some(key) = api_keys::find(&mut tx, made).await? else { return Ok(None) };
    let old = match old {
        Some(old) => api_keys::find(&mut tx, old).await?,
        None => None,
    };
    let old = old.filter(|old| old.replaced_by.as_ref() == Some(made));
    let now = state.clock.now();
    let keys = [Some(key), old].into_iter().flatten().collect();
    let mut rows = rows(&mut tx, keys, now).await?.into_iter();
    Ok(rows.next().map(|key| MadeKey { key, old: rows.next(), now }))
}

async fn rows(tx: &mut Tx, keys: Vec<ApiKey>, now: Timestamp) -> sqlx::Result<Vec<ApiKeyRow>> {
    let names = names(tx, &keys).await?;
    let row = |key: ApiKey| ApiKeyRow {
        state: key.state(now),
        name: ExternalText::new(&key.name),
        organization: key.organization.map(|id| {
            let name = names.iter().find(|(known, _)| *known == id).map(|(_, name)| name.as_str());
            let name = ExternalText::or_id(name.unwrap_or_default(), id.as_str());
            (id, name)
        }),
        scopes: key.scopes.iter().collect(),
        created_by: ExternalText::new(&key.created_by),
        created_at: key.created_at,
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        id: key.id,
    };
    Ok(keys.into_iter().map(row).collect())
}

async fn names(tx: &mut Tx, keys: &[ApiKey]) -> sqlx::Result<Vec<(OrganizationId, String)>> {
    let mut ids: Vec<_> = keys.iter().filter_map(|key| key.organization.clone()).collect();
    ids.sort();
    ids.dedup();
    organizations::names(tx, &ids).await
}

/// A key for scripts.
#[derive(Clone, Debug, Serialize)]
pub struct ApiKeyRecord {
    pub id: ApiKeyId,
    /// `null`: the whole installation.
    pub organization_id: Option<OrganizationId>,
    pub name: String,
    pub scopes: Vec<KeyScope>,
    pub state: KeyState,
    pub created_by: String,
    /// RFC 3339, as the other times.
    pub created_at: String,
    /// `null`: it works until it is revoked.
    pub expires_at: Option<String>,
    /// To the minute; `null`: it was never used.
    pub last_used_at: Option<String>,
    pub replaced_by: Option<ApiKeyId>,
}

/// Some keys for the command line, newest first, and where the next ones begin.
pub async fn api_key_records(
    state: &AppState,
    before: Option<&ApiKeyId>,
) -> Result<(Vec<ApiKeyRecord>, Option<ApiKeyId>), Error> {
    const PART: i64 = 500;
    let mut tx = state.db.read().await?;
    Ok(part(&mut tx, before, PART, state.clock.now()).await?)
}

/// At most so many keys behind one.
pub(super) async fn part(
    tx: &mut Tx,
    before: Option<&ApiKeyId>,
    most: i64,
    now: Timestamp,
) -> sqlx::Result<(Vec<ApiKeyRecord>, Option<ApiKeyId>)> {
    let mut keys = api_keys::newest(tx, None, before, most + 1).await?;
    let page = KeysetPage::cut(None, &mut keys, most, |key: &ApiKey| key.id.clone());
    Ok((keys.into_iter().map(|key| record(key, now)).collect(), page.older))
}

fn record(key: ApiKey, now: Timestamp) -> ApiKeyRecord {
    ApiKeyRecord {
        state: key.state(now),
        scopes: key.scopes.iter().collect(),
        id: key.id,
        organization_id: key.organization,
        name: key.name,
        created_by: key.created_by,
        created_at: key.created_at.rfc3339(),
        expires_at: key.expires_at.map(Timestamp::rfc3339),
        last_used_at: key.last_used_at.map(Timestamp::rfc3339),
        replaced_by: key.replaced_by,
    }
}
