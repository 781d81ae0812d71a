//! Removes the data of runs that are over, a part at a time. A listing without a plan is removed
//! soon. A plan names users and is kept for as long as a webhook body. The run itself, with its
//! numbers, stays for ever.

use std::time::Duration;

use super::{super::Error, PART};
use crate::{
    state::AppState,
    store::{
        resync_leftovers::{self, Leftover},
        resync_plans, settings,
    },
};

/// How long the listing of a run is kept after its end, so that a person can look into a failure.
const KEPT: Duration = Duration::from_hours(1);

/// The state of a cleanup: the run, and how far the cleanup has come.
#[derive(Debug)]
pub struct Cleanup {
    run: Leftover,
    what: What,
    after: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Listing,
    Plan,
}

/// Finds the next run with data to remove.
pub async fn find_leftovers(state: &AppState) -> Result<Option<Cleanup>, Error> {
    let now = state.clock.now();
    let begun = |run, what| Cleanup { run, what, after: String::new() };
    let mut tx = state.db.write().await?;
    if let Some(run) = resync_leftovers::with_listing(&mut tx, now.minus(KEPT)).await? {
        return Ok(Some(begun(run, What::Listing)));
    }
    let values = settings::values(&mut tx, &state.settings.fixed).await?;
    let Some(keep) = values.keep_bodies else { return Ok(None) };
    let found = resync_leftovers::close_plan(&mut tx, now.minus(keep)).await?;
    tx.commit().await?;
    Ok(found.map(|run| begun(run, What::Plan)))
}

/// Removes a part. False: nothing is left.
pub async fn remove_part(state: &AppState, cleanup: &mut Cleanup) -> Result<bool, Error> {
    let Cleanup { run: leftover, what, after } = cleanup;
    let (run, removes_people) = (leftover.run(), *what == What::Plan || !leftover.planned);
    let mut tx = state.db.write().await?;
    let until = resync_plans::part_after(&mut tx, run, after, PART).await?;
    let is_more = match &until {
        Some(until) if removes_people => {
            resync_leftovers::remove_people(&mut tx, run, (after, until)).await.map(|_| true)?
        }
        Some(until) => {
            resync_plans::forget_unchanged(&mut tx, run, (after, until)).await.map(|_| true)?
        }
        None => resync_leftovers::remove_groups(&mut tx, run, removes_people, PART).await? > 0,
    };
    if !is_more {
        match what {
            What::Listing => {
                resync_leftovers::listing_is_gone(&mut tx, run, leftover.planned).await?;
            }
            What::Plan => resync_leftovers::plan_is_gone(&mut tx, run).await?,
        }
    }
    tx.commit().await?;
    *after = until.unwrap_or_else(|| std::mem::take(after));
    Ok(is_more)
}
