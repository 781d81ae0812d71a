//! What happens beside the requests: the intake lane, the outbox, sweeping.

pub mod intake;
pub mod outbox;
pub mod resyncs;
pub mod sweep;
