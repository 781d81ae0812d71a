//! Resyncs: the open run, the past ones, and each plan.

use super::paged;
use crate::{
    commands::Error,
    db::Tx,
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        directory::Change,
        id::ResyncId,
        resync::{EventLog, PlanRow, Resync},
    },
    state::AppState,
    store::{
        Run, audit_log, deliveries, event_log, organizations, resync_listings, resync_plans,
        resyncs,
    },
    views::resyncs::{
        ActKind, Part, Plan, Progress, ResyncAct, ResyncPage, ResyncQuery, ResyncsPage,
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
    let mut tx = state.db.read_for_page().await?;
    Ok(resyncs::before(&mut tx, scope, before, ResyncsPage::ROWS).await?)
}

/// The same with the other data of the page. `Missing` if there is no such organization.
pub async fn resyncs_page(
    state: &AppState,
    scope: &OrganizationScope,
    before: Option<&ResyncId>,
) -> Result<ResyncsPage, Error> {
    let mut tx = state.db.read_for_page().await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let newest = resyncs::before(&mut tx, scope, None, 1).await?.pop();
    let mut rows = resyncs::before(&mut tx, scope, before, ResyncsPage::ROWS + 1).await?;
    let is_more = rows.len() > usize::try_from(ResyncsPage::ROWS).unwrap_or(usize::MAX);
    if is_more {
        rows.pop();
    }
    Ok(ResyncsPage {
        organization: scope.id().clone(),
        name: card.called(scope),
        revision: card.revision,
        archived: card.archived,
        directory_api: state.scalekit.is_some(),
        open: newest.filter(|run| run.state.is_open()),
        older: rows.last().filter(|_| is_more).map(|run| run.id.clone()),
        rows,
        now: state.clock.now(),
    })
}

/// `Missing` if there is no such run.
pub async fn resync(
    state: &AppState,
    scope: &OrganizationScope,
    id: &ResyncId,
) -> Result<Resync, Error> {
    let mut tx = state.db.read_for_page().await?;
    resyncs::one(&mut tx, scope, id).await?.ok_or(Error::Missing)
}

/// One run with its plan. `Missing` if there is no such run.
pub async fn resync_page(
    state: &AppState,
    scope: &OrganizationScope,
    id: &ResyncId,
    query: ResyncQuery,
) -> Result<ResyncPage, Error> {
    let mut tx = state.db.read_for_page().await?;
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
        set_aside: resync_listings::all_set_aside(
            &mut tx,
            Run { organization: scope.id(), id },
            ResyncPage::SET_ASIDE,
        )
        .await?,
        commands,
        run,
        now,
    })
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

/// The plan of a run; empty if it is not made yet, or not kept any more.
async fn plan(tx: &mut Tx, resync: &Resync, query: ResyncQuery) -> sqlx::Result<Plan> {
    if resync.planned_at.is_none() || resync.is_plan_gone {
        return Ok(Plan::default());
    }
    let run = Run { organization: &resync.organization, id: &resync.id };
    let mut plan = Plan::default();
    for part in Part::ALL {
        let count = match part {
            Part::Of(change) => planned(resync, change),
            Part::Blocked | Part::LeftAlone => resync_plans::count(tx, run, part).await?,
        };
        if count > 0 {
            plan.counts.push((part, count));
        }
    }
    if let Some(part) = query.only {
        (plan.page, plan.pages) = paged(query.page, plan.count(part), Plan::ROWS);
        let rows =
            resync_plans::page(tx, run, Some(part), ((plan.page - 1) * Plan::ROWS, Plan::ROWS))
                .await?;
        plan.rows.push((part, rows));
        return Ok(plan);
    }
    let changes: Vec<Part> = plan
        .counts
        .iter()
        .map(|(part, _)| *part)
        .filter(|part| matches!(part, Part::Of(_)))
        .collect();
    for part in changes {
        plan.rows.push((part, resync_plans::page(tx, run, Some(part), (0, Plan::FIRST)).await?));
    }
    Ok(plan)
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

/// A page of a run's plan, or of one part of it, by id, after the skipped rows.
pub async fn resync_plan(
    state: &AppState,
    scope: &OrganizationScope,
    id: &ResyncId,
    part: Option<Part>,
    skipped: i64,
) -> Result<Vec<PlanRow>, Error> {
    let mut tx = state.db.read_for_page().await?;
    let run = Run { organization: scope.id(), id };
    Ok(resync_plans::page(&mut tx, run, part, (skipped, Plan::ROWS)).await?)
}

/// The state of the event log, for the system's health.
pub async fn event_log(state: &AppState) -> Result<EventLog, Error> {
    let mut tx = state.db.read().await?;
    let last = deliveries::last_received(&mut tx).await?;
    Ok(event_log::state(&mut tx, last).await?)
}
