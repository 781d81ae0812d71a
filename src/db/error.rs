//! Which database errors are temporary.

/// Whether the same work may succeed a moment later: the connection broke, the engine is busy,
/// stopping or full, or two transactions blocked each other. Any other error will happen again.
pub fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                // connection, a state of the transaction that is not ours (read-only: a standby),
                // rollback (deadlock, serialization), out of resources (disk full), locks,
                // operator's action, system error
                ["08", "25", "40", "53", "55", "57", "58"]
                    .iter()
                    .any(|class| code.starts_with(class))
            } else {
                // the low byte is SQLite's primary code: busy, locked, out of memory, read-only,
                // I/O, full, cannot open
                code.parse::<u32>()
                    .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14))
            }
        }
        _ => false,
    }
}

/// Why the engine cannot write anything, in a sentence; `None` if the error has another cause.
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
        // the error of a write to a full disk depends on the file that is written
        code if code & 0xff == 13 || code == 778 => Some(FULL),
        code if code & 0xff == 8 => Some(READ_ONLY),
        code if code & 0xff == 10 => Some(BROKEN),
        _ => None,
    }
}
