//! Which of the engine's complaints will pass by themselves.

/// Whether the same work may succeed a moment later: the connection broke, the engine is busy, stopping or full, or two
/// transactions stood in each other's way. Anything else will fail again.
pub fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                // connection, a state of the transaction that is not ours (read-only: a standby), rollback (deadlock,
                // serialization), out of resources (disk full), operator's doing, locks
                ["08", "25", "40", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class))
            } else {
                // the low byte is SQLite's primary code: busy, locked, out of memory, read-only, I/O, full, cannot open
                code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14))
            }
        }
        _ => false,
    }
}
