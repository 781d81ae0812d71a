//! Background work: the ingest queue, the outbox, replays, resyncs, checks, retention, cleanup.

mod batch;
pub mod check;
pub mod duty;
pub mod intake;
pub mod outbox;
pub mod replay;
pub mod resyncs;
pub mod retention;
pub mod search_keys;
pub mod sweep;
