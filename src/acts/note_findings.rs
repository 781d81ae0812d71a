//! A check has ended: what it found is noted, and staff are told once when something stops holding.

use super::Error;
use crate::{
    db::Tx,
    desk::Desk,
    domain::{
        alert::HouseAlert,
        id::EpisodeId,
        invariant::{Finding, Round},
        time::Timestamp,
    },
    notify::letters::{Drift, EnforcementSilent, Letter},
    store::{
        accounts, duties, house_episodes, invariants,
        outbox::{self, Outgoing},
    },
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
            (false, false) => begin(&mut tx, desk, (alert, &of_it), now).await?,
            (true, true) => house_episodes::end(&mut tx, alert, now).await?,
            (false, true) | (true, false) => {}
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn begin(tx: &mut Tx, desk: &Desk, (alert, found): (HouseAlert, &[&Finding]), now: Timestamp) -> Result<(), Error> {
    let recipients = accounts::staff(tx).await?;
    if recipients.is_empty() {
        return Ok(()); // nobody to tell yet: the episode begins when there is
    }
    let episode: EpisodeId = desk.clock.id("epi");
    if !house_episodes::begin(tx, &episode, alert, now).await? {
        return Ok(());
    }
    let letter = letter(alert, found, &desk.settings.public_url);
    let outgoing = |recipient: String| Outgoing {
        id: desk.clock.id("out"),
        organization: None,
        episode: episode.clone(),
        recipient,
        subject: letter.subject.clone(),
        text: letter.text.clone(),
        html: letter.html.clone(),
    };
    let rows: Vec<Outgoing> = recipients.into_iter().map(outgoing).collect();
    outbox::add(tx, &rows, now).await?;
    Ok(())
}

fn letter(alert: HouseAlert, found: &[&Finding], public_url: &str) -> Letter {
    let found: Vec<Finding> = found.iter().map(|finding| (*finding).clone()).collect();
    match alert {
        HouseAlert::Drift => Drift { found }.letter(public_url),
        HouseAlert::EnforcementSilent => EnforcementSilent { found }.letter(public_url),
    }
}
