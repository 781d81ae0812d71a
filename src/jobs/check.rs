//! Compares every count with the rows it counts, a part at a time, spread over half of the
//! interval, so that a recount of a million users does not slow other work.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, info, warn};

use super::duty;
use crate::{
    commands::{self, note_findings},
    domain::{
        id::OrganizationId,
        invariant::{Finding, Round},
        organization::{SeatStatus, Usage},
    },
    queries::invariants,
    state::AppState,
    store::duties::CHECK,
};

/// How often the worker checks whether a check is due.
const PAUSE: Duration = Duration::from_secs(5);
/// How many findings of one check are kept; more add no information.
const MOST: usize = 1_000;

pub async fn run(state: AppState, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        state.health.heartbeat(CHECK, state.clock.monotonic(), PAUSE);
        let checked = tokio::select! {
            checked = check_if_due(&state, Pace::Spread) => checked,
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

/// Checks everything at once, if a check is due. False: none was due.
pub async fn work_off(state: &AppState) -> Result<bool, commands::Error> {
    check_if_due(state, Pace::AtOnce).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    Spread,
    AtOnce,
}

async fn check_if_due(state: &AppState, pace: Pace) -> Result<bool, commands::Error> {
    let every = state.settings.operations.check_every;
    let Some(notes) = duty::claim(state, CHECK, every).await? else { return Ok(false) };
    let last: Round = serde_json::from_str(&notes).unwrap_or_default();
    let rest = (pace == Pace::Spread).then(|| rest(every, last.organizations));
    check(state, rest).await?;
    Ok(true)
}

/// Delays the first check until `first` is called or the lease expires: an installation that is
/// still being filled has nothing to count.
pub async fn hold(state: &AppState) -> Result<(), commands::Error> {
    duty::claim(state, CHECK, Duration::ZERO).await?;
    Ok(())
}

/// Runs the first check after `hold`.
pub async fn first(state: &AppState) -> Result<(), commands::Error> {
    check(state, None).await
}

async fn check(state: &AppState, rest: Option<Duration>) -> Result<(), commands::Error> {
    let (round, found) = look(state, rest).await?;
    for Finding { invariant, organization, sentence } in &found {
        let organization = organization.as_ref().map_or("", OrganizationId::as_str);
        error!(invariant = invariant.as_str(), organization, sentence, "an invariant does not hold");
    }
    note_findings(state, &round, &found).await?;
    info!(organizations = round.organizations, people = round.people, findings = found.len(), "the invariants were checked");
    Ok(())
}

/// The pause between two parts. All pauses together take at most half of the interval, if the
/// number of organizations is that of the last check.
fn rest(every: Duration, organizations: i64) -> Duration {
    let parts = u32::try_from(organizations / invariants::PART + 1).unwrap_or(u32::MAX);
    (every / 2 / parts).min(PAUSE)
}

async fn look(state: &AppState, rest: Option<Duration>) -> Result<(Round, Vec<Finding>), commands::Error> {
    let (mut round, mut found) = (Round::default(), Vec::new());
    let mut part = invariants::part(state, None).await?;
    while part.last.is_some() {
        found.append(&mut part.findings);
        found.truncate(MOST);
        add(&mut round, &part.usages, &part.standings);
        if let Some(rest) = rest {
            state.health.heartbeat(CHECK, state.clock.monotonic(), rest);
            duty::keep(state, CHECK).await?;
            tokio::time::sleep(rest).await;
        }
        part = invariants::part(state, part.last.as_ref()).await?;
    }
    found.extend(invariants::house(state).await?);
    Ok((round, found))
}

fn add(round: &mut Round, usages: &[Usage], standings: &[SeatStatus]) {
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
