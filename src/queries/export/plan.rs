//! The people of a resync's plan.

use super::{List, Part, next};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        decision::Outcome,
        directory::{Change, PlanPart},
        directory_user::SeatState,
        id::{DirectoryUserId, ResyncId},
    },
    store::{
        Run,
        resync_plans::{self, Listed},
        resyncs,
    },
};

/// The plan of a resync, or a part of it.
#[derive(Debug)]
pub struct Plan {
    scope: OrganizationScope,
    run: ResyncId,
    only: Option<PlanPart>,
}

/// The cells of one person, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCells {
    pub user: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub change: Change,
    /// The state before; `None`: the person was not known.
    pub from: Option<SeatState>,
    /// The activity in the directory; `None` if the directory did not say or the user is deleted.
    pub active: Option<bool>,
    /// No seat is free for this person.
    pub blocked: bool,
    /// `None` while the change is not applied.
    pub outcome: Option<Outcome>,
}

impl Plan {
    pub fn new(scope: OrganizationScope, run: ResyncId, only: Option<PlanPart>) -> Self {
        Self { scope, run, only }
    }
}

impl List for Plan {
    type Row = PlannedCells;
    type Key = DirectoryUserId;

    fn reach(&self) -> Reach<'_> {
        Reach::Organization(&self.scope)
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<DirectoryUserId>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        let resync = resyncs::one(tx, &self.scope, &self.run).await?.ok_or(Error::Missing)?;
        if resync.planned_at.is_none() || resync.is_plan_gone {
            return Ok((Vec::new(), None));
        }
        let run = Run { organization: self.scope.id(), id: &self.run };
        let found = resync_plans::page(tx, run, self.only, (behind.as_ref(), most)).await?;
        let next = next(&found, most, |row| row.user.clone());
        Ok((found.into_iter().map(cells).collect(), next))
    }
}

fn cells(row: Listed) -> PlannedCells {
    PlannedCells {
        user: row.user.into(),
        name: row.name,
        email: row.email,
        change: row.change,
        from: row.from,
        active: row.active,
        blocked: row.blocked,
        outcome: row.outcome,
    }
}
