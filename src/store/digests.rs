//! The digests that accounts get.

use sqlx::FromRow;

use super::rows::{Keyed, Stored, Text};
use crate::{
    db::{Tx, sql},
    domain::{
        id::{AccountId, DigestId},
        preference::Period,
        time::Timestamp,
    },
};

/// One digest: to one account, about a span of time.
#[derive(Clone, Debug)]
pub struct Digest {
    pub id: DigestId,
    pub account: AccountId,
    pub period: Period,
    pub from: Timestamp,
    pub to: Timestamp,
    /// Who knows it may end the digests of the account.
    pub token: String,
}

#[derive(FromRow)]
struct Row {
    id: String,
    account_id: String,
    period: Text<Period>,
    from_at: i64,
    to_at: i64,
    token: String,
}

impl Stored for Row {
    const TABLE: &'static str = "digests";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<Row> for Digest {
    fn from(row: Row) -> Self {
        Self {
            id: DigestId::new(row.id),
            account: AccountId::new(row.account_id),
            period: row.period.0,
            from: Timestamp::from_nanos(row.from_at),
            to: Timestamp::from_nanos(row.to_at),
            token: row.token,
        }
    }
}

/// An account that has to get a digest.
#[derive(Clone, Debug)]
pub struct DueAccount {
    pub account: AccountId,
    pub email: String,
    /// The end of its last digest.
    pub last: Option<Timestamp>,
}

/// The accounts that have no digest yet that ends at `end`. A choice after that counts from the
/// next one on.
pub async fn due(
    tx: &mut Tx,
    period: Period,
    end: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<DueAccount>> {
    let rows: Vec<(String, String, Option<i64>)> = sql!(
        all(tx),
        r"
        select a.id, a.email, (
            select max(d.to_at)
            from digests d
            where d.account_id = a.id and d.period = $1
          )
        from accounts a
        where a.id in (
            select p.account_id
            from preferences p
            where p.frequency in ('daily', 'weekly') and p.frequency = $1 and p.changed_at <= $2
          ) and a.disabled_at is null
          and not exists (
            select 1
            from digests d
            where d.account_id = a.id and d.period = $1 and d.to_at >= $2
          )
        order by a.id
        limit $3
        ",
        period.as_str(),
        end.nanos(),
        most,
    )?;
    let due = |(account, email, last): (String, String, Option<i64>)| DueAccount {
        account: AccountId::new(account),
        email,
        last: last.map(Timestamp::from_nanos),
    };
    Ok(rows.into_iter().map(due).collect())
}

/// Adds a digest. False: another process was quicker.
pub async fn add(tx: &mut Tx, new: &Digest) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        insert into digests (id, account_id, period, from_at, to_at, token)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (account_id, period, to_at) do nothing
        ",
        new.id.as_str(),
        new.account.as_str(),
        new.period.as_str(),
        new.from.nanos(),
        new.to.nanos(),
        new.token.as_str(),
    )?;
    Ok(hit == 1)
}

pub async fn find(tx: &mut Tx, id: &DigestId) -> sqlx::Result<Option<Digest>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select id, account_id, period, from_at, to_at, token
        from digests
        where id = $1
        ",
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

pub async fn by_token(tx: &mut Tx, token: &str) -> sqlx::Result<Option<Digest>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select id, account_id, period, from_at, to_at, token
        from digests
        where token = $1
        ",
        token,
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// Deletes digests that ended before this, but never the newest of an account: the next one begins
/// where it ended.
pub async fn remove_old(tx: &mut Tx, before: Timestamp, most: i64) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from digests
        where id in (
            select o.id
            from digests o
            where o.to_at < $1
              and exists (
                select 1
                from digests n
                where n.account_id = o.account_id and n.period = o.period and n.to_at > o.to_at
              )
            order by o.to_at
            limit $2
          )
        ",
        before.nanos(),
        most,
    )
}
