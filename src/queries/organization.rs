//! One organization's page.

use std::collections::HashMap;

use super::{history, proposals, resyncs::without_others};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        alert::{AlertKind, Threshold},
        decision::Reason,
        directory_user::DirectoryUser,
        history::HistoryRange,
        id::{AlertId, DirectoryUserId},
        organization::SeatLimit,
        resync::Resync,
        text::ExternalText,
    },
    state::AppState,
    store::{
        alerts::{self, OpenAlert, reads},
        audit_log::{self, LimitChange},
        decisions, directories, directory_users, limit_decisions, limit_ends,
        organizations::{self, AccountManager, Card},
        resyncs,
    },
    views::{self, DecisionRow, DirectoryRow, Ended, LimitSet, OrganizationPage, WaitingRow},
};

/// What the viewer may see of the organization. `Missing` if there is no such organization.
pub async fn organization(
    state: &AppState,
    scope: &OrganizationScope,
    viewer: &Viewer,
) -> Result<OrganizationPage, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let changes = audit_log::limit_changes(&mut tx, scope, OrganizationPage::CHANGES).await?;
    let decisions = decisions::recent(&mut tx, scope, OrganizationPage::DECISIONS).await?;
    let open = alerts::open(&mut tx, &[scope.id()]).await?;
    let open_since =
        |kind| open.iter().find(|alert| alert.kind == kind).map(|alert| alert.opened_at);
    let directories = directories::of_organization(&mut tx, scope).await?;
    let page = OrganizationPage {
        id: scope.id().clone(),
        usage: card.usage,
        archived: card.archived,
        ended: ended(&mut tx, scope, &card, viewer).await?,
        account_manager: card.account_manager.as_ref().map(AccountManager::called),
        policy: card.policy.clone(),
        revision: card.revision,
        limit_version: card.limit_version,
        limit_end: limit_ends::find(&mut tx, scope, card.limit_version).await?,
        limit_set: limit_set(&card),
        proposal: proposals::open_of(&mut tx, scope, card.called(scope), (&viewer.account, now))
            .await?,
        limit_changes: changes.iter().map(limit_change).collect(),
        limit_reached_since: open_since(AlertKind::SeatLimitReached),
        waitlist: waitlist(&mut tx, scope).await?,
        decisions: decisions.into_iter().map(decision_row).collect(),
        directories: directories.into_iter().map(directory_row).collect(),
        resyncs: latest(resyncs::before(&mut tx, scope, None, 2).await?),
        resync_failed_since: open_since(AlertKind::ResyncFailed),
        usage_high: usage_high(&mut tx, scope, viewer, &open).await?,
        directory_api: state.scalekit.is_some(),
        people: directory_users::states(&mut tx, scope).await?,
        history: history::chart(&mut tx, scope, &card, HistoryRange::Days90, now).await?,
        now,
        name: card.called(scope),
    };
    Ok(if viewer.role.is_staff() { page } else { for_tenant(page) })
}

/// The open alert about the highest threshold, if the viewer has not read it and no alert covers
/// it.
async fn usage_high(
    tx: &mut Tx,
    scope: &OrganizationScope,
    viewer: &Viewer,
    open: &[OpenAlert],
) -> sqlx::Result<Option<(AlertId, Threshold)>> {
    let high = open.iter().filter(|alert| alert.kind == AlertKind::SeatUsageHigh);
    let high: Vec<&OpenAlert> = high.collect();
    if high.is_empty() {
        return Ok(None);
    }
    let (account, is_staff) = (&viewer.account, viewer.role.is_staff());
    let most = OrganizationPage::ALERTS;
    let unread = reads::unread(tx, Some(scope), account, is_staff, most).await?;
    let is_unread = |alert: &&&OpenAlert| unread.iter().any(|unread| unread.id == alert.id);
    let found = high.iter().find(is_unread);
    Ok(found.and_then(|alert| Some((alert.id.clone(), Threshold::parse(&alert.target)?))))
}

/// The page without what only staff may see: the names of the people who acted, the changes of the
/// limit with their reasons, and what staff have not decided yet.
fn for_tenant(mut page: OrganizationPage) -> OrganizationPage {
    if let Some(set) = &mut page.limit_set {
        (set.by, set.reason) = (None, None);
    }
    page.proposal = None;
    page.limit_changes.clear();
    for decision in &mut page.decisions {
        decision.actor = None;
    }
    page.resyncs = page.resyncs.into_iter().map(|run| without_others(run, "")).collect();
    page
}

/// What ended when the organization was archived; who archived it, and why, is for staff.
pub(super) async fn ended(
    tx: &mut Tx,
    scope: &OrganizationScope,
    card: &Card,
    viewer: &Viewer,
) -> sqlx::Result<Option<Ended>> {
    if !card.archived {
        return Ok(None);
    }
    let Some((revision, at)) = limit_decisions::end(tx, scope).await? else { return Ok(None) };
    let (used, waiting) = decisions::ended(tx, scope, revision).await?;
    let is_staff = viewer.role.is_staff();
    Ok(Some(Ended {
        at,
        used,
        waiting,
        by_hand: card.archived_by.is_some(),
        by: card.archived_by.as_deref().filter(|_| is_staff).map(ExternalText::new),
        reason: card.archive_reason.as_deref().filter(|_| is_staff).map(ExternalText::sentence),
    }))
}

/// The revision that an open page compares itself with.
pub async fn revision(state: &AppState, scope: &OrganizationScope) -> Result<Option<i64>, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    Ok(organizations::revision(&mut tx, scope).await?)
}

/// The newest run, and the one before it if the newest is still open.
fn latest(mut runs: Vec<Resync>) -> Vec<Resync> {
    let is_open = runs.first().is_some_and(|run| run.state.is_open());
    runs.truncate(if is_open { 2 } else { 1 });
    runs
}

fn limit_set(card: &Card) -> Option<LimitSet> {
    let (by, at) = card.limit_set_by.clone().zip(card.limit_set_at)?;
    let reason = card.limit_reason.as_deref().map(ExternalText::sentence);
    Some(LimitSet { by: Some(ExternalText::new(&by)), reason, at })
}

pub(super) fn limit_change(change: &LimitChange) -> views::LimitChange {
    views::LimitChange {
        by: ExternalText::new(&change.actor),
        from: ExternalText::new(&change.before),
        to: ExternalText::new(&change.after),
        reason: ExternalText::sentence(&change.reason),
        at: change.at,
    }
}

pub(super) fn decision_row(decision: decisions::Listed) -> DecisionRow {
    let seen = |text: Option<String>| text.as_deref().and_then(ExternalText::seen);
    DecisionRow {
        user: decision.user,
        name: seen(decision.name),
        email: seen(decision.email),
        from: decision.from,
        to: decision.to,
        reason: decision.reason,
        limit: decision.limit,
        used: decision.used,
        cause: ExternalText::new(&decision.cause),
        actor: decision.actor.as_deref().map(ExternalText::new),
        at: decision.at,
    }
}

fn directory_row(directory: directories::Known) -> DirectoryRow {
    DirectoryRow {
        id: directory.id,
        provider: directory.provider.as_deref().and_then(ExternalText::seen),
        state: directory.state,
        since: directory.since,
    }
}

async fn waitlist(tx: &mut Tx, scope: &OrganizationScope) -> sqlx::Result<Vec<WaitingRow>> {
    let waiting = directory_users::waiting(tx, scope, OrganizationPage::LINE).await?;
    let ids: Vec<DirectoryUserId> = waiting.iter().map(|user| user.id.clone()).collect();
    let decisions = decisions::that_blocked(tx, scope, &ids).await?;
    // The order is oldest first, so the last decision of each user remains.
    let why: HashMap<DirectoryUserId, decisions::Listed> =
        decisions.into_iter().map(|d| (d.user.clone(), d)).collect();
    let keys: Vec<String> = waiting.iter().filter_map(DirectoryUser::email_key).collect();
    let duplicate_emails = directory_users::duplicate_emails(tx, scope, &keys).await?;
    let row = |(position, user): (i64, DirectoryUser)| {
        let seen = why.get(&user.id);
        WaitingRow {
            position,
            since: user.since,
            reason: seen.map_or(Reason::Unknown, |d| d.reason),
            limit_seen: seen.map_or(SeatLimit::NotSet, |d| d.limit),
            used_seen: seen.map_or(0, |d| d.used),
            has_duplicate_email: user
                .email_key()
                .is_some_and(|key| duplicate_emails.contains(&key)),
            name: user.profile.name.as_deref().and_then(ExternalText::seen),
            email: user.profile.email.as_deref().and_then(ExternalText::seen),
            user: user.id,
        }
    };
    Ok((1..).zip(waiting).map(row).collect())
}

/// `Missing` if it does not exist.
pub(super) async fn name(tx: &mut Tx, scope: &OrganizationScope) -> Result<ExternalText, Error> {
    let names = organizations::names(tx, std::slice::from_ref(scope.id())).await?;
    let (id, name) = names.into_iter().next().ok_or(Error::Missing)?;
    Ok(ExternalText::or_id(&name, id.as_str()))
}
