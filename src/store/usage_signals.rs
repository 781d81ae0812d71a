//! When people used the product last, as usage signals say.

use crate::{
    db::{Tx, bulk, sql},
    domain::{access::OrganizationScope, id::DirectoryUserId, time::Timestamp},
    store::SHORT_ROWS_AT_ONCE,
};

/// Keeps the later time of each person; each person is there once. Returns how many times are later
/// than what was known.
pub async fn put(
    tx: &mut Tx,
    organization: &OrganizationScope,
    rows: &[(DirectoryUserId, Timestamp)],
) -> sqlx::Result<u64> {
    let hit = bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into usage_signals (organization_id, user_id, last_used_at)
        {rows}
        on conflict (organization_id, user_id) do update
        set last_used_at = excluded.last_used_at
        where usage_signals.last_used_at < excluded.last_used_at
        ",
        |row| [organization.id().as_str(), row.0.as_str(), row.1.nanos()],
    );
    Ok(hit)
}

/// A placeholder turned out to be this user. The later time stays.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into usage_signals (organization_id, user_id, last_used_at)
        select organization_id, $3, last_used_at
        from usage_signals
        where organization_id = $1 and user_id = $2
        on conflict (organization_id, user_id) do update
        set last_used_at = excluded.last_used_at
        where usage_signals.last_used_at < excluded.last_used_at
        ",
        organization.id().as_str(),
        placeholder.as_str(),
        id.as_str(),
    )?;
    sql!(
        execute(tx),
        "delete from usage_signals where organization_id = $1 and user_id = $2",
        organization.id().as_str(),
        placeholder.as_str(),
    )?;
    Ok(())
}
