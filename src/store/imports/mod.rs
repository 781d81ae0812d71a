//! Imports, and the rows of their files.

mod matching;
mod results;
mod rows;

use sqlx::FromRow;

use super::{
    columns::Run,
    exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        id::{ImportId, OrganizationId, ResyncId},
        import::ImportFormat,
        time::Timestamp,
    },
};

pub use self::{
    matching::{claimed, known_ids, with_emails, with_external_ids},
    results::{ResultRow, results},
    rows::{
        MatchedRow, RefusedRow, add_rows, note_matches, note_refusals, put_in_order, refused_after,
        unmatched_after,
    },
};

/// An import of an organization.
#[derive(Clone, Copy, Debug)]
pub struct ImportKey<'a> {
    pub organization: &'a OrganizationId,
    pub id: &'a ImportId,
}

/// The values of a new import.
#[derive(Clone, Debug)]
pub struct New<'a> {
    pub format: ImportFormat,
    pub is_whole: bool,
    pub by: &'a str,
}

/// An import whose file is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub id: ImportId,
    pub resync: ResyncId,
    pub format: ImportFormat,
    pub is_whole: bool,
    pub created_at: Timestamp,
    pub row_count: i64,
    pub refused: i64,
    pub of_directory: i64,
    pub are_rows_removed: bool,
}

#[derive(FromRow)]
struct StoredImport {
    id: String,
    resync_id: String,
    format: Text<ImportFormat>,
    is_whole: bool,
    created_at: i64,
    row_count: i64,
    refused: i64,
    of_directory: i64,
    rows_removed: bool,
}

impl Stored for StoredImport {
    const TABLE: &'static str = "imports";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Keyed<StoredImport>> for Import {
    fn from(Keyed(row): Keyed<StoredImport>) -> Self {
        Self {
            id: ImportId::new(row.id),
            resync: ResyncId::new(row.resync_id),
            format: row.format.0,
            is_whole: row.is_whole,
            created_at: Timestamp::from_nanos(row.created_at),
            row_count: row.row_count,
            refused: row.refused,
            of_directory: row.of_directory,
            are_rows_removed: row.rows_removed,
        }
    }
}

/// Adds an import whose file is still to come.
pub async fn add(
    tx: &mut Tx,
    key: ImportKey<'_>,
    new: &New<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into imports (organization_id, id, format, is_whole, started_by, created_at)
        values ($1, $2, $3, $4, $5, $6)
        ",
        key.organization.as_str(),
        key.id.as_str(),
        new.format.as_str(),
        new.is_whole,
        new.by,
        now.nanos(),
    )
    .and_then(exactly_one)
}

/// The file is complete: the resync may begin.
pub async fn is_sent(
    tx: &mut Tx,
    key: ImportKey<'_>,
    run: &ResyncId,
    (row_count, refused): (i64, i64),
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update imports
        set resync_id = $3, row_count = $4, refused = $5
        where organization_id = $1 and id = $2 and resync_id is null and not rows_removed
        ",
        key.organization.as_str(),
        key.id.as_str(),
        run.as_str(),
        row_count,
        refused,
    )
    .and_then(exactly_one)
}

pub async fn one(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ImportId,
) -> sqlx::Result<Option<Import>> {
    let row: Option<Keyed<StoredImport>> = sql!(
        optional(tx),
        r"
        select organization_id, id, resync_id, format, is_whole, created_at, row_count, refused,
            of_directory, rows_removed
        from imports
        where organization_id = $1 and id = $2 and resync_id is not null
        ",
        organization.id().as_str(),
        id.as_str(),
    )?;
    Ok(row.map(Into::into))
}

/// The import whose rows a resync applies.
pub async fn of_run(tx: &mut Tx, run: Run<'_>) -> sqlx::Result<Option<Import>> {
    let row: Option<Keyed<StoredImport>> = sql!(
        optional(tx),
        r"
        select organization_id, id, resync_id, format, is_whole, created_at, row_count, refused,
            of_directory, rows_removed
        from imports
        where organization_id = $1 and resync_id = $2
        ",
        run.organization.as_str(),
        run.id.as_str(),
    )?;
    Ok(row.map(Into::into))
}

/// How many files of an organization have begun since a time.
pub async fn begun_since(
    tx: &mut Tx,
    organization: &OrganizationId,
    since: Timestamp,
) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from imports
        where organization_id = $1 and created_at > $2
        ",
        organization.as_str(),
        since.nanos(),
    )
}

/// Whether people of this organization came from a file.
pub async fn exist(tx: &mut Tx, organization: &OrganizationId) -> sqlx::Result<bool> {
    let number: i64 = sql!(
        value(tx),
        r"
        select count(*)
        from imports
        where organization_id = $1 and resync_id is not null
        ",
        organization.as_str(),
    )?;
    Ok(number > 0)
}

/// Counts rows that the resync refused or left to a directory.
pub async fn count(
    tx: &mut Tx,
    key: ImportKey<'_>,
    (refused, of_directory): (i64, i64),
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update imports
        set refused = refused + $3, of_directory = of_directory + $4
        where organization_id = $1 and id = $2
        ",
        key.organization.as_str(),
        key.id.as_str(),
        refused,
        of_directory,
    )
    .and_then(exactly_one)
}

/// The oldest import whose rows can be removed: its file did not arrive to its end and began before
/// `begun_before`, or the plan of its resync is removed.
pub async fn with_old_rows(
    tx: &mut Tx,
    begun_before: Timestamp,
) -> sqlx::Result<Option<(OrganizationId, ImportId)>> {
    let row: Option<(String, String)> = sql!(
        optional(tx),
        r"
        select i.organization_id, i.id
        from imports i
        left join resyncs r on r.organization_id = i.organization_id and r.id = i.resync_id
        where not i.rows_removed and i.created_at <= $1
          and (i.resync_id is null or r.plan_removal = 2)
        order by i.created_at, i.organization_id, i.id
        limit 1
        ",
        begun_before.nanos(),
    )?;
    Ok(row.map(|(organization, id)| (OrganizationId::new(organization), ImportId::new(id))))
}

/// Removes at most `most` rows. Returns how many.
pub async fn remove_rows(tx: &mut Tx, key: ImportKey<'_>, most: i64) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from import_rows
        where organization_id = $1 and import_id = $2
          and line in (
            select line
            from import_rows
            where organization_id = $1 and import_id = $2
            order by line
            limit $3
          )
        ",
        key.organization.as_str(),
        key.id.as_str(),
        most,
    )
}

/// Every row is removed. From now on none is added.
pub async fn rows_are_gone(tx: &mut Tx, key: ImportKey<'_>) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update imports
        set rows_removed = true
        where organization_id = $1 and id = $2
        ",
        key.organization.as_str(),
        key.id.as_str(),
    )
    .and_then(exactly_one)
}
