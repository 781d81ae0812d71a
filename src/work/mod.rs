//! What happens beside the requests: the intake lane, the outbox, sweeping.

mod batch;
pub mod intake;
pub mod outbox;
pub mod sweep;
