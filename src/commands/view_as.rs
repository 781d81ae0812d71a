//! Staff see an organization as its admin does. The state is in the row of the session, and every
//! process reads it with the session; the audit log names both: who looked, and as what.

use super::{Actor, Error, set_seat_limit::parse_reason};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::{FreshProof, OrganizationScope, Staff},
        audit::AuditAction,
        id::{AccountId, AuditEntryId, OrganizationId, SessionId},
        refusal::{Refusal, ViewRefusal},
        time::Timestamp,
        view_as::{ViewAs, parse_minutes},
    },
    state::AppState,
    store::{
        accounts,
        audit_log::{self, Entry},
        organizations, session_views,
    },
};

/// As what staff look: the other name in the audit log.
const TENANT_ADMIN: &str = "tenant admin";
/// How many views end by themselves in one turn.
const AT_ONCE: i64 = 100;

/// A view that a staff member asks for.
#[derive(Clone, Debug)]
pub struct NewView {
    pub organization: OrganizationId,
    /// 1 to 500 characters.
    pub reason: String,
    /// As it was typed: 1 to 60.
    pub minutes: String,
}

/// Begins the view in one session of the staff member.
pub async fn begin_view(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    (session, new): (&SessionId, &NewView),
) -> Result<(), Error> {
    let account = actor.account().ok_or(Error::Missing)?;
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, &new.organization).await?.ok_or(Error::Missing)?;
    let reason = parse_reason(&new.reason, ViewRefusal::ReasonMissing.into())?;
    let lasts = parse_minutes(&new.minutes).map_err(Refusal::from)?;
    let (scope, now) = (&locked.scope, state.clock.now());
    let (organization, reason) = (new.organization.clone(), reason.to_owned());
    let view = ViewAs { organization, reason, until: now.plus(lasts) };
    if !session_views::set_view(&mut tx, (account, session), Some(&view), now).await? {
        return Err(Error::Missing);
    }
    let until = format!("until {}", view.until.exact());
    let entry = Entry {
        target: Some(TENANT_ADMIN),
        after: Some(&until),
        reason: Some(&view.reason),
        ..actor.entry(AuditAction::BeginView)
    };
    add(&mut tx, state, scope, (&entry, now)).await?;
    Ok(tx.commit().await?)
}

/// Ends the view of a session. False: there is none.
pub async fn end_view(state: &AppState, actor: &Actor, session: &SessionId) -> Result<bool, Error> {
    let account = actor.account().ok_or(Error::Missing)?;
    end(state, actor, (account, session), |_| true).await
}

/// Ends the views whose time is over; gives how many.
pub async fn end_views(state: &AppState) -> Result<usize, Error> {
    let now = state.clock.now();
    let over = session_views::views_over(&mut state.db.read().await?, now, AT_ONCE).await?;
    let mut ended = 0;
    for (account, session) in over {
        let viewer = accounts::viewer(&mut state.db.read().await?, &account).await?;
        let name = viewer.map(|viewer| viewer.name).unwrap_or_default();
        let actor = Actor::staff(Staff { account: account.clone(), name });
        let is_over = |view: &ViewAs| view.until <= now;
        ended += usize::from(end(state, &actor, (&account, &session), is_over).await?);
    }
    Ok(ended)
}

async fn end(
    state: &AppState,
    actor: &Actor,
    (account, session): (&AccountId, &SessionId),
    ends: impl Fn(&ViewAs) -> bool,
) -> Result<bool, Error> {
    let known = session_views::view(&mut state.db.read().await?, session).await?;
    let Some(known) = known else { return Ok(false) };
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, &known.organization).await?.ok_or(Error::Missing)?;
    let now = state.clock.now();
    // another tab or another process may have been quicker
    let view = session_views::view(&mut tx, session).await?;
    let view = view.filter(|view| view.organization == known.organization && ends(view));
    let Some(view) = view else { return Ok(false) };
    if !session_views::set_view(&mut tx, (account, session), None, now).await? {
        return Ok(false);
    }
    let after = if view.until <= now { "its time was over" } else { "ended by hand" };
    let entry = Entry {
        target: Some(TENANT_ADMIN),
        after: Some(after),
        reason: Some(&view.reason),
        ..actor.entry(AuditAction::EndView)
    };
    add(&mut tx, state, &locked.scope, (&entry, now)).await?;
    tx.commit().await?;
    Ok(true)
}

async fn add(
    tx: &mut Tx,
    state: &AppState,
    scope: &OrganizationScope,
    (entry, now): (&Entry<'_>, Timestamp),
) -> Result<(), Error> {
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add(tx, scope, &id, entry, now).await?;
    organizations::touch(tx, scope.id(), now).await?;
    Ok(())
}
