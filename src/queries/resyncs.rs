//! Resyncs: the open run, the past ones, and each plan.

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        audit::AuditAction,
        directory::{Change, PlanPart},
        id::{DirectoryUserId, ResyncId},
        resync::Resync,
        text::ExternalText,
        time::Timestamp,
    },
    state::AppState,
    store::{
        Run, audit_log, deliveries, event_log, imports, organizations, resync_listings,
        resync_plans, resyncs,
    },
    views::{
        pagination::KeysetPage,
        resyncs::{
            ActKind, ImportedFile, Plan, PlanRow, Progress, ResyncAct, ResyncPage, ResyncQuery,
            ResyncsPage, SetAsideRow,
        },
        system::EventLog,
    },
};

/// How many actions on a run are shown.
const ACTS: i64 = 20;

/// The runs of an organization, the newest first, that came before the given one.
pub async fn resyncs(
    state: &AppState,
    scope: &OrganizationScope,
    before: Option<&ResyncId>,
) -> Result<Vec<Resync>, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    Ok(resyncs::before(&mut tx, scope, before, ResyncsPage::ROWS).await?)
}

/// The same with the other data of the page, as the viewer may see it. `Missing` if there is no
/// such organization.
pub async fn resyncs_page(
    state: &AppState,
    scope: &OrganizationScope,
    viewer: &Viewer,
    before: Option<&ResyncId>,
) -> Result<ResyncsPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let newest = resyncs::before(&mut tx, scope, None, 1).await?.pop();
    let mut rows = resyncs::before(&mut tx, scope, before, ResyncsPage::ROWS + 1).await?;
    let page = KeysetPage::cut(before.cloned(), &mut rows, ResyncsPage::ROWS, |run| run.id.clone());
    Ok(ResyncsPage {
        organization: scope.id().clone(),
        name: card.called(scope),
        revision: card.revision,
        archived: card.archived,
        directory_api: state.scalekit.is_some(),
        open: newest.filter(|run| run.state.is_open()).map(|run| seen_by(viewer, run)),
        page,
        rows: rows.into_iter().map(|run| seen_by(viewer, run)).collect(),
        now: state.clock.now(),
    })
}

/// The run as the viewer may see it.
pub(super) fn seen_by(viewer: &Viewer, run: Resync) -> Resync {
    if viewer.role.is_staff() { run } else { without_others(run, &viewer.name) }
}

/// The run without the names of all people except the reader.
pub(super) fn without_others(mut run: Resync, reader: &str) -> Resync {
    run.by = run.by.filter(|by| by == reader);
    run.confirmed_by = run.confirmed_by.filter(|by| by == reader);
    run
}

/// `Missing` if there is no such run.
pub async fn resync(
    state: &AppState,
    scope: &OrganizationScope,
    id: &ResyncId,
) -> Result<Resync, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    resyncs::one(&mut tx, scope, id).await?.ok_or(Error::Missing)
}

/// One run with its plan, as the viewer may see it. `Missing` if there is no such run.
pub async fn resync_page(
    state: &AppState,
    scope: &OrganizationScope,
    viewer: &Viewer,
    id: &ResyncId,
    query: &ResyncQuery,
) -> Result<ResyncPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let run = resyncs::one(&mut tx, scope, id).await?.ok_or(Error::Missing)?;
    let newest = resyncs::before(&mut tx, scope, None, 1).await?.pop();
    let commands = commands(&mut tx, scope, id).await?;
    let confirmed_at =
        commands.iter().rev().find(|act| act.what == ActKind::Confirmed).map(|act| act.at);
    let now = state.clock.now();
    Ok(ResyncPage {
        name: card.called(scope),
        revision: card.revision,
        archived: card.archived,
        is_latest: newest.is_some_and(|newest| newest.id == run.id),
        progress: Progress::of(&run, confirmed_at, now),
        plan: plan(&mut tx, &run, query).await?,
        set_aside: set_aside(&mut tx, Run { organization: scope.id(), id }).await?,
        import: imported_file(&mut tx, &run).await?,
        commands: commands.into_iter().map(|act| without_other(viewer, act)).collect(),
        run: seen_by(viewer, run),
        now,
    })
}

async fn imported_file(tx: &mut Tx, resync: &Resync) -> sqlx::Result<Option<ImportedFile>> {
    if !resync.is_import() {
        return Ok(None);
    }
    let run = Run { organization: &resync.organization, id: &resync.id };
    let import = imports::of_run(tx, run).await?;
    Ok(import.map(|import| ImportedFile {
        id: import.id,
        is_whole: import.is_whole,
        rows: import.row_count,
        refused: import.refused,
        left_to_directory: import.of_directory,
        has_result: !import.are_rows_removed && !resync.is_plan_gone,
    }))
}

fn without_other(viewer: &Viewer, mut act: ResyncAct) -> ResyncAct {
    act.by = act.by.filter(|by| viewer.role.is_staff() || *by == viewer.name);
    act
}

async fn commands(
    tx: &mut Tx,
    scope: &OrganizationScope,
    id: &ResyncId,
) -> sqlx::Result<Vec<ResyncAct>> {
    let rows = audit_log::of(tx, scope, id.as_str(), ACTS).await?;
    let act = |(by, action, at): (String, AuditAction, _)| {
        Some(ResyncAct { what: ActKind::of(action)?, by: Some(by), at })
    };
    Ok(rows.into_iter().filter_map(act).collect())
}

async fn set_aside(tx: &mut Tx, run: Run<'_>) -> sqlx::Result<Vec<SetAsideRow>> {
    let entries = resync_listings::all_set_aside(tx, run, ResyncPage::SET_ASIDE).await?;
    let row = |entry: resync_listings::SetAside| SetAsideRow {
        kind: entry.kind,
        id: entry.id,
        why: entry.why,
    };
    Ok(entries.into_iter().map(row).collect())
}

/// The plan of a run; empty if it is not made yet, or not kept any more.
async fn plan(tx: &mut Tx, resync: &Resync, query: &ResyncQuery) -> sqlx::Result<Plan> {
    if resync.planned_at.is_none() || resync.is_plan_gone {
        return Ok(Plan::default());
    }
    let run = Run { organization: &resync.organization, id: &resync.id };
    let mut plan = Plan::default();
    for part in PlanPart::ALL {
        let count = match part {
            PlanPart::Of(change) => planned(resync, change),
            PlanPart::Blocked | PlanPart::LeftAlone => resync_plans::count(tx, run, part).await?,
        };
        if count > 0 {
            plan.counts.push((part, count));
        }
    }
    if let Some(part) = query.only {
        let before = query.before.as_ref();
        let mut rows = plan_rows(tx, run, Some(part), (before, Plan::ROWS + 1)).await?;
        plan.page =
            Some(KeysetPage::cut(before.cloned(), &mut rows, Plan::ROWS, |row| row.user.clone()));
        plan.rows.push((part, rows));
        return Ok(plan);
    }
    let changes: Vec<PlanPart> = plan
        .counts
        .iter()
        .map(|(part, _)| *part)
        .filter(|part| matches!(part, PlanPart::Of(_)))
        .collect();
    for part in changes {
        plan.rows.push((part, plan_rows(tx, run, Some(part), (None, Plan::FIRST)).await?));
    }
    Ok(plan)
}

async fn plan_rows(
    tx: &mut Tx,
    run: Run<'_>,
    part: Option<PlanPart>,
    (behind, most): (Option<&DirectoryUserId>, i64),
) -> sqlx::Result<Vec<PlanRow>> {
    let seen = |text: Option<String>| text.as_deref().and_then(ExternalText::seen);
    let row = |planned: resync_plans::Listed| PlanRow {
        user: planned.user,
        name: seen(planned.name),
        email: seen(planned.email),
        change: planned.change,
        from: planned.from,
        active: planned.active,
        blocked: planned.blocked,
        outcome: planned.outcome,
    };
    let rows = resync_plans::page(tx, run, part, (behind, most)).await?;
    Ok(rows.into_iter().map(row).collect())
}

fn planned(resync: &Resync, change: Change) -> i64 {
    let counts = &resync.counts;
    match change {
        Change::Created => counts.created,
        Change::Updated => counts.updated,
        Change::Reactivated => counts.reactivated,
        Change::Deactivated => counts.deactivated,
        Change::Removed => counts.removed,
    }
}

/// A page of a run's plan, or of one part of it, by id, behind a user.
pub async fn resync_plan(
    state: &AppState,
    scope: &OrganizationScope,
    id: &ResyncId,
    part: Option<PlanPart>,
    behind: Option<&DirectoryUserId>,
) -> Result<Vec<PlanRow>, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let run = Run { organization: scope.id(), id };
    Ok(plan_rows(&mut tx, run, part, (behind, Plan::ROWS)).await?)
}

/// The state of the event log, for the system's health.
pub async fn event_log(state: &AppState) -> Result<EventLog, Error> {
    let mut tx = state.db.read().await?;
    let last_event = deliveries::last_received(&mut tx).await?;
    Ok(event_log_of(&mut tx, last_event).await?)
}

pub(super) async fn event_log_of(
    tx: &mut Tx,
    last_event: Option<Timestamp>,
) -> sqlx::Result<EventLog> {
    let state = event_log::state(tx).await?;
    Ok(EventLog {
        last_event,
        checked_at: state.checked_at,
        closed_at: state.closed_at,
        found: state.found,
        by_resync: state.by_resync,
        error: state.error,
    })
}
