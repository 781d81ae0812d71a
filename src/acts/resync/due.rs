//! Runs nobody has to ask for: each night, at the first sight of a directory, and where webhooks contradict each other.

use std::time::Duration;

use super::{super::Error, queue};
use crate::{
    desk::Desk,
    domain::{
        directory::{next_night, night_after},
        resync::ResyncCause,
    },
    store::resyncs,
};

/// How long an organization rests after a run that failed or was cancelled.
const REST: Duration = Duration::from_hours(6);
/// Organizations looked at together.
const PART: i64 = 100;
/// The nights' runs begin within so long.
const NIGHT: Duration = Duration::from_hours(3);
/// A night further ahead was planned by a clock that was wrong.
const FURTHEST: Duration = Duration::from_hours(48);

/// Puts into the queue whatever is due. Gives how many runs that is.
pub async fn start_due(desk: &Desk) -> Result<usize, Error> {
    if desk.scalekit.is_none() {
        return Ok(0);
    }
    let mut started = 0;
    if desk.resyncs.nightly {
        plan_nights(desk).await?;
        started += start(desk, ResyncCause::Schedule).await?;
    }
    for cause in [ResyncCause::NewDirectory, ResyncCause::Doubt] {
        started += start(desk, cause).await?;
    }
    Ok(started)
}

async fn start(desk: &Desk, cause: ResyncCause) -> Result<usize, Error> {
    let now = desk.clock.now();
    let mut tx = desk.db.read().await?;
    let due = resyncs::wanting(&mut tx, cause, now, now.minus(REST), PART).await?;
    drop(tx);
    for (organization, due_at) in &due {
        let night = (cause == ResyncCause::Schedule).then(|| night_after(*due_at, now, desk.clock.within(NIGHT)));
        queue(desk, (None, organization), cause, false, night).await?;
    }
    Ok(due.len())
}

/// Gives everybody a night who has none.
async fn plan_nights(desk: &Desk) -> Result<(), Error> {
    let now = desk.clock.now();
    let mut tx = desk.db.read().await?;
    let new = resyncs::unscheduled(&mut tx, now.plus(FURTHEST), PART).await?;
    drop(tx);
    if !new.is_empty() {
        let rows: Vec<_> = new.into_iter().map(|id| (id, next_night(now, desk.clock.within(NIGHT)))).collect();
        let mut tx = desk.db.write().await?;
        resyncs::schedule(&mut tx, &rows).await?;
        tx.commit().await?;
    }
    Ok(())
}
