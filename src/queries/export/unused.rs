//! The people who seem not to use their seats, or those who keep them all the same.

use super::{List, Part};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        time::Timestamp,
    },
    queries::reclaim::{UnusedRecord, part, records, rule},
    store::organizations,
    views::reclaim::{ReclaimCursor, ReclaimList},
};

#[derive(Debug)]
pub struct Unused {
    scope: OrganizationScope,
    viewer: Viewer,
    list: ReclaimList,
    now: Timestamp,
}

impl Unused {
    /// The people as they are suggested at the time `now`.
    pub fn new(
        scope: OrganizationScope,
        viewer: Viewer,
        list: ReclaimList,
        now: Timestamp,
    ) -> Self {
        Self { scope, viewer, list, now }
    }
}

impl List for Unused {
    type Row = UnusedRecord;
    type Key = ReclaimCursor;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<Self::Key>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        let Self { scope, viewer, list, now } = self;
        organizations::revision(tx, scope).await?.ok_or(Error::Missing)?;
        let rule = rule(tx, scope, *now).await?;
        let (listed, page) = part(tx, scope, (rule.as_ref(), *list), behind, most).await?;
        let rows = records(tx, (scope, viewer), (listed, rule.as_ref()), *now).await?;
        Ok((rows, page.older))
    }
}
