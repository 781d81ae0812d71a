//! A plan that waits for a person: an alert notifies each person who may confirm it, once. When the
//! plan is confirmed, discarded or expired, the alert is resolved and automatic runs go on.

use tracing::{info, warn};

use super::super::{Error, alerts};
use crate::{
    db::Tx,
    domain::{
        alert::AlertKind,
        id::OrganizationId,
        resync::{Resync, ResyncState},
        time::Timestamp,
    },
    state::AppState,
    store::{
        self,
        organizations::{self, Locked},
        resyncs,
    },
};

pub(super) const KIND: AlertKind = AlertKind::ResyncNeedsConfirmation;
/// Plans processed together.
const PART: i64 = 100;

/// Expires plans that have waited for too long. Gives their number.
pub async fn expire_plans(state: &AppState) -> Result<usize, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read().await?;
    let old = resyncs::waiting_since(&mut tx, now.minus(Resync::PLAN_EXPIRES_AFTER), PART).await?;
    drop(tx);
    let mut expired = 0;
    for organization in &old {
        match expire(state, organization).await {
            Ok(is_expired) => expired += usize::from(is_expired),
            Err(error) => warn!(%error, %organization, "a plan could not be expired; trying again"),
        }
    }
    Ok(expired)
}

async fn expire(state: &AppState, organization: &OrganizationId) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let Some(locked) = organizations::lock(&mut tx, organization).await? else { return Ok(false) };
    let run = resyncs::waiting(&mut tx, &locked.scope).await?;
    let Some(run) = run.filter(|run| run.expires_at().is_some_and(|at| at <= now)) else {
        return Ok(false);
    };
    let why = "No person confirmed the plan within 7 days, so it expired.";
    resyncs::discard(&mut tx, &locked.scope, (Resync::EXPIRED, why), now).await?;
    alerts::resolve(&mut tx, &locked.scope, KIND, now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    info!(%organization, run = %run.id, "a plan expired, because no person confirmed it");
    Ok(true)
}

/// Ends an import whose plan waits, so that a resync can begin: a key that may only import must
/// not suspend the comparison with the directory. Gives whether it is ended.
pub(super) async fn replace(
    tx: &mut Tx,
    locked: &Locked,
    open: &Resync,
    now: Timestamp,
) -> Result<bool, Error> {
    if !open.is_import() || open.state != ResyncState::Waiting {
        return Ok(false);
    }
    let why = "A resync has begun since then, so this plan cannot be applied any more.";
    resyncs::discard(tx, &locked.scope, (Resync::REPLACED, why), now).await?;
    alerts::resolve(tx, &locked.scope, KIND, now).await?;
    info!(organization = %open.organization, run = %open.id, "a resync replaces a plan that waited");
    Ok(true)
}

/// Discards the open run of an archived organization, or the dry run that could still be confirmed,
/// and resolves all its alerts. If the organization exists again, only the alert of the plan is
/// resolved: what its users still wait for was notified already.
pub(in crate::commands) async fn end_with_organization(
    tx: &mut Tx,
    locked: &Locked,
    now: Timestamp,
) -> Result<(), Error> {
    let why = "The organization was archived, so its resync was discarded.";
    resyncs::discard_dry_run(tx, &locked.scope, (Resync::ORGANIZATION_DELETED, why), now).await?;
    resyncs::discard(tx, &locked.scope, (Resync::ORGANIZATION_DELETED, why), now).await?;
    if locked.roster.archived {
        store::alerts::resolve_all(tx, &locked.scope, now).await?;
        return Ok(());
    }
    alerts::resolve(tx, &locked.scope, KIND, now).await
}
