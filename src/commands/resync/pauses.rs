//! The pauses of a run between its transactions, so that it delays deliveries little and finishes
//! soon when there are none.

use std::time::Duration;

use crate::state::AppState;

/// The longest pause.
const BREATH: Duration = Duration::from_millis(30);
/// After so much work a run pauses although no delivery comes in: another process, such as the
/// command line, gets SQLite's lock only by polling.
const WORK: Duration = Duration::from_millis(120);

#[derive(Debug)]
pub(super) struct Pauses {
    /// How many deliveries this process had taken after the last transaction.
    deliveries: u64,
    are_rare: bool,
    /// The work since the last pause.
    worked: Duration,
}

impl Pauses {
    pub fn new(state: &AppState) -> Self {
        let deliveries = state.metrics.deliveries();
        Self { deliveries, are_rare: true, worked: Duration::ZERO }
    }

    /// Pauses after a transaction. While deliveries come in, the pause is as long as the
    /// transaction, so that they get their turn.
    pub async fn after(&mut self, state: &AppState, took: Duration) {
        if let Some(pause) = self.next(state.metrics.deliveries(), took) {
            tokio::time::sleep(pause).await;
        }
    }

    fn next(&mut self, deliveries: u64, took: Duration) -> Option<Duration> {
        self.are_rare = deliveries == self.deliveries;
        self.deliveries = deliveries;
        self.worked += took;
        let pause =
            if self.are_rare { (self.worked >= WORK).then_some(BREATH)? } else { took.min(BREATH) };
        self.worked = Duration::ZERO;
        Some(pause)
    }

    /// Whether no delivery came in during the last transaction: a longer one delays none.
    pub fn are_rare(&self) -> bool {
        self.are_rare
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_pauses_after_each_transaction_while_deliveries_come_in_and_rarely_otherwise() {
        let ms = Duration::from_millis;
        let mut pauses = Pauses { deliveries: 7, are_rare: true, worked: Duration::ZERO };

        let calm: Vec<_> = (0..7).map(|_| pauses.next(7, ms(40))).collect();
        let rare = Some(BREATH);
        assert_eq!(calm, [None, None, rare, None, None, rare, None]);
        assert!(pauses.are_rare());

        assert_eq!(pauses.next(8, ms(5)), Some(ms(5)));
        assert_eq!(pauses.next(9, ms(500)), rare);
        assert!(!pauses.are_rare());
        assert_eq!((pauses.next(9, ms(100)), pauses.next(9, ms(20))), (None, rare));
    }
}
