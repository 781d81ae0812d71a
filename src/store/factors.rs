//! Which factors accounts have.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::KEYS_AT_ONCE;
use crate::{
    db::{Tx, listed},
    domain::{factor::Factors, id::AccountId},
};

#[derive(FromRow)]
struct Row {
    id: String,
    apps: i64,
    passkeys: i64,
    codes_left: i64,
}

pub async fn of(tx: &mut Tx, account: &AccountId) -> sqlx::Result<Factors> {
    let all = of_accounts(tx, std::slice::from_ref(account)).await?;
    Ok(all.into_values().next().unwrap_or_default())
}

/// The factors of each of these accounts.
pub async fn of_accounts(
    tx: &mut Tx,
    accounts: &[AccountId],
) -> sqlx::Result<BTreeMap<AccountId, Factors>> {
    let rows: Vec<Row> = listed!(
        tx,
        accounts,
        KEYS_AT_ONCE,
        r"
        select a.id,
          (select count(*) from authenticator_apps p where p.account_id = a.id) as apps,
          (select count(*) from passkeys k where k.account_id = a.id) as passkeys,
          (select count(*) from recovery_codes c
           where c.account_id = a.id and c.used_at is null) as codes_left
        from accounts a
        where a.id in ({keys})
        order by a.id
        ",
        |account| [account.as_str()],
    );
    let factors = |row: Row| {
        let Row { apps, passkeys, codes_left, .. } = row;
        (AccountId::new(row.id), Factors { has_app: apps > 0, passkeys, codes_left })
    };
    Ok(rows.into_iter().map(factors).collect())
}
