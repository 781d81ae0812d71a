//! What happens beside the requests: the intake lane, the outbox, replays, sweeping.

pub mod intake;
pub mod outbox;
pub mod replay;
pub mod resyncs;
pub mod sweep;
