//! The times of the events by which an organization exists in Scalekit: it was created or changed.

use super::SHORT_ROWS_AT_ONCE;
use crate::{
    db::{Tx, bulk, sql},
    domain::{access::OrganizationScope, id::OrganizationId, time::Timestamp},
};

pub async fn add(tx: &mut Tx, seen: &[(&OrganizationId, Timestamp)]) -> sqlx::Result<()> {
    bulk!(
        tx,
        seen,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into organization_seen (organization_id, seen_at)
        {rows}
        on conflict (organization_id, seen_at) do nothing
        ",
        |row| [row.0.as_str(), row.1.nanos()],
    );
    Ok(())
}

/// All times of one organization. Only an event about the organization itself adds one. Only its
/// deletion reads them.
pub async fn times(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<Vec<Timestamp>> {
    let rows: Vec<(i64,)> = sql!(
        all(tx),
        r"
        select seen_at
        from organization_seen
        where organization_id = $1
        order by seen_at
        ",
        organization.id().as_str(),
    )?;
    Ok(rows.into_iter().map(|(at,)| Timestamp::from_nanos(at)).collect())
}
