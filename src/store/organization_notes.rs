//! The notes of staff about each organization. Only what staff read takes them from here.

use sqlx::FromRow;

use super::exactly_one;
use crate::{
    db::{Tx, sql},
    domain::{access::OrganizationScope, time::Timestamp},
};

#[derive(Clone, Debug)]
pub struct Notes {
    /// Exactly as it was typed.
    pub text: String,
    /// Counts the changes.
    pub version: i64,
    pub changed_by: String,
    pub changed_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    notes: String,
    version: i64,
    changed_by: String,
    changed_at: i64,
}

/// `None`: there were never any.
pub async fn of(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<Option<Notes>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select notes, version, changed_by, changed_at
        from organization_notes
        where organization_id = $1
        ",
        organization.id().as_str(),
    )?;
    Ok(row.map(|row| Notes {
        text: row.notes,
        version: row.version,
        changed_by: row.changed_by,
        changed_at: Timestamp::from_nanos(row.changed_at),
    }))
}

pub async fn put(tx: &mut Tx, organization: &OrganizationScope, new: &Notes) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into organization_notes (organization_id, notes, version, changed_by, changed_at)
        values ($1, $2, $3, $4, $5)
        on conflict (organization_id) do update
        set notes = excluded.notes, version = excluded.version, changed_by = excluded.changed_by,
          changed_at = excluded.changed_at
        ",
        organization.id().as_str(),
        new.text.as_str(),
        new.version,
        new.changed_by.as_str(),
        new.changed_at.nanos(),
    )
    .and_then(exactly_one)
}
