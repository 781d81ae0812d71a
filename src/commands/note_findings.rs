//! Records the findings of a check that has ended, and alerts staff once when an invariant stops
//! holding.

use super::{Error, system_alert};
use crate::{
    domain::{
        alert::SystemAlert,
        invariant::{Finding, Round},
    },
    notify::emails::{Drift, Email, EnforcementSilent},
    state::AppState,
    store::{
        invariants,
        jobs::{self, Claimed},
        system_alerts,
    },
};

pub async fn note_findings(
    state: &AppState,
    check: &Claimed,
    round: &Round,
    found: &[Finding],
) -> Result<(), Error> {
    let now = state.clock.now();
    let notes = serde_json::to_string(round).unwrap_or_default();
    let mut tx = state.db.write().await?;
    jobs::finish(&mut tx, check, &notes, now).await?;
    invariants::note(&mut tx, found, now).await?;
    for alert in [SystemAlert::Drift, SystemAlert::EnforcementSilent] {
        let of_it: Vec<&Finding> =
            found.iter().filter(|finding| finding.invariant.alert() == Some(alert)).collect();
        match (of_it.is_empty(), system_alerts::is_open(&mut tx, alert).await?) {
            (false, false) => {
                if let Some(email) = email(alert, &of_it, &state.settings.public_url) {
                    system_alert::open(&mut tx, state, alert, &email, now).await?;
                }
            }
            (true, true) => system_alerts::resolve(&mut tx, alert, now).await?,
            (false, true) | (true, false) => {}
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The e-mail for these findings; none for alerts that no finding opens.
pub(super) fn email(alert: SystemAlert, found: &[&Finding], public_url: &str) -> Option<Email> {
    let found: Vec<Finding> = found.iter().map(|finding| (*finding).clone()).collect();
    match alert {
        SystemAlert::Drift => Some(Drift { found }.email(public_url)),
        SystemAlert::EnforcementSilent => Some(EnforcementSilent { found }.email(public_url)),
        SystemAlert::DeadLetters => None,
    }
}
