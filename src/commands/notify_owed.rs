//! Notifies the recipients of open alerts that notified no recipient: there was none when the alert
//! opened, or the only one lost access before the e-mail was sent.

use tracing::warn;

use super::{Error, dead_letters, note_findings, resync, update_alerts};
use crate::{
    db::Tx,
    domain::{
        alert::{AlertKind, Notice, SystemAlert, UsageAlert},
        id::OrganizationId,
        invariant::Finding,
        time::Timestamp,
    },
    notify::emails::{Email, ResyncFailed},
    state::AppState,
    store::{
        accounts,
        alerts::{self, OpenAlert},
        invariants,
        organizations::{self, Locked},
        resyncs, settings, system_alerts,
    },
};

/// Organizations looked after together.
const PART: i64 = 100;
/// How many findings one e-mail counts.
const FINDINGS: i64 = 1_000;

/// Writes the e-mails that open alerts owe to the recipients of now, with the facts of now. An
/// error concerns one organization or one system alert, and does not keep the others from their
/// recipients. Gives how many alerts and organizations were looked after.
pub async fn notify_owed(state: &AppState) -> Result<usize, Error> {
    let system = system_alerts::owed(&mut state.db.read().await?).await?;
    let (mut organizations, mut last) = (0, None);
    loop {
        let part = alerts::owed(&mut state.db.read().await?, last.as_ref(), PART).await?;
        for organization in &part {
            if let Err(error) = notify_of_organization(state, organization).await {
                warn!(%error, %organization, "an alert could not notify its recipients; trying again");
            }
        }
        organizations += part.len();
        last = part.into_iter().last();
        if last.is_none() {
            break;
        }
    }
    for alert in &system {
        if let Err(error) = notify_staff(state, *alert).await {
            warn!(%error, alert = alert.as_str(), "an alert could not notify staff; trying again");
        }
    }
    Ok(organizations + system.len())
}

async fn notify_of_organization(state: &AppState, id: &OrganizationId) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let Some(locked) = organizations::lock(&mut tx, id).await? else { return Ok(()) };
    for alert in
        alerts::open(&mut tx, &[id]).await?.iter().filter(|alert| alert.notice == Notice::Owed)
    {
        let notice = notify(&mut tx, state, &locked, alert, now).await?;
        alerts::note(&mut tx, &locked.scope, &alert.id, notice).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Writes the e-mails of one alert. They stay owed if there is no recipient, or nothing to say.
async fn notify(
    tx: &mut Tx,
    state: &AppState,
    locked: &Locked,
    alert: &OpenAlert,
    now: Timestamp,
) -> Result<Notice, Error> {
    let message = match alert.kind {
        AlertKind::SeatLimitReached => {
            return update_alerts::notify(
                tx,
                state,
                locked,
                (UsageAlert::SeatLimitReached, &alert.id),
                now,
            )
            .await;
        }
        AlertKind::LimitNotSet => {
            return update_alerts::notify(
                tx,
                state,
                locked,
                (UsageAlert::LimitNotSet, &alert.id),
                now,
            )
            .await;
        }
        AlertKind::ResyncFailed => match resyncs::last_failed(tx, &locked.scope).await? {
            Some(run) => {
                let nightly = settings::values(tx, &state.settings.fixed).await?.resync_nightly;
                let name = locked.details.name.clone();
                let facts = ResyncFailed { name, run, nightly };
                Some((accounts::staff(tx).await?, facts.email(&state.settings.public_url)))
            }
            None => None,
        },
        AlertKind::ResyncNeedsConfirmation => match resyncs::waiting(tx, &locked.scope).await? {
            Some(run) => {
                Some(resync::message(tx, state, (&locked.scope, &locked.details.name), &run).await?)
            }
            None => None,
        },
    };
    let Some((recipients, email)) = message else { return Ok(Notice::Owed) };
    let notice = Notice::to(&recipients);
    update_alerts::enqueue_emails(
        tx,
        state,
        (Some(locked.id()), &alert.id),
        (recipients, &email),
        now,
    )
    .await?;
    Ok(notice)
}

async fn notify_staff(state: &AppState, kind: SystemAlert) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let Some(alert) = system_alerts::lock_owed(&mut tx, kind).await? else { return Ok(()) };
    let staff = accounts::staff(&mut tx).await?;
    let Some(email) = system_email(&mut tx, state, kind).await?.filter(|_| !staff.is_empty())
    else {
        return Ok(());
    };
    update_alerts::enqueue_emails(&mut tx, state, (None, &alert), (staff, &email), now).await?;
    system_alerts::notified(&mut tx, &alert).await?;
    tx.commit().await?;
    Ok(())
}

async fn system_email(
    tx: &mut Tx,
    state: &AppState,
    alert: SystemAlert,
) -> Result<Option<Email>, Error> {
    match alert {
        SystemAlert::DeadLetters => dead_letters::email(tx, state).await,
        SystemAlert::Drift | SystemAlert::EnforcementSilent => {
            let open = invariants::open(tx, FINDINGS).await?;
            let found: Vec<&Finding> = open.iter().map(|violation| &violation.finding).collect();
            let found: Vec<&Finding> = found
                .into_iter()
                .filter(|finding| finding.invariant.alert() == Some(alert))
                .collect();
            Ok(note_findings::email(alert, &found, &state.settings.public_url)
                .filter(|_| !found.is_empty()))
        }
    }
}
