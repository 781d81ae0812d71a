//! Seat requests: a list of staff, or those of an organization.

use super::{List, Part};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::access::{OrganizationScope, Staff},
    queries::requests::{RequestRecord, part},
    store::organizations,
    views::requests::{RequestCursor, RequestsQuery},
};

#[derive(Debug)]
pub struct Requests {
    scope: Option<OrganizationScope>,
    query: RequestsQuery,
}

impl Requests {
    pub fn all(_staff: &Staff, query: RequestsQuery) -> Self {
        Self { scope: None, query }
    }

    pub fn of(scope: OrganizationScope, query: RequestsQuery) -> Self {
        Self { scope: Some(scope), query }
    }
}

impl List for Requests {
    type Row = RequestRecord;
    type Key = RequestCursor;

    fn reach(&self) -> Reach<'_> {
        Reach::of(self.scope.as_ref())
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<Self::Key>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        if let Some(scope) = &self.scope {
            organizations::revision(tx, scope).await?.ok_or(Error::Missing)?;
        }
        let asked = (self.scope.as_ref(), self.query.list);
        let (rows, page) = part(tx, asked, behind, most).await?;
        Ok((rows.into_iter().map(RequestRecord::of).collect(), page.older))
    }
}
