//! API keys. A key is stored as the hash of its secret.

use std::collections::HashMap;

use sqlx::FromRow;

use super::{
    KEYS_AT_ONCE, columns, exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, listed, sql},
    domain::{
        api_key::{ApiKey, KeyScopes},
        id::{ApiKeyId, OrganizationId},
        time::Timestamp,
    },
};

#[derive(FromRow)]
struct Row {
    organization_id: String,
    id: String,
    name: String,
    scopes: Text<KeyScopes>,
    created_by: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    replaced_by: Option<String>,
    last_used_at: Option<i64>,
}

impl Stored for Row {
    const TABLE: &'static str = "api_keys";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for ApiKey {
    fn from(row: Row) -> Self {
        Self {
            id: ApiKeyId::new(row.id),
            organization: columns::organization(row.organization_id),
            name: row.name,
            scopes: row.scopes.0,
            created_by: row.created_by,
            created_at: Timestamp::from_nanos(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_nanos),
            revoked_at: row.revoked_at.map(Timestamp::from_nanos),
            replaced_by: row.replaced_by.map(ApiKeyId::new),
            last_used_at: row.last_used_at.map(Timestamp::from_nanos),
        }
    }
}

pub async fn add(tx: &mut Tx, key: &ApiKey, secret_hash: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into api_keys (
          organization_id, id, name, scopes, secret_hash, created_by, created_at, expires_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        ",
        columns::from_organization(key.organization.as_ref()),
        key.id.as_str(),
        key.name.as_str(),
        key.scopes.to_string(),
        secret_hash,
        key.created_by.as_str(),
        key.created_at.nanos(),
        key.expires_at.map(Timestamp::nanos),
    )
    .and_then(exactly_one)
}

#[derive(FromRow)]
struct WithSecret {
    secret_hash: String,
    #[sqlx(flatten)]
    row: Row,
}

impl Stored for WithSecret {
    const TABLE: &'static str = Row::TABLE;
    const KEY: &'static [&'static str] = Row::KEY;
}

/// The keys with these secrets, by their hashes. A secret has 256 bits, so no two keys have the
/// same one.
pub async fn with_secrets(
    tx: &mut Tx,
    secret_hashes: &[&str],
) -> sqlx::Result<HashMap<String, ApiKey>> {
    let rows: Vec<Keyed<WithSecret>> = listed!(
        tx,
        secret_hashes,
        KEYS_AT_ONCE,
        r"
        select organization_id, id, name, scopes, created_by, created_at, expires_at, revoked_at,
          replaced_by, last_used_at, secret_hash
        from api_keys
        where secret_hash in ({keys})
        ",
        |hash| [*hash],
    );
    Ok(rows.into_iter().map(|Keyed(found)| (found.secret_hash, found.row.into())).collect())
}

pub async fn find(tx: &mut Tx, id: &ApiKeyId) -> sqlx::Result<Option<ApiKey>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, id, name, scopes, created_by, created_at, expires_at, revoked_at,
          replaced_by, last_used_at
        from api_keys
        where id = $1
        order by organization_id, id
        limit 1
        ",
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The key, whose row is locked: only one of several acts on it counts.
pub async fn lock(tx: &mut Tx, id: &ApiKeyId) -> sqlx::Result<Option<ApiKey>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, id, name, scopes, created_by, created_at, expires_at, revoked_at,
          replaced_by, last_used_at
        from api_keys
        where id = $1
        order by organization_id, id
        limit 1
        for no key update
        ",
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The keys behind one, the newest first: those of an organization, or all of them.
pub async fn newest(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    before: Option<&ApiKeyId>,
    most: i64,
) -> sqlx::Result<Vec<ApiKey>> {
    let before = before.map_or("~", ApiKeyId::as_str); // behind every id
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, name, scopes, created_by, created_at, expires_at, revoked_at,
          replaced_by, last_used_at
        from api_keys
        where ($1 = '' or organization_id = $1) and id < $2
        order by id desc
        limit $3
        ",
        columns::from_organization(organization),
        before,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// How many keys of an organization, or of the installation, may work.
pub async fn count_working(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    now: Timestamp,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from api_keys
        where organization_id = $1 and revoked_at is null
          and (expires_at is null or expires_at > $2)
        ",
        columns::from_organization(organization),
        now.nanos(),
    )
}

pub async fn revoke(tx: &mut Tx, key: &ApiKey, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update api_keys
        set revoked_at = $3
        where organization_id = $1 and id = $2
        ",
        columns::from_organization(key.organization.as_ref()),
        key.id.as_str(),
        now.nanos(),
    )
    .and_then(exactly_one)
}

/// Another key takes its place; this one works until `ends_at`.
pub async fn replace(
    tx: &mut Tx,
    key: &ApiKey,
    by: &ApiKeyId,
    ends_at: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update api_keys
        set replaced_by = $3, expires_at = $4
        where organization_id = $1 and id = $2
        ",
        columns::from_organization(key.organization.as_ref()),
        key.id.as_str(),
        by.as_str(),
        ends_at.nanos(),
    )
    .and_then(exactly_one)
}

/// Notes a use; a later one, or one a moment ago, is not overwritten.
pub async fn note_use(tx: &mut Tx, key: &ApiKey, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update api_keys
        set last_used_at = $3
        where organization_id = $1 and id = $2 and coalesce(last_used_at, 0) < $4
        ",
        columns::from_organization(key.organization.as_ref()),
        key.id.as_str(),
        now.nanos(),
        now.minus(ApiKey::NOTED_EVERY).nanos(),
    )
    .map(|_| ())
}
