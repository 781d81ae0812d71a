//! Which organizations each account looked at last.

use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        id::{AccountId, OrganizationId},
        time::Timestamp,
    },
};

/// How many are kept of each account.
pub const KEPT: i64 = 10;

/// The organizations that the account looked at last, the latest one first, each with when.
pub async fn latest(
    tx: &mut Tx,
    account: &AccountId,
) -> sqlx::Result<Vec<(OrganizationId, Timestamp)>> {
    let rows: Vec<(String, i64)> = sql!(
        all(tx),
        r"
        select organization_id, visited_at
        from organization_visits
        where account_id = $1
        order by visited_at desc, organization_id
        limit $2
        ",
        account.as_str(),
        KEPT,
    )?;
    let visit = |(id, at)| (OrganizationId::new(id), Timestamp::from_nanos(at));
    Ok(rows.into_iter().map(visit).collect())
}

/// Records a visit of an organization, if it exists. A later visit is not overwritten.
pub async fn note(
    tx: &mut Tx,
    account: &AccountId,
    organization: &OrganizationScope,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into organization_visits (organization_id, account_id, visited_at)
        select id, $2, $3
        from organizations
        where id = $1
        on conflict (organization_id, account_id) do update
        set visited_at = excluded.visited_at
        where organization_visits.visited_at < excluded.visited_at
        ",
        organization.id().as_str(),
        account.as_str(),
        now.nanos(),
    )
    .map(|_| ())
}

/// Forgets all visits of an account but the latest ones.
pub async fn forget_older(tx: &mut Tx, account: &AccountId) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from organization_visits
        where account_id = $1 and organization_id not in (
          select organization_id
          from organization_visits
          where account_id = $1
          order by visited_at desc, organization_id
          limit $2
        )
        ",
        account.as_str(),
        KEPT,
    )
    .map(|_| ())
}
