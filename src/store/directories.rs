//! Directories: the connections to Okta, Entra ID, Google …

use std::collections::BTreeSet;

use sqlx::FromRow;

use super::{
    KEYS_AT_ONCE, columns,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope,
        directory::DirectoryState,
        directory_user::Version,
        event::DirectoryChange,
        id::{DirectoryId, OrganizationId},
        time::Timestamp,
    },
};

/// Applies an update of a directory unless a newer one is known. False: the update is stale.
pub async fn apply_update(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (id, provider): (&DirectoryId, Option<&str>),
    change: DirectoryChange,
    stamp: Version,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        insert into directories (organization_id, id, provider, state, version_at, version_tie)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (organization_id, id) do update
        set provider = coalesce(excluded.provider, directories.provider), state = excluded.state,
          version_at = excluded.version_at, version_tie = excluded.version_tie
        where (excluded.version_at, excluded.version_tie)
          > (directories.version_at, directories.version_tie)
        ",
        organization.id().as_str(),
        id.as_str(),
        provider,
        DirectoryState::from(change).as_str(),
        stamp.at.nanos(),
        columns::tie(stamp),
    )?;
    Ok(hit > 0)
}

/// A directory that is known.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: String,
    pub provider: Option<String>,
    pub state: DirectoryState,
    /// The time of the last change of its state.
    pub since: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: String,
    provider: Option<String>,
    state: Text<DirectoryState>,
    version_at: i64,
}

impl Stored for Row {
    const TABLE: &'static str = "directories";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for Known {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            provider: row.provider,
            state: row.state.0,
            since: Timestamp::from_nanos(row.version_at),
        }
    }
}

/// Whether the organization had a directory, and each one was deleted.
pub async fn are_all_deleted(tx: &mut Tx, organization: &OrganizationId) -> sqlx::Result<bool> {
    let left: (i64, i64) = sql!(
        one(tx),
        r"
        select count(*), count(case when state = 'deleted' then 1 end)
        from directories
        where organization_id = $1
        ",
        organization.as_str(),
    )?;
    Ok(left.0 > 0 && left.0 == left.1)
}

/// The directories that were not deleted.
pub async fn of_organization(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<Known>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, provider, state, version_at
        from directories
        where organization_id = $1 and state <> 'deleted'
        order by id
        limit 100
        ",
        organization.id().as_str(),
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The directories that are switched off, the newest change first: disabled ones, and deleted ones
/// of which a complete resync has not yet removed the users.
pub async fn switched_off(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<Known>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, provider, state, version_at
        from directories d
        where organization_id = $1
          and (
            state = 'disabled'
            or state = 'deleted' and not exists (
              select 1
              from resyncs r
              where r.organization_id = d.organization_id and r.state = 'done' and r.is_complete
                and not r.dry_run and r.since >= d.version_at
            )
          )
        order by version_at desc, id
        limit 100
        ",
        organization.id().as_str(),
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The providers of these directories, deleted ones too, as (directory, provider).
pub async fn providers(
    tx: &mut Tx,
    organization: &OrganizationScope,
    ids: &BTreeSet<DirectoryId>,
) -> sqlx::Result<Vec<(DirectoryId, Option<String>)>> {
    let keys: Vec<(&str, &str)> =
        ids.iter().map(|id| (organization.id().as_str(), id.as_str())).collect();
    let rows: Vec<(String, Option<String>)> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select id, provider
        from directories
        where (organization_id, id) in ({keys})
        order by id
        ",
        |key| [key.0, key.1],
    );
    Ok(rows.into_iter().map(|(id, provider)| (DirectoryId::new(id), provider)).collect())
}
