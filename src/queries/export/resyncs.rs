//! The resyncs of an organization.

use super::{List, Part, next};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        id::ResyncId,
        resync::Resync,
    },
    queries::resyncs::seen_by,
    store::{organizations, resyncs},
};

/// The resyncs, the newest first, as the viewer may see them.
#[derive(Debug)]
pub struct Resyncs {
    scope: OrganizationScope,
    viewer: Viewer,
}

impl Resyncs {
    pub fn new(scope: OrganizationScope, viewer: Viewer) -> Self {
        Self { scope, viewer }
    }
}

impl List for Resyncs {
    type Row = Resync;
    type Key = ResyncId;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<ResyncId>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        organizations::revision(tx, &self.scope).await?.ok_or(Error::Missing)?;
        let runs = resyncs::before(tx, &self.scope, behind.as_ref(), most).await?;
        let next = next(&runs, most, |run| run.id.clone());
        Ok((runs.into_iter().map(|run| seen_by(&self.viewer, run)).collect(), next))
    }
}
