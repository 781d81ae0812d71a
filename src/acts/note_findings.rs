//! A check has ended: what it found is noted, and staff are told once when something stops holding.

use super::{Error, house_alert};
use crate::{
    desk::Desk,
    domain::{
        alert::HouseAlert,
        invariant::{Finding, Round},
    },
    notify::letters::{Drift, EnforcementSilent, Letter},
    store::{duties, house_episodes, invariants},
};

pub async fn note_findings(desk: &Desk, round: &Round, found: &[Finding]) -> Result<(), Error> {
    let now = desk.clock.now();
    let notes = serde_json::to_string(round).unwrap_or_default();
    let mut tx = desk.db.write().await?;
    duties::finish(&mut tx, duties::CHECK, &notes, now).await?;
    invariants::note(&mut tx, found, now).await?;
    for alert in [HouseAlert::Drift, HouseAlert::EnforcementSilent] {
        let of_it: Vec<&Finding> = found.iter().filter(|finding| finding.invariant.alert() == Some(alert)).collect();
        match (of_it.is_empty(), house_episodes::is_open(&mut tx, alert).await?) {
            (false, false) => {
                if let Some(letter) = letter(alert, &of_it, &desk.settings.public_url) {
                    house_alert::begin(&mut tx, desk, alert, &letter, now).await?;
                }
            }
            (true, true) => house_episodes::end(&mut tx, alert, now).await?,
            (false, true) | (true, false) => {}
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The letter of what was found; none for alerts that no finding raises.
fn letter(alert: HouseAlert, found: &[&Finding], public_url: &str) -> Option<Letter> {
    let found: Vec<Finding> = found.iter().map(|finding| (*finding).clone()).collect();
    match alert {
        HouseAlert::Drift => Some(Drift { found }.letter(public_url)),
        HouseAlert::EnforcementSilent => Some(EnforcementSilent { found }.letter(public_url)),
        HouseAlert::DeadLetters => None,
    }
}
