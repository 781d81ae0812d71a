//! What happens beside the requests: the intake lane, the outbox, checking, retention, sweeping.

mod batch;
pub mod check;
pub mod duty;
pub mod intake;
pub mod outbox;
pub mod retention;
pub mod sweep;
