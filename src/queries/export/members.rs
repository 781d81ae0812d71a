//! The members of an organization, and the staff accounts.

use super::{List, Part};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::access::{OrganizationScope, StaffAdmin},
    queries::{
        members::{self, MemberRecord},
        staff_accounts::{self, StaffRecord},
    },
    store::organizations,
    views::members::{AccountKey, AccountsQuery},
};

#[derive(Debug)]
pub struct Members {
    scope: OrganizationScope,
    query: AccountsQuery,
}

impl Members {
    pub fn new(scope: OrganizationScope, query: AccountsQuery) -> Self {
        Self { scope, query }
    }
}

impl List for Members {
    type Row = MemberRecord;
    type Key = AccountKey;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<Self::Key>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        organizations::revision(tx, &self.scope).await?.ok_or(Error::Missing)?;
        let all = members::in_order(tx, &self.scope).await?;
        let query = AccountsQuery { before: behind, ..self.query.clone() };
        let (rows, page) = members::part(all, &query, most);
        Ok((rows.into_iter().map(MemberRecord::of).collect(), page.older))
    }
}

#[derive(Debug)]
pub struct StaffAccounts {
    query: AccountsQuery,
}

impl StaffAccounts {
    pub fn new(_admin: &StaffAdmin, query: AccountsQuery) -> Self {
        Self { query }
    }
}

impl List for StaffAccounts {
    type Row = StaffRecord;
    type Key = AccountKey;

    fn reach(&self) -> Reach<'_> {
        Reach::Installation
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<Self::Key>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        let all = staff_accounts::in_order(tx).await?;
        let query = AccountsQuery { before: behind, ..self.query.clone() };
        let (rows, page) = staff_accounts::part(all, &query, most);
        Ok((rows.into_iter().map(StaffRecord::of).collect(), page.older))
    }
}
