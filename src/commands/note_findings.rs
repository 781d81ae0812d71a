//! Records the findings of a check that has ended, and alerts staff once when an invariant stops
//! holding.

use super::{Error, alerts};
use crate::{
    domain::{
        alert::SystemAlert,
        invariant::{Finding, Round},
    },
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
        if found.iter().any(|finding| finding.invariant.alert() == Some(alert)) {
            alerts::system::open(&mut tx, state, alert, now).await?;
        } else if system_alerts::is_open(&mut tx, alert).await? {
            system_alerts::resolve(&mut tx, alert, now).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
