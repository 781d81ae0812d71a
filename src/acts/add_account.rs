//! A new dashboard account.

use super::{Error, sign_in::hash_password};
use crate::{
    desk::Desk,
    domain::{
        access::{Role, Viewer},
        directory_user::email_key,
        id::{AccountId, OrganizationId},
        refusal::Refusal,
    },
    store::{accounts, organizations},
};

#[derive(Clone, Debug)]
pub struct NewAccount {
    pub email: String,
    pub name: String,
    pub role: Role,
    /// What a tenant may see; empty for staff.
    pub organizations: Vec<OrganizationId>,
    pub password: String,
}

pub async fn add_account(desk: &Desk, new: &NewAccount) -> Result<AccountId, Error> {
    let viewer = parse(desk, new)?;
    let hash = hash_password(new.password.clone()).await;
    let mut tx = desk.db.write().await?;
    if organizations::names(&mut tx, &viewer.organizations).await?.len() != viewer.organizations.len() {
        return Err(Error::Missing);
    }
    if !accounts::add(&mut tx, &viewer, &email_key(&viewer.email), &hash, desk.clock.now()).await? {
        return Err(Refusal::AccountExists(viewer.email).into());
    }
    tx.commit().await?;
    Ok(viewer.account)
}

pub(super) fn good_password(password: &str) -> Result<(), Refusal> {
    if (12..=128).contains(&password.chars().count()) { Ok(()) } else { Err(Refusal::Password) }
}

fn parse(desk: &Desk, new: &NewAccount) -> Result<Viewer, Refusal> {
    let (email, name) = (new.email.trim(), new.name.trim());
    let looks_right = email.parse::<lettre::Address>().is_ok() && email.len() <= 254;
    if !looks_right {
        return Err(Refusal::Email(email.to_owned()));
    }
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Refusal::Name);
    }
    good_password(&new.password)?;
    let mut organizations = new.organizations.clone();
    organizations.sort();
    organizations.dedup();
    match (new.role.is_staff(), organizations.is_empty()) {
        (true, false) => Err(Refusal::OrganizationNotForStaff),
        (false, true) => Err(Refusal::OrganizationMissing),
        _ => Ok(Viewer { account: desk.clock.id("acc"), name: name.to_owned(), email: email.to_owned(), role: new.role, organizations }),
    }
}
