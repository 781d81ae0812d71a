//! Which open alerts an account has read.

use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::OrganizationScope,
        id::{AccountId, AlertId, OrganizationId},
    },
    store::{SHORT_ROWS_AT_ONCE, columns},
};

/// An open alert that an account has not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// `None`: it is about Seatkeeper itself.
    pub organization: Option<OrganizationId>,
    pub id: AlertId,
    /// No seat is left. An account reads that for itself: it dismissed the alert when some were.
    is_full: bool,
}

/// The open alerts that the account has not read, without covered ones: those of an organization,
/// or without one all of them. `for_staff`: also those that tenants do not see.
pub async fn unread(
    tx: &mut Tx,
    organization: Option<&OrganizationScope>,
    account: &AccountId,
    for_staff: bool,
    most: i64,
) -> sqlx::Result<Vec<Unread>> {
    let rows = match organization {
        Some(scope) => unread_of(tx, scope, account, for_staff, most).await?,
        None => unread_of_all(tx, account, most).await?,
    };
    let unread = |(organization, id, is_full)| Unread {
        organization: columns::organization(organization),
        id: AlertId::new(id),
        is_full,
    };
    Ok(rows.into_iter().map(unread).collect())
}

async fn unread_of(
    tx: &mut Tx,
    organization: &OrganizationScope,
    account: &AccountId,
    for_staff: bool,
    most: i64,
) -> sqlx::Result<Vec<(String, String, bool)>> {
    sql!(
        all(tx),
        r"
        select l.organization_id, l.id, l.is_full
        from shown_alerts l
        where l.organization_id = $1 and l.resolved_at is null
          and ($3 or not l.is_for_staff)
          and not l.is_covered
          and not exists (
            select 1
            from alert_reads r
            where r.organization_id = l.organization_id and r.alert_id = l.id
              and r.account_id = $2 and r.is_full = l.is_full
          )
        order by l.kind, l.target
        limit $4
        ",
        organization.id().as_str(),
        account.as_str(),
        for_staff,
        most,
    )
}

async fn unread_of_all(
    tx: &mut Tx,
    account: &AccountId,
    most: i64,
) -> sqlx::Result<Vec<(String, String, bool)>> {
    sql!(
        all(tx),
        r"
        select l.organization_id, l.id, l.is_full
        from shown_alerts l
        where l.resolved_at is null
          and not l.is_covered
          and not exists (
            select 1
            from alert_reads r
            where r.organization_id = l.organization_id and r.alert_id = l.id
              and r.account_id = $1 and r.is_full = l.is_full
          )
        union all
        select '', s.id, false
        from system_alerts s
        where s.resolved_at is null
          and not exists (
            select 1
            from alert_reads r
            where r.organization_id = '' and r.alert_id = s.id and r.account_id = $1
          )
        order by 1, 2
        limit $2
        ",
        account.as_str(),
        most,
    )
}

/// Marks alerts as read by an account.
pub async fn mark_read(tx: &mut Tx, account: &AccountId, alerts: &[Unread]) -> sqlx::Result<()> {
    bulk!(
        tx,
        alerts,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into alert_reads (organization_id, alert_id, account_id, is_full)
        {rows}
        on conflict (organization_id, alert_id, account_id, is_full) do nothing
        ",
        |alert| [
            columns::from_organization(alert.organization.as_ref()),
            alert.id.as_str(),
            account.as_str(),
            alert.is_full,
        ],
    );
    Ok(())
}

/// Forgets what was read about alerts that are resolved. Gives the number of rows.
pub async fn remove_old_reads(tx: &mut Tx, most: i64) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from alert_reads
        where (organization_id, alert_id, account_id, is_full) in (
            select r.organization_id, r.alert_id, r.account_id, r.is_full
            from alert_reads r
            where not exists (
                select 1
                from alerts l
                where l.organization_id = r.organization_id and l.id = r.alert_id
                  and l.resolved_at is null
              ) and not exists (
                select 1
                from system_alerts s
                where r.organization_id = '' and s.id = r.alert_id and s.resolved_at is null
              )
            order by r.organization_id, r.alert_id, r.account_id, r.is_full
            limit $1
          )
        ",
        most,
    )
}
