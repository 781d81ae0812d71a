//! Resyncs: the row of each run, and the nightly schedule.

mod claims;
mod history;
mod progress;
mod requests;
mod schedule;

pub use claims::{Candidate, Claimed, candidate, claim, free, held, next_free};
pub use history::{
    all_waiting, before, last_failed, lost_a_directory, one, waiting, waiting_of, waiting_since,
};
pub use progress::{end, pause, planned, renew};
pub use requests::{New, add, cancel, confirm, discard, discard_dry_run};
pub use schedule::{schedule, unschedule, unscheduled, wanting};
