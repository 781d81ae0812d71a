//! Compares every count with the rows it counts, a part at a time, spread over half of the
//! interval, so that a recount of a million users does not slow other work.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use tracing::{error, info};

use super::{Job, JobContext, Pace, Progress, periodic};
use crate::{
    commands::{self, note_findings},
    domain::{
        id::OrganizationId,
        invariant::{Finding, Round},
        organization::{SeatStatus, Usage},
    },
    queries::invariants,
    state::AppState,
    store::jobs::{CHECK, Claimed},
};

/// How often the job looks whether a check is due; no pause between two parts is longer.
const INTERVAL: Duration = Duration::from_secs(5);
/// How many findings of one check are kept; more add no information.
const MOST: usize = 1_000;

/// Compares every count with its rows.
#[derive(Debug)]
pub(super) struct CheckInvariants;

impl Job for CheckInvariants {
    fn name(&self) -> &'static str {
        CHECK
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async { check_if_due(context.state, Pace::Gentle(context)).await.map(|_| Progress::Done) }
            .boxed()
    }
}

/// Checks everything at once, if a check is due. False: none was due.
pub async fn work_off(state: &AppState) -> Result<bool, commands::Error> {
    check_if_due(state, Pace::AtOnce).await
}

async fn check_if_due(state: &AppState, pace: Pace<'_>) -> Result<bool, commands::Error> {
    let every = state.settings.operations.check_every;
    let Some(job) = periodic::claim(state, CHECK, every).await? else { return Ok(false) };
    let last: Round = serde_json::from_str(&job.notes).unwrap_or_default();
    check(state, &job, pace, rest(every, last.organizations)).await?;
    Ok(true)
}

/// Runs the check at once, whichever worker holds the job.
pub async fn first(state: &AppState) -> Result<(), commands::Error> {
    let Some(job) = periodic::take_over(state, CHECK).await? else { return Ok(()) };
    check(state, &job, Pace::AtOnce, Duration::ZERO).await
}

async fn check(
    state: &AppState,
    job: &Claimed,
    pace: Pace<'_>,
    rest: Duration,
) -> Result<(), commands::Error> {
    let (round, found) = look(state, job, pace, rest).await?;
    for Finding { invariant, organization, sentence } in &found {
        let organization = organization.as_ref().map_or("", OrganizationId::as_str);
        error!(
            invariant = invariant.as_str(),
            organization, sentence, "an invariant does not hold"
        );
    }
    note_findings(state, job, &round, &found).await?;
    info!(
        organizations = round.organizations,
        people = round.people,
        findings = found.len(),
        "the invariants were checked"
    );
    Ok(())
}

/// The pause between two parts. All pauses together take at most half of the interval, if the
/// number of organizations is that of the last check.
fn rest(every: Duration, organizations: i64) -> Duration {
    let parts = u32::try_from(organizations / invariants::PART + 1).unwrap_or(u32::MAX);
    (every / 2 / parts).min(INTERVAL)
}

async fn look(
    state: &AppState,
    job: &Claimed,
    pace: Pace<'_>,
    rest: Duration,
) -> Result<(Round, Vec<Finding>), commands::Error> {
    let (mut round, mut found) = (Round::default(), Vec::new());
    let mut part = invariants::part(state, None).await?;
    while part.last.is_some() {
        found.append(&mut part.findings);
        found.truncate(MOST);
        add(&mut round, &part.usages, &part.seat_statuses);
        periodic::keep(state, job).await?;
        pace.rest(rest).await;
        part = invariants::part(state, part.last.as_ref()).await?;
    }
    found.extend(invariants::installation(state).await?);
    Ok((round, found))
}

fn add(round: &mut Round, usages: &[Usage], seat_statuses: &[SeatStatus]) {
    for usage in usages {
        round.organizations += 1;
        round.people += usage.used + usage.waiting;
    }
    for seat_status in seat_statuses {
        match round.seat_statuses.iter_mut().find(|(known, _)| known == seat_status) {
            Some((_, count)) => *count += 1,
            None => round.seat_statuses.push((*seat_status, 1)),
        }
    }
    round.seat_statuses.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_spread_over_half_of_its_interval() {
        let every = Duration::from_mins(5);
        assert_eq!(rest(every, 0), INTERVAL);
        assert_eq!(rest(every, 9_950), Duration::from_millis(1_500));
    }
}
