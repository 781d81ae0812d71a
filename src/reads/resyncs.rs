//! Comparisons with the directory: what is under way, what was, and each plan.

use crate::{
    acts::Error,
    desk::Desk,
    domain::{
        access::OrganizationScope,
        id::{DirectoryUserId, ResyncId},
        resync::{EventLog, PlanRow, Resync},
    },
    store::{Run, deliveries, event_log, resync_plans, resyncs},
};

/// Rows on one page.
pub const ROWS: i64 = 50;

/// The runs of an organization, the newest first, before one of them.
pub async fn resyncs(desk: &Desk, scope: &OrganizationScope, before: Option<&ResyncId>) -> Result<Vec<Resync>, Error> {
    let mut tx = desk.db.read().await?;
    Ok(resyncs::before(&mut tx, scope, before, ROWS).await?)
}

/// `Missing` where there is no such run.
pub async fn resync(desk: &Desk, scope: &OrganizationScope, id: &ResyncId) -> Result<Resync, Error> {
    let mut tx = desk.db.read().await?;
    resyncs::one(&mut tx, scope, id).await?.ok_or(Error::Missing)
}

/// A part of a run's plan, by id, after somebody. `only`: a change's name, `blocked`, or nothing for all of it.
pub async fn resync_plan(
    desk: &Desk,
    scope: &OrganizationScope,
    id: &ResyncId,
    only: &str,
    after: Option<&DirectoryUserId>,
) -> Result<Vec<PlanRow>, Error> {
    let mut tx = desk.db.read().await?;
    let run = Run { organization: scope.id(), id };
    let after = after.map(DirectoryUserId::as_str).unwrap_or_default();
    Ok(resync_plans::plan_after(&mut tx, run, only, after, ROWS).await?)
}

/// Whether something may be missing, for the system's health.
pub async fn event_log(desk: &Desk) -> Result<EventLog, Error> {
    let mut tx = desk.db.read().await?;
    let last = deliveries::last_received(&mut tx).await?;
    Ok(event_log::state(&mut tx, last).await?)
}
