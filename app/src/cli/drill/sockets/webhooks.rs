//! Deliveries on new connections while an attack goes on, each of them timed.

use std::{sync::Arc, time::Duration};

use simulator::load::drill::Drill;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use super::{CliError, P99};

/// The time between two deliveries.
pub(super) const EVERY: Duration = Duration::from_millis(20);

pub(super) struct Webhooks(JoinHandle<Times>);

#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) answered: Vec<Duration>,
    not_acknowledged: usize,
}

impl Webhooks {
    pub(super) fn begin(drill: &Arc<Drill>, for_so_long: Duration) -> Self {
        let drill = drill.clone();
        Self(tokio::spawn(async move {
            let (mut times, began) = (Times::default(), seatkeeper::clock::Stopwatch::start());
            let mut tick = interval(EVERY);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while began.elapsed() < for_so_long {
                tick.tick().await;
                match drill.send_one().await {
                    Some(time) => times.answered.push(time),
                    None => times.not_acknowledged += 1,
                }
            }
            times
        }))
    }

    /// Returns the times in words, or an error if a delivery was not acknowledged or the 99th
    /// percentile is above `P99`.
    pub(super) async fn end(self) -> Result<String, CliError> {
        let mut times = self.0.await.map_err(CliError::failed)?;
        times.answered.sort_unstable();
        let (half, most) = (part(&times.answered, 50), part(&times.answered, 99));
        let longest = times.answered.last().copied().unwrap_or_default();
        let said = format!(
            "{} deliveries acknowledged, {} not; half within {:.1} ms, 99 % within {:.1} ms, all within {:.1} ms",
            times.answered.len(),
            times.not_acknowledged,
            millis(half),
            millis(most),
            millis(longest)
        );
        if times.not_acknowledged > 0 || times.answered.is_empty() || most > P99 {
            return Err(CliError::failed(said));
        }
        Ok(said)
    }
}

/// The time that `percent` percent of the sorted times do not exceed.
pub(super) fn part(sorted: &[Duration], percent: usize) -> Duration {
    sorted
        .get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

pub(super) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
