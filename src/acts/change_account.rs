//! An account is shut out, let in again, becomes a member of organizations, or gets a new password. Where it loses something,
//! its sessions end in the same transaction: the next request of whoever is signed in with it is refused.

use super::{Error, add_account::good_password, sign_in::hash_password};
use crate::{
    db::Tx,
    desk::Desk,
    domain::{
        directory_user::email_key,
        id::{AccountId, OrganizationId},
        refusal::Refusal,
    },
    store::{accounts, organizations, sessions},
};

/// False: it was disabled already.
pub async fn disable_account(desk: &Desk, email: &str) -> Result<bool, Error> {
    let mut tx = desk.db.write().await?;
    let account = find(&mut tx, email).await?;
    let changed = accounts::disable(&mut tx, &account, desk.clock.now()).await?;
    sessions::end_all(&mut tx, &account).await?;
    tx.commit().await?;
    Ok(changed)
}

/// False: it was not disabled.
pub async fn enable_account(desk: &Desk, email: &str) -> Result<bool, Error> {
    let mut tx = desk.db.write().await?;
    let account = find(&mut tx, email).await?;
    let changed = accounts::enable(&mut tx, &account, desk.clock.now()).await?;
    tx.commit().await?;
    Ok(changed)
}

/// Lets a tenant's account see these organizations, too: whoever comes back to a directory is given nothing back by itself.
/// Gives how many it did not see before.
pub async fn grant_membership(desk: &Desk, email: &str, to: &[OrganizationId]) -> Result<u64, Error> {
    let mut tx = desk.db.write().await?;
    let account = find(&mut tx, email).await?;
    let is_staff = accounts::listed(&mut tx, &account).await?.is_some_and(|(viewer, _)| viewer.role.is_staff());
    if is_staff {
        return Err(Refusal::StaffSeeEverything.into());
    }
    if organizations::names(&mut tx, to).await?.len() != to.len() {
        return Err(Error::Missing);
    }
    let joined = accounts::join(&mut tx, &account, to).await?;
    tx.commit().await?;
    Ok(joined)
}

/// Whoever knew the old one, and is signed in by it, knows nothing.
pub async fn set_password(desk: &Desk, email: &str, password: String) -> Result<(), Error> {
    good_password(&password)?;
    let hash = hash_password(password).await;
    let mut tx = desk.db.write().await?;
    let account = find(&mut tx, email).await?;
    accounts::set_password(&mut tx, &account, &hash).await?;
    sessions::end_all(&mut tx, &account).await?;
    tx.commit().await?;
    Ok(())
}

async fn find(tx: &mut Tx, email: &str) -> Result<AccountId, Error> {
    let known = accounts::by_email(tx, &email_key(email)).await?;
    known.ok_or_else(|| Refusal::NoAccount(email.trim().to_owned()).into())
}
