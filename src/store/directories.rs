//! Directories: the connections to Okta, Entra ID, Google …

use super::columns;
use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope, directory_user::Version, event::DirectoryChange,
        id::DirectoryId, text::ExternalText, time::Timestamp,
    },
    views::{DirectoryRow, DirectoryState},
};

/// Applies an update of a directory unless a newer one is known. False: the update is stale.
pub async fn apply_update(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (id, provider): (&DirectoryId, Option<&str>),
    change: DirectoryChange,
    stamp: Version,
) -> sqlx::Result<bool> {
    let state = match change {
        DirectoryChange::Created => "created",
        DirectoryChange::Enabled => "enabled",
        DirectoryChange::Disabled => "disabled",
        DirectoryChange::Deleted => "deleted",
    };
    let hit = sql!(
        execute(tx),
        "insert into directories (organization_id, id, provider, state, version_at, version_tie) values ($1, $2, $3, $4, $5, $6) \
         on conflict (organization_id, id) do update set provider = coalesce(excluded.provider, directories.provider), state = excluded.state, \
         version_at = excluded.version_at, version_tie = excluded.version_tie \
         where (excluded.version_at, excluded.version_tie) > (directories.version_at, directories.version_tie)",
        organization.id().as_str(),
        id.as_str(),
        provider,
        state,
        stamp.at.nanos(),
        columns::tie(stamp),
    )?;
    Ok(hit > 0)
}

/// The directories that were not deleted.
pub async fn of_organization(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<DirectoryRow>> {
    let rows: Vec<(String, Option<String>, String, i64)> = sql!(
        all(tx),
        "select id, provider, state, version_at from directories where organization_id = $1 and state <> 'deleted' order by id limit 100",
        organization.id().as_str(),
    )?;
    let row = |(id, provider, state, at): (String, Option<String>, String, i64)| DirectoryRow {
        id,
        provider: provider.as_deref().and_then(ExternalText::seen),
        state: DirectoryState::parse(&state).unwrap_or(DirectoryState::Disabled),
        since: Timestamp::from_nanos(at),
    };
    Ok(rows.into_iter().map(row).collect())
}
