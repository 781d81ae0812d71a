//! The identities of identity providers that open accounts, each under its issuer and subject.

use super::exactly_one;
use crate::{
    db::{Tx, sql},
    domain::{access::OrganizationScope, id::AccountId, time::Timestamp},
};

/// The account that an identity opens.
pub async fn account(
    tx: &mut Tx,
    (issuer, subject): (&str, &str),
) -> sqlx::Result<Option<AccountId>> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select account_id
        from identities
        where issuer = $1 and subject = $2
        ",
        issuer,
        subject,
    )?;
    Ok(row.map(|(id,)| AccountId::new(id)))
}

/// Connects an identity with an account. False: it is connected already.
pub async fn connect(
    tx: &mut Tx,
    (issuer, subject): (&str, &str),
    account: &AccountId,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        insert into identities (issuer, subject, account_id, linked_at)
        values ($1, $2, $3, $4)
        on conflict (issuer, subject) do nothing
        ",
        issuer,
        subject,
        account.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// Records a sign-in.
pub async fn note_use(
    tx: &mut Tx,
    (issuer, subject): (&str, &str),
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update identities
        set used_at = $3
        where issuer = $1 and subject = $2
        ",
        issuer,
        subject,
        now.nanos(),
    )
    .and_then(exactly_one)
}

/// The issuers whose identities open an account, in order, and when each was used last.
pub async fn of_account(
    tx: &mut Tx,
    account: &AccountId,
) -> sqlx::Result<Vec<(String, Option<Timestamp>)>> {
    let rows: Vec<(String, Option<i64>)> = sql!(
        all(tx),
        r"
        select issuer, max(used_at)
        from identities
        where account_id = $1
        group by issuer
        order by issuer
        ",
        account.as_str(),
    )?;
    let one = |(issuer, used): (String, Option<i64>)| (issuer, used.map(Timestamp::from_nanos));
    Ok(rows.into_iter().map(one).collect())
}

/// Disconnects an account from an issuer. Returns how many identities there were.
pub async fn disconnect(tx: &mut Tx, account: &AccountId, issuer: &str) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from identities
        where account_id = $1 and issuer = $2
        ",
        account.as_str(),
        issuer,
    )
}

/// Whether an admin of the organization has signed in with this issuer.
pub async fn has_opened_an_admin(
    tx: &mut Tx,
    organization: &OrganizationScope,
    issuer: &str,
) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select o.account_id
        from account_organizations o
        join accounts a on a.id = o.account_id
        join identities i on i.account_id = o.account_id
        where o.organization_id = $1 and o.role = 'tenant-admin' and a.disabled_at is null
          and i.issuer = $2 and i.used_at is not null
        order by o.account_id
        limit 1
        ",
        organization.id().as_str(),
        issuer,
    )?;
    Ok(row.is_some())
}
