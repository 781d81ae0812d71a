//! Compares every count with the rows it counts, a part at a time, spread over the interval, so that a million people are
//! counted again without anybody noticing.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, info, warn};

use super::duty;
use crate::{
    acts::{self, note_findings},
    desk::Desk,
    domain::{
        id::OrganizationId,
        invariant::{Finding, Round},
        organization::{Standing, Usage},
    },
    reads::invariants,
    store::duties::CHECK,
};

/// How often it looks whether it is time.
const PAUSE: Duration = Duration::from_secs(5);
/// Findings kept of one check; more say nothing new.
const MOST: usize = 1_000;

pub async fn run(desk: Desk, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        desk.pulse.beat(CHECK, desk.clock.monotonic(), PAUSE);
        let checked = tokio::select! {
            checked = check_if_due(&desk, Pace::Spread) => checked,
            _ = stopping.changed() => break,
        };
        if let Err(error) = checked {
            warn!(%error, "the invariants could not be checked; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Checks everything at once, if it is time. False: it was not.
pub async fn work_off(desk: &Desk) -> Result<bool, acts::Error> {
    check_if_due(desk, Pace::AtOnce).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    Spread,
    AtOnce,
}

async fn check_if_due(desk: &Desk, pace: Pace) -> Result<bool, acts::Error> {
    let every = desk.settings.operations.check_every;
    let Some(notes) = duty::claim(desk, CHECK, every).await? else { return Ok(false) };
    let last: Round = serde_json::from_str(&notes).unwrap_or_default();
    let rest = (pace == Pace::Spread).then(|| rest(every, last.organizations));
    check(desk, rest).await?;
    Ok(true)
}

/// The first check waits until `first` is called, or for a while: whoever is only just being filled has nothing to count.
pub async fn hold(desk: &Desk) -> Result<(), acts::Error> {
    duty::claim(desk, CHECK, Duration::ZERO).await?;
    Ok(())
}

/// Ends the waiting.
pub async fn first(desk: &Desk) -> Result<(), acts::Error> {
    check(desk, None).await
}

async fn check(desk: &Desk, rest: Option<Duration>) -> Result<(), acts::Error> {
    let (round, found) = look(desk, rest).await?;
    for Finding { invariant, organization, sentence } in &found {
        let organization = organization.as_ref().map_or("", OrganizationId::as_str);
        error!(invariant = invariant.as_str(), organization, sentence, "an invariant does not hold");
    }
    note_findings(desk, &round, &found).await?;
    info!(organizations = round.organizations, people = round.people, findings = found.len(), "the invariants were checked");
    Ok(())
}

/// Between two parts: together with the looking it takes about half of the interval, whatever the size was last time.
fn rest(every: Duration, organizations: i64) -> Duration {
    let parts = u32::try_from(organizations / invariants::PART + 1).unwrap_or(u32::MAX);
    (every / 2 / parts).min(PAUSE)
}

async fn look(desk: &Desk, rest: Option<Duration>) -> Result<(Round, Vec<Finding>), acts::Error> {
    let (mut round, mut found) = (Round::default(), Vec::new());
    let mut part = invariants::part(desk, None).await?;
    while part.last.is_some() {
        found.append(&mut part.findings);
        found.truncate(MOST);
        add(&mut round, &part.usages, &part.standings);
        if let Some(rest) = rest {
            desk.pulse.beat(CHECK, desk.clock.monotonic(), rest);
            duty::keep(desk, CHECK).await?;
            tokio::time::sleep(rest).await;
        }
        part = invariants::part(desk, part.last.as_ref()).await?;
    }
    found.extend(invariants::house(desk).await?);
    Ok((round, found))
}

fn add(round: &mut Round, usages: &[Usage], standings: &[Standing]) {
    for usage in usages {
        round.organizations += 1;
        round.people += usage.used + usage.waiting;
    }
    for standing in standings {
        match round.standings.iter_mut().find(|(known, _)| known == standing) {
            Some((_, count)) => *count += 1,
            None => round.standings.push((*standing, 1)),
        }
    }
    round.standings.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_spread_over_half_of_its_interval() {
        let every = Duration::from_mins(5);
        assert_eq!(rest(every, 0), PAUSE);
        assert_eq!(rest(every, 9_950), Duration::from_millis(1_500));
    }
}
