//! The accounts that may sign in and the disabled ones, for the command line.

use serde::Serialize;

use crate::{
    commands::Error,
    domain::{
        access::Viewer,
        directory_user::email_key,
        id::{AccountId, OrganizationId},
    },
    state::AppState,
    store::accounts,
};

/// One row of `account list --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountRow {
    pub email: String,
    pub name: String,
    pub role: &'static str,
    /// The organizations that a tenant may see; empty for staff, who see every one.
    pub organizations: Vec<AccountOrganization>,
    pub disabled: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountOrganization {
    pub id: OrganizationId,
    /// The role in this organization: that of the account, or a higher one from a group.
    pub role: &'static str,
}

/// The account of an address, disabled or not.
pub async fn account_of(state: &AppState, email: &str) -> Result<Option<AccountId>, Error> {
    Ok(accounts::by_email(&mut state.db.read().await?, &email_key(email)).await?)
}

/// Every account, sorted by address.
pub async fn accounts(state: &AppState) -> Result<Vec<AccountRow>, Error> {
    const PART: i64 = 1_000;
    let mut tx = state.db.read().await?;
    let mut rows: Vec<AccountRow> = Vec::new();
    let mut after = String::new();
    loop {
        let part = accounts::after(&mut tx, &after, PART).await?;
        let Some((last, _)) = part.last() else { return Ok(rows) };
        last.clone_into(&mut after);
        for (_, id) in part {
            if let Some((Viewer { email, name, role, organizations, .. }, disabled)) =
                accounts::listed(&mut tx, &AccountId::new(id)).await?
            {
                let organizations = organizations
                    .into_iter()
                    .map(|(id, role)| AccountOrganization { id, role: role.as_str() })
                    .collect();
                rows.push(AccountRow { email, name, role: role.as_str(), organizations, disabled });
            }
        }
    }
}
