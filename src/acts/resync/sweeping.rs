//! What runs leave behind goes, a part at a time. The pages nobody made a plan of go soon; a plan names people, and is kept for as
//! long as a webhook's body is. The run itself, with its numbers, stays for ever.

use std::time::Duration;

use super::{super::Error, PART};
use crate::{
    desk::Desk,
    store::{
        resync_leftovers::{self, Leftover},
        resync_plans,
    },
};

/// How long a listing that came to nothing is kept, for whoever looks into it.
const KEPT: Duration = Duration::from_hours(1);

/// A run that is being swept, and how far.
#[derive(Debug)]
pub struct Sweeping {
    run: Leftover,
    what: What,
    after: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Listing,
    Plan,
}

/// The next run of which something is to go.
pub async fn find_leftovers(desk: &Desk) -> Result<Option<Sweeping>, Error> {
    let now = desk.clock.now();
    let begun = |run, what| Sweeping { run, what, after: String::new() };
    let mut tx = desk.db.write().await?;
    if let Some(run) = resync_leftovers::with_listing(&mut tx, now.minus(KEPT)).await? {
        return Ok(Some(begun(run, What::Listing)));
    }
    let Some(keep) = desk.settings.operations.keep_bodies else { return Ok(None) };
    let found = resync_leftovers::close_plan(&mut tx, now.minus(keep)).await?;
    tx.commit().await?;
    Ok(found.map(|run| begun(run, What::Plan)))
}

/// Takes a part away. False: nothing is left.
pub async fn sweep_part(desk: &Desk, sweeping: &mut Sweeping) -> Result<bool, Error> {
    let Sweeping { run: leftover, what, after } = sweeping;
    let (run, everybody) = (leftover.run(), *what == What::Plan || !leftover.planned);
    let mut tx = desk.db.write().await?;
    let until = resync_plans::part_after(&mut tx, run, after, PART).await?;
    let is_more = match &until {
        Some(until) if everybody => resync_leftovers::remove_people(&mut tx, run, (after, until)).await.map(|_| true)?,
        Some(until) => resync_plans::forget_unchanged(&mut tx, run, (after, until)).await.map(|_| true)?,
        None => resync_leftovers::remove_groups(&mut tx, run, everybody, PART).await? > 0,
    };
    if !is_more {
        match what {
            What::Listing => resync_leftovers::listing_is_gone(&mut tx, run, leftover.planned).await?,
            What::Plan => resync_leftovers::plan_is_gone(&mut tx, run).await?,
        }
    }
    tx.commit().await?;
    *after = until.unwrap_or_else(|| std::mem::take(after));
    Ok(is_more)
}
