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

/// What keeps the engine from writing whatever is written, in a sentence; nothing if the error is about something else.
pub fn why_unwritable(error: &sqlx::Error) -> Option<&'static str> {
    const FULL: &str = "The database cannot be written: its disk is full.";
    const READ_ONLY: &str = "The database cannot be written: it is read-only.";
    const BROKEN: &str = "The database cannot be written: its disk does not work.";
    let sqlx::Error::Database(error) = error else { return None };
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        return match &*code {
            "53100" => Some(FULL),
            "25006" => Some(READ_ONLY),
            "58030" => Some(BROKEN),
            _ => None,
        };
    }
    match code.parse::<u32>().ok()? {
        // what a write to a full disk ends with depends on the file it went to
        code if code & 0xff == 13 || code == 778 => Some(FULL),
        code if code & 0xff == 8 => Some(READ_ONLY),
        code if code & 0xff == 10 => Some(BROKEN),
        _ => None,
    }
}
