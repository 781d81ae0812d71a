//! An organization is compared with its directory. A run is a row: somebody asks for it, whoever is free takes it up with a
//! lease, lists page by page, makes the plan, and applies exactly that plan; killed at any moment, the next one goes on.

mod applying;
mod due;
mod listing;
mod naming;
mod planning;
mod run;
mod setting_aside;
mod sweeping;
mod waiting_plans;

pub use self::{
    due::start_due,
    run::{Turn, work_on},
    sweeping::{Sweeping, find_leftovers, sweep_part},
    waiting_plans::look_after_plans,
};
pub(super) use waiting_plans::end_with_organization;

use super::{Actor, Error};
use crate::{
    desk::Desk,
    domain::{
        access::OrganizationScope,
        directory::Doubt,
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
    queue(desk, (actor, organization), cause, dry_run, None).await
}

/// The same; the night that is due is over with it.
async fn queue(
    desk: &Desk,
    (actor, organization): (Option<&Actor>, &OrganizationId),
    cause: ResyncCause,
    dry_run: bool,
    next_night: Option<Timestamp>,
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
    if let Some(night) = next_night {
        resyncs::schedule(&mut tx, &[(organization.clone(), night)]).await?;
    }
    let (id, by): (ResyncId, _) = (desk.clock.id("rsn"), actor.map(Actor::name));
    resyncs::add(&mut tx, &New { organization, id: &id, dry_run, cause, by: by.as_deref() }, now).await?;
    if let Some(actor) = actor {
        note(&mut tx, desk, &locked.scope, (actor, if dry_run { "dry_run_resync" } else { "start_resync" }, &id), now).await?;
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
    waiting_plans::resolve_alert(&mut tx, &locked, now).await?;
    note(&mut tx, desk, &locked.scope, (actor, "cancel_resync", id), now).await?;
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
/// it takes away or adds, typed.
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
    if desk.scalekit.is_none() {
        return Err(Refusal::NoDirectoryApi.into()); // no worker would take it up
    }
    if locked.roster.archived || is_superseded(&mut tx, &locked.scope, &run).await? {
        return Err(Refusal::PlanNotOpen.into());
    }
    if let Some(refusal) = unconfirmed(&run, people) {
        return Err(refusal.into());
    }
    let since = run.since.unwrap_or(run.created_at);
    if run.counts.removed > 0 && resyncs::lost_a_directory(&mut tx, &locked.scope, id, since).await? {
        return Err(Refusal::PlanOutdated.into());
    }
    if !resyncs::confirm(&mut tx, &locked.scope, id, &actor.name()).await? {
        return Err(Refusal::PlanNotOpen.into());
    }
    waiting_plans::resolve_alert(&mut tx, &locked, now).await?;
    note(&mut tx, desk, &locked.scope, (actor, "confirm_resync", id), now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The number that was typed is not the plan's.
fn unconfirmed(run: &Resync, people: Option<i64>) -> Option<Refusal> {
    let doubt = run.doubt?;
    let number = run.counts.to_confirm(doubt);
    (people != Some(number)).then_some(match doubt {
        Doubt::AddsMany => Refusal::PeopleToAdd(number),
        Doubt::Empty | Doubt::TakesManyAway => Refusal::PeopleToTakeAway(number),
    })
}

/// A later run has been made since: this plan is of yesterday.
async fn is_superseded(tx: &mut crate::db::Tx, scope: &OrganizationScope, run: &Resync) -> sqlx::Result<bool> {
    Ok(resyncs::before(tx, scope, None, 1).await?.pop().is_some_and(|latest| latest.id != run.id))
}

async fn note(
    tx: &mut crate::db::Tx,
    desk: &Desk,
    scope: &OrganizationScope,
    (actor, action, run): (&Actor, &str, &ResyncId),
    now: Timestamp,
) -> sqlx::Result<()> {
    let entry = Entry {
        id: &desk.clock.id::<String>("aud"),
        actor: &actor.name(),
        actor_id: actor.account(),
        action,
        target_id: Some(run.as_str()),
        after: Some(run.as_str()),
        ..Entry::default()
    };
    audit::add(tx, scope, &entry, now).await
}
