//! For the command line: who may sign in.

use serde::Serialize;

use crate::{
    acts::Error,
    desk::Desk,
    domain::{
        access::Viewer,
        id::{AccountId, OrganizationId},
    },
    store::accounts,
};

/// One line of `account list --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountRow {
    pub email: String,
    pub name: String,
    pub role: &'static str,
    /// What a tenant may see; staff see everything.
    pub organizations: Vec<OrganizationId>,
    pub disabled: bool,
}

/// Every account, by address.
pub async fn accounts(desk: &Desk) -> Result<Vec<AccountRow>, Error> {
    const PART: i64 = 1_000;
    let mut tx = desk.db.read().await?;
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
                rows.push(AccountRow { email, name, role: role.as_str(), organizations, disabled });
            }
        }
    }
}
