//! What this installation does by itself now and then: when it was done last, and who is at it.

use std::time::Duration;

use crate::{
    db::{Tx, sql},
    domain::time::Timestamp,
};

/// Counting everything again.
pub const CHECK: &str = "check";
/// Removing raw bodies that are old enough.
pub const RETENTION: &str = "retention";

/// Longer than anything between two signs of life; whoever crashed is followed after so long.
pub const LEASE: Duration = Duration::from_mins(2);

/// Takes the duty for nobody else until `until`, with its notes; nothing if it was finished after `not_since` or somebody is at it.
pub async fn claim(tx: &mut Tx, name: &str, not_since: Timestamp, (now, until): (Timestamp, Timestamp)) -> sqlx::Result<Option<String>> {
    sql!(execute(tx), "insert into duties (name, lease_until, notes) values ($1, 0, '') on conflict (name) do nothing", name)?;
    let row: Option<(String,)> = sql!(
        optional(tx),
        "update duties set lease_until = $4 where name = $1 and lease_until <= $3 and (finished_at is null or finished_at <= $2) \
         returning notes",
        name,
        not_since.nanos(),
        now.nanos(),
        until.nanos(),
    )?;
    Ok(row.map(|(notes,)| notes))
}

/// Goes on with a claimed duty; `notes` say how far it has come.
pub async fn keep(tx: &mut Tx, name: &str, notes: Option<&str>, until: Timestamp) -> sqlx::Result<()> {
    sql!(execute(tx), "update duties set lease_until = $2, notes = coalesce($3, notes) where name = $1", name, until.nanos(), notes)
        .map(|_| ())
}

pub async fn finish(tx: &mut Tx, name: &str, notes: &str, now: Timestamp) -> sqlx::Result<()> {
    sql!(execute(tx), "update duties set lease_until = 0, finished_at = $2, notes = $3 where name = $1", name, now.nanos(), notes)
        .map(|_| ())
}

/// When it was finished last, and its notes.
pub async fn last(tx: &mut Tx, name: &str) -> sqlx::Result<Option<(Option<Timestamp>, String)>> {
    let row: Option<(Option<i64>, String)> = sql!(optional(tx), "select finished_at, notes from duties where name = $1", name)?;
    Ok(row.map(|(at, notes)| (at.map(Timestamp::from_nanos), notes)))
}
