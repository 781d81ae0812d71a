//! Removes what has expired: sessions, steps of sign-ins, links to accounts, invitations, sign-in
//! counters, and the data of old resyncs and imports. Resync data is removed a few rows at a time,
//! with pauses longer than the work, so that deliveries are hardly delayed.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use tracing::info;

use super::{Job, JobContext, Pace, Progress};
use crate::{
    clock::Stopwatch,
    commands::{
        self, login_throttle, remove_import_rows, remove_old_events,
        resync::{find_leftovers, remove_part},
    },
    state::AppState,
    store::{
        account_links, factor_steps, invitations, passkey_ceremonies, sessions, settings,
        sign_on_flows,
    },
};

/// How long an invitation that has expired still says so.
const INVITATIONS_STAY: Duration = Duration::from_hours(30 * 24);
const INTERVAL: Duration = Duration::from_mins(10);
/// A link is kept for so long after its time, so that an e-mail that leaves late finds that it has
/// ended.
const LINKS_KEPT: Duration = Duration::from_hours(24);

/// Removes expired sessions, links, invitations, sign-ins under way and sign-in counters.
#[derive(Debug)]
pub(super) struct RemoveExpired;

impl Job for RemoveExpired {
    fn name(&self) -> &'static str {
        "remove_expired"
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async { remove_expired(context.state).await.map(|()| Progress::Done) }.boxed()
    }
}

/// Removes sessions, links and counters that have expired.
pub async fn remove_expired(state: &AppState) -> Result<(), commands::Error> {
    let mut tx = state.db.write().await?;
    let limits = settings::values(&mut tx, &state.settings.fixed).await?.sessions;
    let now = state.clock.now();
    sessions::remove_expired(&mut tx, &limits, now).await?;
    account_links::remove_expired(&mut tx, now.minus(LINKS_KEPT)).await?;
    factor_steps::remove_expired(&mut tx, now).await?;
    invitations::remove_old(&mut tx, now.minus(INVITATIONS_STAY)).await?;
    passkey_ceremonies::remove_expired(&mut tx, now).await?;
    sign_on_flows::remove_expired(&mut tx, now).await?;
    tx.commit().await?;
    login_throttle::remove_expired(state).await?;
    while remove_old_events(state).await? {}
    Ok(())
}

/// Removes the data of old resyncs.
#[derive(Debug)]
pub(super) struct RemoveResyncData;

impl Job for RemoveResyncData {
    fn name(&self) -> &'static str {
        "remove_resync_data"
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async {
            remove_leftovers(context.state, Pace::Gentle(context)).await.map(|_| Progress::Done)
        }
        .boxed()
    }
}

/// Removes the data that resyncs have left; gives the number of runs.
pub async fn work_off(state: &AppState) -> Result<u64, commands::Error> {
    remove_leftovers(state, Pace::AtOnce).await
}

async fn remove_leftovers(state: &AppState, pace: Pace<'_>) -> Result<u64, commands::Error> {
    let mut runs = 0;
    while let Some(mut leftovers) = find_leftovers(state).await? {
        loop {
            let began = Stopwatch::start();
            let is_more = remove_part(state, &mut leftovers).await?;
            pace.yield_to_writers(began).await;
            if !is_more {
                break;
            }
        }
        runs += 1;
    }
    loop {
        let began = Stopwatch::start();
        if !remove_import_rows(state).await? {
            break;
        }
        pace.yield_to_writers(began).await;
    }
    if runs > 0 {
        info!(runs, "the leftovers of resyncs were removed");
    }
    Ok(runs)
}
