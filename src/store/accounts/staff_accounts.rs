//! The staff accounts.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{access::Role, id::AccountId, time::Timestamp},
    store::{
        exactly_one,
        rows::{Keyed, Stored, Text},
    },
};

/// A staff account.
#[derive(Clone, Debug)]
pub struct StaffAccount {
    pub account: AccountId,
    pub name: String,
    pub email: String,
    pub email_key: String,
    pub role: Role,
    pub is_disabled: bool,
    pub last_used_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    email: String,
    email_key: String,
    role: Text<Role>,
    is_disabled: bool,
    last_used_at: Option<i64>,
}

impl Stored for Row {
    const TABLE: &'static str = "accounts";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<Row> for StaffAccount {
    fn from(row: Row) -> Self {
        Self {
            account: AccountId::new(row.id),
            name: row.name,
            email: row.email,
            email_key: row.email_key,
            role: row.role.0,
            is_disabled: row.is_disabled,
            last_used_at: row.last_used_at.map(Timestamp::from_nanos),
        }
    }
}

/// The staff accounts behind an address, in order of address.
pub async fn staff_accounts(
    tx: &mut Tx,
    after: &str,
    most: i64,
) -> sqlx::Result<Vec<StaffAccount>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select id, name, email, email_key, role, disabled_at is not null as is_disabled,
          last_used_at
        from accounts
        where role in ('staff', 'staff-admin') and email_key > $1
        order by email_key
        limit $2
        ",
        after,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// All staff accounts, in order of their ids. Their rows are locked, so that none of several
/// changes takes the last staff admin away.
pub async fn lock_staff(tx: &mut Tx) -> sqlx::Result<Vec<StaffAccount>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select id, name, email, email_key, role, disabled_at is not null as is_disabled,
          last_used_at
        from accounts
        where role in ('staff', 'staff-admin')
        order by id
        for no key update
        ",
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// Gives a staff account another role of staff.
pub async fn set_staff_role(tx: &mut Tx, account: &AccountId, role: Role) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update accounts
        set role = $2
        where id = $1 and role in ('staff', 'staff-admin')
        ",
        account.as_str(),
        role.as_str(),
    )
    .and_then(exactly_one)
}

/// Whether there is any account.
pub async fn is_any(tx: &mut Tx) -> sqlx::Result<bool> {
    let first: Option<(String,)> = sql!(
        optional(tx),
        r"
        select id
        from accounts
        order by id
        limit 1
        ",
    )?;
    Ok(first.is_some())
}

/// Records the use of an account, from one of its sessions; a later use is not overwritten.
pub async fn note_use(tx: &mut Tx, token_hash: &str, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update accounts
        set last_used_at = $2
        where id = (select account_id from sessions where token_hash = $1)
          and coalesce(last_used_at, 0) < $2
        ",
        token_hash,
        now.nanos(),
    )
    .map(|_| ())
}
