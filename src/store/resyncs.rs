//! Resyncs: the row of each run, the lease on it, and the nightly schedule.

use std::time::Duration;

use sqlx::FromRow;

use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        directory::PlanWarning,
        id::{OrganizationId, ResyncId},
        resync::{Resync, ResyncCause, ResyncCounts, ResyncState, WaitCause, WaitingFor},
        time::Timestamp,
    },
};

#[derive(FromRow)]
struct Row {
    organization_id: String,
    id: String,
    state: String,
    dry_run: bool,
    cause: String,
    started_by: Option<String>,
    created_at: i64,
    started_at: Option<i64>,
    since: Option<i64>,
    planned_at: Option<i64>,
    finished_at: Option<i64>,
    is_complete: bool,
    listed: i64,
    total: Option<i64>,
    applied: i64,
    calls: i64,
    created: i64,
    updated: i64,
    reactivated: i64,
    deactivated: i64,
    removed: i64,
    blocked: i64,
    groups: i64,
    warning: Option<String>,
    confirmed_by: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    claim: i64,
    stalled_attempts: i64,
    plan_removal: i64,
    heartbeats: i64,
    wanted_at: Option<i64>,
    waits_until: Option<i64>,
    waits_for: Option<String>,
    set_aside: i64,
}

impl From<Row> for Resync {
    fn from(row: Row) -> Self {
        let time = |at: Option<i64>| at.map(Timestamp::from_nanos);
        Self {
            organization: OrganizationId::new(row.organization_id),
            id: ResyncId::new(row.id),
            state: ResyncState::parse(&row.state).unwrap_or(ResyncState::Failed),
            dry_run: row.dry_run,
            cause: ResyncCause::parse(&row.cause).unwrap_or(ResyncCause::Inconsistency),
            by: row.started_by,
            created_at: Timestamp::from_nanos(row.created_at),
            started_at: time(row.started_at),
            since: time(row.since),
            planned_at: time(row.planned_at),
            finished_at: time(row.finished_at),
            is_complete: row.is_complete,
            listed: row.listed,
            total: row.total,
            applied: row.applied,
            calls: row.calls,
            waits: row
                .waits_for
                .as_deref()
                .and_then(WaitCause::parse)
                .zip(time(row.waits_until))
                .map(|(cause, until)| WaitingFor { cause, until }),
            set_aside: row.set_aside,
            counts: ResyncCounts {
                created: row.created,
                updated: row.updated,
                reactivated: row.reactivated,
                deactivated: row.deactivated,
                removed: row.removed,
                blocked: row.blocked,
                groups: row.groups,
            },
            warning: row.warning.as_deref().and_then(PlanWarning::parse),
            confirmed_by: row.confirmed_by,
            error: row.error_code.map(|code| (code, row.error_message.unwrap_or_default())),
            is_plan_gone: row.plan_removal > 0,
        }
    }
}

macro_rules! columns {
    () => {
        "organization_id, id, state, dry_run, cause, started_by, created_at, started_at, since, planned_at, finished_at, is_complete, listed, \
         total, applied, calls, created, updated, reactivated, deactivated, removed, blocked, groups, warning, confirmed_by, error_code, \
         error_message, claim, stalled_attempts, plan_removal, heartbeats, wanted_at, waits_until, waits_for, set_aside"
    };
}

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
        "insert into resyncs (organization_id, id, state, dry_run, cause, started_by, created_at, claim, lease_until, is_complete, listed, applied, \
         calls, created, updated, reactivated, deactivated, removed, blocked, groups) \
         values ($1, $2, 'queued', $3, $4, $5, $6, 0, 0, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) on conflict do nothing",
        new.organization.as_str(),
        new.id.as_str(),
        new.dry_run,
        new.cause.as_str(),
        new.by,
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// A run that this worker holds.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub resync: Resync,
    pub claim: i64,
    /// The number of the last heartbeat.
    pub heartbeats: i64,
    /// The organization's request for a resync that this run fulfils.
    pub wanted_at: Option<Timestamp>,
    /// How often the run was claimed, this time included, since it last made progress.
    pub stalled_attempts: i64,
    /// The run has made progress, so the next worker resumes further on.
    pub made_progress: bool,
}

impl From<Row> for Claimed {
    fn from(row: Row) -> Self {
        let (claim, heartbeats, stalled_attempts) =
            (row.claim, row.heartbeats, row.stalled_attempts);
        let wanted_at = row.wanted_at.map(Timestamp::from_nanos);
        Self {
            claim,
            heartbeats,
            wanted_at,
            stalled_attempts,
            made_progress: false,
            resync: row.into(),
        }
    }
}

/// A run to work on, and its last heartbeat.
#[derive(Clone, Debug, FromRow)]
pub struct Candidate {
    pub organization_id: String,
    pub id: String,
    pub created_at: i64,
    pub claim: i64,
    pub heartbeats: i64,
    /// For how many milliseconds after the last heartbeat the run is held or paused; 0: it is free.
    pub held_millis: i64,
}

/// The columns of a candidate.
macro_rules! candidate {
    () => {
        "select organization_id, id, created_at, claim, heartbeats, case when lease_until = 0 then 0 else lease_millis end as held_millis \
         from resyncs where "
    };
}

/// The runs that a worker holds or held, oldest first.
pub async fn held(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<Candidate>> {
    sql!(
        all(tx),
        concat!(
            candidate!(),
            "state in ('queued', 'listing', 'applying') and lease_until <> 0 order by created_at, id limit $1"
        ),
        most
    )
}

/// The free run that has waited longest.
pub async fn next_free(tx: &mut Tx) -> sqlx::Result<Option<Candidate>> {
    sql!(
        optional(tx),
        concat!(
            candidate!(),
            "state in ('queued', 'listing', 'applying') and lease_until = 0 order by created_at, id limit 1"
        )
    )
}

/// This run, if it still has to be worked on.
pub async fn candidate(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &ResyncId,
) -> sqlx::Result<Option<Candidate>> {
    sql!(
        optional(tx),
        concat!(
            candidate!(),
            "organization_id = $1 and id = $2 and state in ('queued', 'listing', 'applying')"
        ),
        organization.as_str(),
        id.as_str(),
    )
}

/// Claims a run, unless its holder sent a heartbeat in the meantime or another worker was quicker.
pub async fn take(
    tx: &mut Tx,
    run: &Candidate,
    lease_until: Timestamp,
) -> sqlx::Result<Option<Claimed>> {
    let row: Option<Row> = sql!(
        optional(tx),
        concat!(
            "update resyncs set claim = claim + 1, heartbeats = heartbeats + 1, stalled_attempts = stalled_attempts + 1, lease_until = $5, lease_millis = $6, \
             waits_until = null, waits_for = null, state = case when state = 'queued' then 'listing' else state end \
             where organization_id = $1 and id = $2 and claim = $3 and heartbeats = $4 and state in ('queued', 'listing', 'applying') returning ",
            columns!()
        ),
        run.organization_id.as_str(),
        run.id.as_str(),
        run.claim,
        run.heartbeats,
        lease_until.nanos(),
        LEASE_MILLIS,
    )?;
    Ok(row.map(Into::into))
}

/// How long the holder of a run may send no heartbeat before another worker takes the run over.
pub const LEASE: Duration = Duration::from_secs(45);
const LEASE_MILLIS: i64 = 45_000;

/// Renews the lease and records the progress. False: the run was cancelled, or another worker took
/// it over.
pub async fn renew(tx: &mut Tx, run: &mut Claimed, lease_until: Timestamp) -> sqlx::Result<bool> {
    run.heartbeats += 1;
    let hit = sql!(
        execute(tx),
        "update resyncs set lease_until = $4, calls = $5, listed = $6, total = $7, applied = $8, started_at = $9, is_complete = $10, \
         stalled_attempts = case when $11 then 0 else stalled_attempts end, since = $12, heartbeats = $13, lease_millis = $14, wanted_at = $15, waits_until = $16, \
         waits_for = $17, set_aside = $18 \
         where organization_id = $1 and id = $2 and claim = $3 and state in ('listing', 'applying')",
        run.resync.organization.as_str(),
        run.resync.id.as_str(),
        run.claim,
        lease_until.nanos(),
        run.resync.calls,
        run.resync.listed,
        run.resync.total,
        run.resync.applied,
        run.resync.started_at.map(Timestamp::nanos),
        run.resync.is_complete,
        run.made_progress,
        run.resync.since.map(Timestamp::nanos),
        run.heartbeats,
        LEASE_MILLIS,
        run.wanted_at.map(Timestamp::nanos),
        run.resync.waits.map(|waits| waits.until.nanos()),
        run.resync.waits.map(|waits| waits.cause.as_str()),
        run.resync.set_aside,
    )?;
    Ok(hit == 1)
}

/// Stores the plan and the run's new state. False: the run was cancelled, or another worker took it
/// over.
pub async fn planned(tx: &mut Tx, run: &Claimed, now: Timestamp) -> sqlx::Result<bool> {
    let Resync { counts, state, .. } = &run.resync;
    let hit = sql!(
        execute(tx),
        "update resyncs set state = $4, planned_at = $5, created = $6, updated = $7, reactivated = $8, deactivated = $9, removed = $10, \
         blocked = $11, groups = $12, warning = $13, finished_at = $14, stalled_attempts = 0, waits_until = null, waits_for = null where organization_id = $1 and id = $2 and claim = $3 \
         and state = 'listing'",
        run.resync.organization.as_str(),
        run.resync.id.as_str(),
        run.claim,
        state.as_str(),
        now.nanos(),
        counts.created,
        counts.updated,
        counts.reactivated,
        counts.deactivated,
        counts.removed,
        counts.blocked,
        counts.groups,
        run.resync.warning.map(PlanWarning::as_str),
        (!state.is_open()).then_some(now.nanos()),
    )?;
    Ok(hit == 1)
}

/// Ends a run, successfully or not. False: it was over, or another worker took it over.
pub async fn end(
    tx: &mut Tx,
    run: &Claimed,
    state: ResyncState,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let (code, message) =
        run.resync.error.as_ref().map(|(code, message)| (code.as_str(), message.as_str())).unzip();
    let hit = sql!(
        execute(tx),
        "update resyncs set state = $4, finished_at = $5, lease_until = 0, calls = $6, applied = $7, error_code = $8, error_message = $9, \
         waits_until = null, waits_for = null where organization_id = $1 and id = $2 and claim = $3 and state in ('listing', 'applying')",
        run.resync.organization.as_str(),
        run.resync.id.as_str(),
        run.claim,
        state.as_str(),
        now.nanos(),
        run.resync.calls,
        run.resync.applied,
        code,
        message,
    )?;
    Ok(hit == 1)
}

/// Releases the lease; another worker may claim the run after `rest`.
pub async fn release(
    tx: &mut Tx,
    run: &mut Claimed,
    now: Timestamp,
    rest: Duration,
) -> sqlx::Result<u64> {
    run.heartbeats += 1;
    sql!(
        execute(tx),
        "update resyncs set lease_until = $4, lease_millis = $5, heartbeats = $6, calls = $7, waits_until = $8, waits_for = $9 \
         where organization_id = $1 and id = $2 and claim = $3",
        run.resync.organization.as_str(),
        run.resync.id.as_str(),
        run.claim,
        now.plus(rest).nanos(),
        i64::try_from(rest.as_millis()).unwrap_or(LEASE_MILLIS),
        run.heartbeats,
        run.resync.calls,
        run.resync.waits.map(|waits| waits.until.nanos()),
        run.resync.waits.map(|waits| waits.cause.as_str()),
    )
}

/// Makes a run free at once, also if a worker holds it.
pub async fn free(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ResyncId,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        "update resyncs set lease_until = 0 where organization_id = $1 and id = $2",
        organization.id().as_str(),
        id.as_str(),
    )
}

/// Cancels an open run. False: it was already over.
pub async fn cancel(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ResyncId,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "update resyncs set state = 'cancelled', finished_at = $3, lease_until = 0 where organization_id = $1 and id = $2 \
         and state in ('queued', 'listing', 'waiting', 'applying')",
        organization.id().as_str(),
        id.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// Cancels the open run of an organization with a reason, and lets automatic runs begin again at
/// once.
pub async fn discard(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (code, why): (&str, &str),
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update resyncs set state = 'cancelled', finished_at = $2, lease_until = 0, error_code = $3, error_message = $4, waits_until = null, \
         waits_for = null where organization_id = $1 and state in ('queued', 'listing', 'waiting', 'applying')",
        organization.id().as_str(),
        now.nanos(),
        code,
        why,
    )?;
    sql!(
        execute(tx),
        "update resyncs set delays_next = false where organization_id = $1 and delays_next",
        organization.id().as_str()
    )
    .map(|_| ())
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
        "update resyncs set state = 'cancelled', finished_at = $2, error_code = $3, error_message = $4 \
         where organization_id = $1 and state = 'done' and dry_run and plan_removal = 0 \
         and id = (select max(newest.id) from resyncs newest where newest.organization_id = $1)",
        organization.id().as_str(),
        now.nanos(),
        code,
        why,
    )
    .map(|_| ())
}

/// The organizations whose plan has waited for a confirmation since `before`, longest first.
pub async fn waiting_since(
    tx: &mut Tx,
    before: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<OrganizationId>> {
    let ids: Vec<String> = sql!(
        values(tx),
        "select organization_id from resyncs where state = 'waiting' and planned_at <= $1 order by planned_at, organization_id limit $2",
        before.nanos(),
        most,
    )?;
    Ok(ids.into_iter().map(OrganizationId::new).collect())
}

/// The run of an organization that waits for a confirmation, if there is one.
pub async fn waiting(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<Resync>> {
    let row: Option<Row> = sql!(
        optional(tx),
        concat!(
            "select ",
            columns!(),
            " from resyncs where organization_id = $1 and state = 'waiting'"
        ),
        organization.id().as_str(),
    )?;
    Ok(row.map(Into::into))
}

/// The plans that wait for a confirmation, as (organization, its name, run), longest first; for
/// staff.
pub async fn all_waiting(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<(String, String, String)>> {
    sql!(
        all(tx),
        "select r.organization_id, o.name, r.id from resyncs r join organizations o on o.id = r.organization_id \
         where r.state = 'waiting' order by r.planned_at, r.organization_id limit $1",
        most,
    )
}

/// The plans of these organizations that wait for a confirmation, as (organization, run).
pub async fn waiting_of(
    tx: &mut Tx,
    organizations: &[&OrganizationId],
) -> sqlx::Result<Vec<(OrganizationId, ResyncId)>> {
    let rows: Vec<(String, String)> = listed!(
        tx,
        organizations,
        1_024,
        "select organization_id, id from resyncs where state = 'waiting' and organization_id in",
        |id| [id.as_str()],
        "order by organization_id"
    );
    Ok(rows
        .into_iter()
        .map(|(organization, id)| (OrganizationId::new(organization), ResyncId::new(id)))
        .collect())
}

/// Whether a directory that the run listed was disabled or deleted after `since`.
pub async fn lost_a_directory(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ResyncId,
    since: Timestamp,
) -> sqlx::Result<bool> {
    let lost: i64 = sql!(
        value(tx),
        "select count(*) from resync_directories r join directories d on d.organization_id = r.organization_id and d.id = r.id \
         where r.organization_id = $1 and r.resync_id = $2 and r.enabled and d.state in ('disabled', 'deleted') and d.version_at > $3",
        organization.id().as_str(),
        id.as_str(),
        since.nanos(),
    )?;
    Ok(lost > 0)
}

/// Confirms a plan that waits, or the plan of a dry run. False: the run has no such plan, its plan
/// was deleted, or another run is open.
pub async fn confirm(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ResyncId,
    by: &str,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "update resyncs set state = 'applying', confirmed_by = $3, dry_run = false, finished_at = null, lease_until = 0, stalled_attempts = 0 \
         where organization_id = $1 and id = $2 and (state = 'waiting' or (state = 'done' and dry_run)) and plan_removal = 0 \
         and not exists (select 1 from resyncs o where o.organization_id = $1 and o.id <> $2 and o.state in ('queued', 'listing', 'waiting', 'applying'))",
        organization.id().as_str(),
        id.as_str(),
        by,
    )?;
    Ok(hit == 1)
}

pub async fn one(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ResyncId,
) -> sqlx::Result<Option<Resync>> {
    let row: Option<Row> = sql!(
        optional(tx),
        concat!("select ", columns!(), " from resyncs where organization_id = $1 and id = $2"),
        organization.id().as_str(),
        id.as_str(),
    )?;
    Ok(row.map(Into::into))
}

/// The newest run of an organization that failed.
pub async fn last_failed(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<Resync>> {
    let row: Option<Row> = sql!(
        optional(tx),
        concat!(
            "select ",
            columns!(),
            " from resyncs where organization_id = $1 and state = 'failed' order by id desc limit 1"
        ),
        organization.id().as_str(),
    )?;
    Ok(row.map(Into::into))
}

/// The runs of an organization before one of them, newest first. Ids sort by time.
pub async fn before(
    tx: &mut Tx,
    organization: &OrganizationScope,
    before: Option<&ResyncId>,
    most: i64,
) -> sqlx::Result<Vec<Resync>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        concat!(
            "select ",
            columns!(),
            " from resyncs where organization_id = $1 and ($2 = '' or id < $2) order by id desc limit $3"
        ),
        organization.id().as_str(),
        before.map(ResyncId::as_str).unwrap_or_default(),
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The organizations that want a run for this cause, and since when it is due. An organization
/// whose run failed or was cancelled after `rested` is left out for now.
pub async fn wanting(
    tx: &mut Tx,
    cause: ResyncCause,
    now: Timestamp,
    rested: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<(OrganizationId, Timestamp)>> {
    macro_rules! resting {
        ($id:literal) => {
            concat!(
                " and not exists (select 1 from resyncs r where r.organization_id = ",
                $id,
                " and (r.state in ('queued', 'listing', 'waiting', 'applying') \
                 or (r.state in ('failed', 'cancelled') and r.delays_next and r.finished_at > $2 and r.finished_at <= $1)))"
            )
        };
    }
    macro_rules! wanting {
        ($($text:tt)*) => {
            sql!(all(tx), concat!($($text)*), now.nanos(), rested.nanos(), most)
        };
    }
    let rows: Vec<(String, i64)> = match cause {
        ResyncCause::Schedule => wanting!(
            "select s.organization_id, s.due_at from resync_schedule s join organizations o on o.id = s.organization_id \
             where not o.archived and s.due_at <= $1",
            resting!("s.organization_id"),
            " order by s.due_at, s.organization_id limit $3"
        ),
        // a directory that was only created has no users yet
        ResyncCause::NewDirectory => wanting!(
            "select d.organization_id, min(d.version_at) from directories d join organizations o on o.id = d.organization_id \
             where not o.archived and d.state = 'enabled' and not exists (select 1 from resync_directories r \
             where r.organization_id = d.organization_id and r.id = d.id and r.enabled)",
            resting!("d.organization_id"),
            " group by d.organization_id order by d.organization_id limit $3"
        ),
        _ => wanting!(
            "select o.id, o.resync_wanted_at from organizations o where not o.archived and o.resync_wanted_at is not null",
            resting!("o.id"),
            " order by o.resync_wanted_at, o.id limit $3"
        ),
    }?;
    Ok(rows
        .into_iter()
        .map(|(id, at)| (OrganizationId::new(id), Timestamp::from_nanos(at)))
        .collect())
}

/// The organizations without a scheduled night, or with one after `latest`, which must be a
/// mistake.
pub async fn unscheduled(
    tx: &mut Tx,
    latest: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<OrganizationId>> {
    let ids: Vec<String> = sql!(
        values(tx),
        "select id from organizations o where not archived and not exists (select 1 from resync_schedule s where s.organization_id = o.id \
         and s.due_at <= $1) order by id limit $2",
        latest.nanos(),
        most,
    )?;
    Ok(ids.into_iter().map(OrganizationId::new).collect())
}

pub async fn schedule(tx: &mut Tx, rows: &[(OrganizationId, Timestamp)]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        512,
        "insert into resync_schedule (organization_id, due_at) ",
        |row| [row.0.as_str(), row.1.nanos()],
        " on conflict (organization_id) do update set due_at = excluded.due_at"
    );
    Ok(())
}
