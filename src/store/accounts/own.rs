//! What an account's owner changes.

use crate::{
    db::{Tx, sql},
    domain::id::AccountId,
    store::exactly_one,
};

pub async fn set_name(tx: &mut Tx, id: &AccountId, name: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update accounts
        set name = $2
        where id = $1
        ",
        id.as_str(),
        name,
    )
    .and_then(exactly_one)
}

/// The address of the account with this key, as the account has it. An address that is written in
/// another way than the account's own is never written to.
pub async fn address(tx: &mut Tx, email_key: &str) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select email
        from accounts
        where email_key = $1
        ",
        email_key,
    )?;
    Ok(row.map(|(email,)| email))
}

/// The password hash of an account that may sign in; [`super::NO_PASSWORD`] if it has none.
pub async fn password_hash(tx: &mut Tx, id: &AccountId) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select password_hash
        from accounts
        where id = $1 and disabled_at is null
        ",
        id.as_str(),
    )?;
    Ok(row.map(|(hash,)| hash))
}

/// Gives the account another address. False: another account has it.
pub async fn set_address(
    tx: &mut Tx,
    id: &AccountId,
    (email, email_key): (&str, &str),
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update accounts
        set email = $2, email_key = $3
        where id = $1
          and not exists (select 1 from accounts o where o.email_key = $3 and o.id <> $1)
        ",
        id.as_str(),
        email,
        email_key,
    );
    match hit {
        Ok(hit) => Ok(hit == 1),
        // another transaction gave the address away at the same moment; this one is rolled back
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Before the address of an account changes: each of its memberships that belongs to no directory
/// user now belongs to the one who has the address. Otherwise the directory could not end it any
/// more. The organizations must be locked.
pub async fn assign_memberships(tx: &mut Tx, id: &AccountId) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update account_organizations
        set user_id = (
            select min(u.id)
            from directory_users u
            join accounts a on a.email_key = u.email_key
            where a.id = $1 and u.organization_id = account_organizations.organization_id
              and u.state not in ('inactive', 'removed')
          )
        where account_id = $1 and user_id is null
        ",
        id.as_str(),
    )
}
