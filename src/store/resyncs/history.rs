//! The runs of organizations, as they are shown, and the plans that wait for a confirmation.

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope,
        directory::PlanWarning,
        id::{OrganizationId, ResyncId},
        resync::{Resync, ResyncCause, ResyncCounts, ResyncState, WaitCause, WaitingFor},
        time::Timestamp,
    },
};

/// Organizations looked up in one statement.
const ORGANIZATIONS_AT_ONCE: usize = 1_024;

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
    plan_removal: i64,
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

pub async fn one(
    tx: &mut Tx,
    organization: &OrganizationScope,
    id: &ResyncId,
) -> sqlx::Result<Option<Resync>> {
    row(tx, organization.id().as_str(), id.as_str()).await
}

/// A run that a worker has just claimed, whatever its organization.
pub(super) async fn claimed(tx: &mut Tx, organization: &str, id: &str) -> sqlx::Result<Resync> {
    row(tx, organization, id).await?.ok_or(sqlx::Error::RowNotFound)
}

async fn row(tx: &mut Tx, organization: &str, id: &str) -> sqlx::Result<Option<Resync>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select organization_id, id, state, dry_run, cause, started_by, created_at, started_at,
            since, planned_at, finished_at, is_complete, listed, total, applied, calls, created,
            updated, reactivated, deactivated, removed, blocked, groups, warning, confirmed_by,
            error_code, error_message, plan_removal, waits_until, waits_for, set_aside
        from resyncs
        where organization_id = $1 and id = $2
        ",
        organization,
        id,
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
        r"
        select organization_id, id, state, dry_run, cause, started_by, created_at, started_at,
            since, planned_at, finished_at, is_complete, listed, total, applied, calls, created,
            updated, reactivated, deactivated, removed, blocked, groups, warning, confirmed_by,
            error_code, error_message, plan_removal, waits_until, waits_for, set_aside
        from resyncs
        where organization_id = $1 and ($2 = '' or id < $2)
        order by id desc
        limit $3
        ",
        organization.id().as_str(),
        before.map(ResyncId::as_str).unwrap_or_default(),
        most,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The newest run of an organization that failed.
pub async fn last_failed(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<Resync>> {
    newest(tx, organization, ResyncState::Failed).await
}

/// The run of an organization that waits for a confirmation, if there is one.
pub async fn waiting(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Option<Resync>> {
    newest(tx, organization, ResyncState::Waiting).await
}

async fn newest(
    tx: &mut Tx,
    organization: &OrganizationScope,
    state: ResyncState,
) -> sqlx::Result<Option<Resync>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select organization_id, id, state, dry_run, cause, started_by, created_at, started_at,
            since, planned_at, finished_at, is_complete, listed, total, applied, calls, created,
            updated, reactivated, deactivated, removed, blocked, groups, warning, confirmed_by,
            error_code, error_message, plan_removal, waits_until, waits_for, set_aside
        from resyncs
        where organization_id = $1 and state = $2
        order by id desc
        limit 1
        ",
        organization.id().as_str(),
        state.as_str(),
    )?;
    Ok(row.map(Into::into))
}

/// The organizations whose plan has waited for a confirmation since `before`, longest first.
pub async fn waiting_since(
    tx: &mut Tx,
    before: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<OrganizationId>> {
    let ids: Vec<String> = sql!(
        values(tx),
        r"
        select organization_id
        from resyncs
        where state = 'waiting' and planned_at <= $1
        order by planned_at, organization_id
        limit $2
        ",
        before.nanos(),
        most,
    )?;
    Ok(ids.into_iter().map(OrganizationId::new).collect())
}

/// The plans that wait for a confirmation, as (organization, its name, run), longest first; for
/// staff.
pub async fn all_waiting(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<(String, String, String)>> {
    sql!(
        all(tx),
        r"
        select r.organization_id, o.name, r.id
        from resyncs r
        join organizations o on o.id = r.organization_id
        where r.state = 'waiting'
        order by r.planned_at, r.organization_id
        limit $1
        ",
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
        ORGANIZATIONS_AT_ONCE,
        r"
        select organization_id, id
        from resyncs
        where state = 'waiting' and organization_id in ({keys})
        order by organization_id
        ",
        |id| [id.as_str()],
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
        r"
        select count(*)
        from resync_directories r
        join directories d on d.organization_id = r.organization_id and d.id = r.id
        where r.organization_id = $1 and r.resync_id = $2 and r.enabled
          and d.state in ('disabled', 'deleted') and d.version_at > $3
        ",
        organization.id().as_str(),
        id.as_str(),
        since.nanos(),
    )?;
    Ok(lost > 0)
}
