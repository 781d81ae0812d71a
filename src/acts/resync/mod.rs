//! An organization is compared with its directory. A run is a row: somebody asks for it, whoever is free takes it up with a
//! lease, lists page by page, makes the plan, and applies exactly that plan; killed at any moment, the next one goes on.

mod applying;
mod due;
mod listing;
mod naming;
mod planning;
mod run;
mod sweeping;

pub use self::{
    due::start_due,
    run::{Turn, work_on},
    sweeping::{Sweeping, find_leftovers, sweep_part},
};
use super::{Actor, Error};
use crate::{
    desk::Desk,
    domain::{
        access::OrganizationScope,
        id::{OrganizationId, ResyncId},
        refusal::Refusal,
        resync::{Resync, ResyncCause, ResyncState},
        time::Timestamp,
    },
    store::{
        audit::{self, Entry},
        organizations,
        resyncs::{self, New},
    },
};

/// How long whoever takes up a run may be silent before somebody else does.
const LEASE: std::time::Duration = std::time::Duration::from_secs(45);
/// People looked at together.
const PART: i64 = 500;

/// Puts a run into the queue, or finds the one that is open already. Gives its id.
pub async fn start_resync(
    desk: &Desk,
    actor: Option<&Actor>,
    organization: &OrganizationId,
    cause: ResyncCause,
    dry_run: bool,
) -> Result<ResyncId, Error> {
    if desk.scalekit.is_none() {
        return Err(Refusal::NoDirectoryApi.into());
    }
    let mut tx = desk.db.write().await?;
    let now = desk.clock.now();
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    if locked.roster.archived {
        return Err(Refusal::Archived.into());
    }
    if let Some(open) = resyncs::before(&mut tx, &locked.scope, None, 1).await?.pop().filter(|run| run.state.is_open()) {
        if actor.is_some() && open.dry_run != dry_run {
            return Err(Refusal::ResyncUnderWay.into());
        }
        return Ok(open.id);
    }
    let (id, by): (ResyncId, _) = (desk.clock.id("rsn"), actor.map(Actor::name));
    resyncs::add(&mut tx, &New { organization, id: &id, dry_run, cause, by: by.as_deref() }, now).await?;
    if let Some(by) = &by {
        note(&mut tx, desk, &locked.scope, (by, if dry_run { "dry_run_resync" } else { "start_resync" }, &id), now).await?;
    }
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Ends a run that is not over. What was applied stays.
pub async fn cancel_resync(desk: &Desk, actor: &Actor, organization: &OrganizationId, id: &ResyncId) -> Result<(), Error> {
    let mut tx = desk.db.write().await?;
    let now = desk.clock.now();
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    resyncs::one(&mut tx, &locked.scope, id).await?.ok_or(Error::Missing)?;
    if !resyncs::cancel(&mut tx, &locked.scope, id, now).await? {
        return Err(Refusal::ResyncOver.into());
    }
    note(&mut tx, desk, &locked.scope, (&actor.name(), "cancel_resync", id), now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Whoever was at it is known to be dead: the next one need not wait until that shows.
pub async fn presume_dead(desk: &Desk, organization: &OrganizationScope, id: &ResyncId) -> Result<(), Error> {
    let mut tx = desk.db.write().await?;
    resyncs::free(&mut tx, organization, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Applies a plan that somebody has looked at: one that waits, or that of a dry run. A doubtful one needs the number of people
/// it takes away, typed.
pub async fn confirm_resync(
    desk: &Desk,
    actor: &Actor,
    organization: &OrganizationId,
    id: &ResyncId,
    people: Option<i64>,
) -> Result<(), Error> {
    let mut tx = desk.db.write().await?;
    let now = desk.clock.now();
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let run = resyncs::one(&mut tx, &locked.scope, id).await?.ok_or(Error::Missing)?;
    if run.state == ResyncState::Applying && run.confirmed_by == Some(actor.name()) {
        return Ok(()); // a second click
    }
    let takes_away = run.counts.takes_away();
    if run.doubt.is_some() && people != Some(takes_away) {
        return Err(Refusal::PeopleToTakeAway(takes_away).into());
    }
    if locked.roster.archived || is_superseded(&mut tx, &locked.scope, &run).await? {
        return Err(Refusal::PlanNotOpen.into());
    }
    if !resyncs::confirm(&mut tx, &locked.scope, id, &actor.name()).await? {
        return Err(Refusal::PlanNotOpen.into());
    }
    note(&mut tx, desk, &locked.scope, (&actor.name(), "confirm_resync", id), now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(())
}

/// A later run has been made since: this plan is of yesterday.
async fn is_superseded(tx: &mut crate::db::Tx, scope: &OrganizationScope, run: &Resync) -> sqlx::Result<bool> {
    Ok(resyncs::before(tx, scope, None, 1).await?.pop().is_some_and(|latest| latest.id != run.id))
}

async fn note(
    tx: &mut crate::db::Tx,
    desk: &Desk,
    scope: &OrganizationScope,
    (actor, action, run): (&str, &str, &ResyncId),
    now: Timestamp,
) -> sqlx::Result<()> {
    let id: String = desk.clock.id("aud");
    audit::add(tx, scope, &Entry { id: &id, actor, action, before: None, after: Some(run.as_str()), reason: None }, now).await
}
