//! What people and the schedule ask of runs: to begin, to apply a plan, to stop.

use crate::{
    db::{Tx, sql},
    domain::{
        access::OrganizationScope,
        id::{OrganizationId, ResyncId},
        resync::ResyncCause,
        time::Timestamp,
    },
};

/// The values of a new run.
#[derive(Clone, Debug)]
pub struct New<'a> {
    pub organization: &'a OrganizationId,
    pub id: &'a ResyncId,
    pub dry_run: bool,
    pub cause: ResyncCause,
    pub by: Option<&'a str>,
}

/// Adds a run to the queue. False: the organization already has an open run.
pub async fn add(tx: &mut Tx, new: &New<'_>, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        insert into resyncs (organization_id, id, state, dry_run, cause, started_by, created_at,
            is_complete, listed, applied, calls, created, updated, reactivated, deactivated,
            removed, blocked, groups, delays_next)
        values ($1, $2, 'queued', $3, $4, $5, $6, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $7)
        on conflict do nothing
        ",
        new.organization.as_str(),
        new.id.as_str(),
        new.dry_run,
        new.cause.as_str(),
        new.by,
        now.nanos(),
        // what becomes of a file says nothing about the directory
        new.cause != ResyncCause::Import,
    )?;
    Ok(hit == 1)
}

/// Confirms a plan that waits, or the plan of a dry run. A worker that still tidies up after the
/// plan loses the run, so that another one applies the plan at once. False: the run has no such
/// plan, its plan was deleted, or another run is open.
pub async fn confirm(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ResyncId,
    by: &str,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update resyncs
        set state = 'applying', confirmed_by = $3, dry_run = false, finished_at = null,
            stalled_attempts = 0, claim = claim + 1, lease_millis = 0
        where organization_id = $1 and id = $2
          and (state = 'waiting' or (state = 'done' and dry_run)) and plan_removal = 0
          and not exists (
            select 1
            from resyncs o
            where o.organization_id = $1 and o.id <> $2
              and o.state in ('queued', 'listing', 'waiting', 'applying')
          )
        ",
        organization.id().as_str(),
        id.as_str(),
        by,
    )?;
    Ok(hit == 1)
}

/// Cancels an open run and takes it away from its worker. False: it was already over.
pub async fn cancel(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ResyncId,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update resyncs
        set state = 'cancelled', finished_at = $3, claim = claim + 1, lease_millis = 0
        where organization_id = $1 and id = $2
          and state in ('queued', 'listing', 'waiting', 'applying')
        ",
        organization.id().as_str(),
        id.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// Cancels the open run of an organization with a reason, takes it away from its worker, and lets
/// automatic runs begin again at once.
pub async fn discard(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (code, why): (&str, &str),
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update resyncs
        set state = 'cancelled', finished_at = $2, claim = claim + 1, lease_millis = 0,
            error_code = $3, error_message = $4, waits_until = null, waits_for = null
        where organization_id = $1 and state in ('queued', 'listing', 'waiting', 'applying')
        ",
        organization.id().as_str(),
        now.nanos(),
        code,
        why,
    )?;
    sql!(
        execute(tx),
        r"
        update resyncs
        set delays_next = false
        where organization_id = $1 and delays_next
        ",
        organization.id().as_str(),
    )?;
    Ok(())
}

/// Cancels the finished dry run that could still be confirmed, if the newest run is one.
pub async fn discard_dry_run(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (code, why): (&str, &str),
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update resyncs
        set state = 'cancelled', finished_at = $2, claim = claim + 1, lease_millis = 0,
            error_code = $3, error_message = $4
        where organization_id = $1 and state = 'done' and dry_run and plan_removal = 0
          and id = (
            select max(newest.id)
            from resyncs newest
            where newest.organization_id = $1
          )
        ",
        organization.id().as_str(),
        now.nanos(),
        code,
        why,
    )?;
    Ok(())
}
