//! Notes that a person typed and could not save: one draft for each account and organization, until
//! the person saves notes there or discards it.

use super::exactly_one;
use crate::{
    db::{Tx, sql},
    domain::{access::OrganizationScope, id::AccountId, time::Timestamp},
};

/// The draft exactly as it was typed.
pub async fn of(
    tx: &mut Tx,
    organization: &OrganizationScope,
    account: &AccountId,
) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select notes
        from note_drafts
        where organization_id = $1 and account_id = $2
        ",
        organization.id().as_str(),
        account.as_str(),
    )?;
    Ok(row.map(|(notes,)| notes))
}

pub async fn put(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (account, notes): (&AccountId, &str),
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into note_drafts (organization_id, account_id, notes, kept_at)
        values ($1, $2, $3, $4)
        on conflict (organization_id, account_id) do update
        set notes = excluded.notes, kept_at = excluded.kept_at
        ",
        organization.id().as_str(),
        account.as_str(),
        notes,
        now.nanos(),
    )
    .and_then(exactly_one)
}

pub async fn remove(
    tx: &mut Tx,
    organization: &OrganizationScope,
    account: &AccountId,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from note_drafts
        where organization_id = $1 and account_id = $2
        ",
        organization.id().as_str(),
        account.as_str(),
    )?;
    Ok(())
}
