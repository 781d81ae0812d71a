//! Compares an organization with its directory. A run is a row: a person or a schedule requests it,
//! and a free worker claims it with a lease, lists page by page, makes the plan, and applies
//! exactly that plan. If the worker is killed at any moment, the next one resumes.

mod apply;
mod cleanup;
mod fetch;
mod imported;
mod naming;
mod pages;
mod pauses;
mod plan;
mod runner;
mod schedule;
mod setting_aside;
mod waiting_plans;

pub use self::{
    cleanup::{Cleanup, find_leftovers, remove_part},
    runner::{Turn, work_on},
    schedule::start_due,
    waiting_plans::expire_plans,
};
pub(super) use waiting_plans::end_with_organization;

use super::{Actor, Error, alerts};
use crate::{
    clock::Generate,
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        directory::PlanWarning,
        id::{AuditEntryId, OrganizationId, ResyncId},
        refusal::Refusal,
        resync::{Resync, ResyncCause, ResyncState},
        time::Timestamp,
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        organizations,
        resyncs::{self, New},
    },
};

/// Users processed together.
pub(super) const PART: i64 = 500;

/// Adds a run to the queue, or finds the open one. Gives its id.
pub async fn start_resync(
    state: &AppState,
    actor: Option<&Actor>,
    organization: &OrganizationId,
    cause: ResyncCause,
    dry_run: bool,
) -> Result<ResyncId, Error> {
    queue(state, (actor, organization), cause, dry_run, None).await
}

/// The same; if it adds a run, it also schedules the next nightly run, if there is one.
async fn queue(
    state: &AppState,
    (actor, organization): (Option<&Actor>, &OrganizationId),
    cause: ResyncCause,
    dry_run: bool,
    next_night: Option<Timestamp>,
) -> Result<ResyncId, Error> {
    if state.scalekit.is_none() {
        return Err(Refusal::NoDirectoryApi.into());
    }
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    if locked.roster.archived {
        return Err(Refusal::Archived.into());
    }
    if let Some(open) = resyncs::before(&mut tx, &locked.scope, None, 1)
        .await?
        .pop()
        .filter(|run| run.state.is_open())
        && !waiting_plans::replace(&mut tx, &locked, &open, now).await?
    {
        if actor.is_some() && (open.dry_run != dry_run || open.is_import()) {
            return Err(Refusal::ResyncUnderWay.into());
        }
        return Ok(open.id);
    }
    if let Some(night) = next_night {
        resyncs::schedule(&mut tx, &[(organization.clone(), night)]).await?;
    }
    let (id, by) = (ResyncId::generate(&state.clock), actor.map(Actor::name));
    resyncs::add(&mut tx, &New { organization, id: &id, dry_run, cause, by: by.as_deref() }, now)
        .await?;
    if let Some(actor) = actor {
        note(
            &mut tx,
            state,
            &locked.scope,
            (
                actor,
                if dry_run { AuditAction::DryRunResync } else { AuditAction::StartResync },
                &id,
            ),
            now,
        )
        .await?;
    }
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Ends a run that is not over. What was applied stays.
pub async fn cancel_resync(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    id: &ResyncId,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    resyncs::one(&mut tx, &locked.scope, id).await?.ok_or(Error::Missing)?;
    if !resyncs::cancel(&mut tx, &locked.scope, id, now).await? {
        return Err(Refusal::ResyncOver.into());
    }
    alerts::resolve(&mut tx, &locked.scope, waiting_plans::KIND, now).await?;
    note(&mut tx, state, &locked.scope, (actor, AuditAction::CancelResync, id), now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Expires the lease of a worker that is known to be dead, so that the next one need not wait for
/// it.
pub async fn expire_lease(
    state: &AppState,
    organization: &OrganizationScope,
    id: &ResyncId,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    resyncs::free(&mut tx, organization, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Applies a plan that a person has reviewed: one that waits for confirmation, or the plan of a dry
/// run. A plan with a warning requires that the person types the number of users it removes or
/// adds.
pub async fn confirm_resync(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    id: &ResyncId,
    people: Option<i64>,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    let run = resyncs::one(&mut tx, &locked.scope, id).await?.ok_or(Error::Missing)?;
    if run.state == ResyncState::Applying && run.confirmed_by == Some(actor.name()) {
        return Ok(()); // a second click
    }
    if state.scalekit.is_none() && !run.is_import() {
        return Err(Refusal::NoDirectoryApi.into()); // no worker would take it up
    }
    if locked.roster.archived || is_superseded(&mut tx, &locked.scope, &run).await? {
        return Err(Refusal::PlanNotOpen.into());
    }
    if let Some(refusal) = unconfirmed(&run, people) {
        return Err(refusal.into());
    }
    let since = run.since.unwrap_or(run.created_at);
    if run.counts.removed > 0
        && resyncs::lost_a_directory(&mut tx, &locked.scope, id, since).await?
    {
        return Err(Refusal::PlanOutdated.into());
    }
    if !resyncs::confirm(&mut tx, &locked.scope, id, &actor.name()).await? {
        return Err(Refusal::PlanNotOpen.into());
    }
    alerts::resolve(&mut tx, &locked.scope, waiting_plans::KIND, now).await?;
    note(&mut tx, state, &locked.scope, (actor, AuditAction::ConfirmResync, id), now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses if the typed number is not the number in the plan.
fn unconfirmed(run: &Resync, people: Option<i64>) -> Option<Refusal> {
    let warning = run.warning?;
    let number = run.counts.to_confirm(warning);
    (people != Some(number)).then_some(match warning {
        PlanWarning::AddsMany => Refusal::PeopleToAdd(number),
        PlanWarning::Empty | PlanWarning::RemovesMany => Refusal::PeopleToTakeAway(number),
    })
}

/// Whether a later run exists: then this plan is outdated.
async fn is_superseded(
    tx: &mut crate::db::Tx,
    scope: &OrganizationScope,
    run: &Resync,
) -> sqlx::Result<bool> {
    Ok(resyncs::before(tx, scope, None, 1).await?.pop().is_some_and(|latest| latest.id != run.id))
}

async fn note(
    tx: &mut crate::db::Tx,
    state: &AppState,
    scope: &OrganizationScope,
    (actor, action, run): (&Actor, AuditAction, &ResyncId),
    now: Timestamp,
) -> sqlx::Result<()> {
    let entry =
        Entry { target_id: Some(run.as_str()), after: Some(run.as_str()), ..actor.entry(action) };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add(tx, scope, &id, &entry, now).await
}
