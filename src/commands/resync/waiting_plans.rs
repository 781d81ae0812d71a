//! A plan that waits for a person: an alert notifies each person who may confirm it, once. When the
//! plan is confirmed, discarded or expired, the alert is resolved and automatic runs go on.

use tracing::{info, warn};

use super::super::{Error, update_alerts};
use crate::{
    db::Tx,
    domain::{
        access::OrganizationScope, alert::AlertKind, id::OrganizationId, resync::Resync,
        time::Timestamp,
    },
    notify::emails::{Email, ResyncNeedsConfirmation},
    state::AppState,
    store::{
        accounts, alerts,
        organizations::{self, Locked},
        resyncs,
    },
};

const KIND: AlertKind = AlertKind::ResyncNeedsConfirmation;
/// Plans processed together.
const PART: i64 = 100;

/// Opens the alert, with an e-mail to each person who may confirm. If there is no such person yet,
/// the e-mail is owed.
pub(super) async fn open_alert(
    tx: &mut Tx,
    state: &AppState,
    (scope, name): (&OrganizationScope, &str),
    run: &Resync,
    now: Timestamp,
) -> Result<(), Error> {
    if alerts::open_since(tx, scope, KIND).await?.is_some() {
        return Ok(());
    }
    let message = message(tx, state, (scope, name), run).await?;
    update_alerts::open_alert(tx, state, scope, (KIND, now), message).await
}

/// The people who may confirm a plan, and the e-mail to them.
pub(in crate::commands) async fn message(
    tx: &mut Tx,
    state: &AppState,
    (scope, name): (&OrganizationScope, &str),
    run: &Resync,
) -> Result<(Vec<String>, Email), Error> {
    let mut recipients = accounts::tenant_admins(tx, scope).await?;
    recipients.extend(accounts::staff(tx).await?);
    recipients.sort();
    recipients.dedup();
    let email = ResyncNeedsConfirmation { name: name.to_owned(), run: run.clone() }
        .email(&state.settings.public_url);
    Ok((recipients, email))
}

/// Resolves the alert, because the plan does not wait any more.
pub(super) async fn resolve_alert(
    tx: &mut Tx,
    locked: &Locked,
    now: Timestamp,
) -> Result<(), Error> {
    if alerts::open_since(tx, &locked.scope, KIND).await?.is_some() {
        alerts::resolve(tx, &locked.scope, KIND, now).await?;
    }
    Ok(())
}

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
    resolve_alert(&mut tx, &locked, now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    info!(%organization, run = %run.id, "a plan expired, because no person confirmed it");
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
        alerts::resolve_all(tx, &locked.scope, now).await?;
        return Ok(());
    }
    resolve_alert(tx, locked, now).await
}
