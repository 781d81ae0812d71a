//! All organizations, for staff.

use super::{List, Part, next};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{access::Staff, organization::Usage},
    queries::{
        overview::{filter, find, key},
        pattern,
    },
    store::{
        organizations::AccountManager,
        overview::{Listed, Placed},
    },
    views::{OrganizationKey, OverviewQuery},
};

/// All organizations, for staff.
#[derive(Debug)]
pub struct Organizations {
    staff: Staff,
    query: OverviewQuery,
}

/// The cells of one organization, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationCells {
    pub organization: String,
    pub name: String,
    pub usage: Usage,
    pub archived: bool,
    pub account_manager: Option<String>,
}

impl Organizations {
    pub fn new(staff: Staff, query: OverviewQuery) -> Self {
        Self { staff, query }
    }
}

impl List for Organizations {
    type Row = OrganizationCells;
    type Key = OrganizationKey;

    fn reach(&self) -> Reach<'_> {
        Reach::Installation
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<OrganizationKey>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        let query = &self.query;
        let pattern = pattern(&query.search);
        let filter = filter(&self.staff, query, &pattern);
        let found = find(tx, filter, query, behind.as_ref(), most).await?;
        let next = next(&found, most, |row| key(query, row));
        Ok((found.into_iter().map(cells).collect(), next))
    }
}

fn cells(Placed { listed, .. }: Placed) -> OrganizationCells {
    let Listed { id, name, usage, archived, account_manager } = listed;
    let account_manager = account_manager.as_ref().map(AccountManager::called);
    OrganizationCells {
        organization: id.into(),
        name,
        usage,
        archived,
        account_manager: account_manager.map(|name| name.to_string()),
    }
}
