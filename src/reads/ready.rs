//! Whether this process can do its work right now: for whoever sends it requests.

use std::time::Duration;

use crate::{
    db::{self, Tables},
    desk::Desk,
    store::outbox,
};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How far a worker may be behind.
const LAG: Duration = Duration::from_mins(1);

/// What keeps it from its work, a sentence each; nothing if nothing does.
pub async fn ready(desk: &Desk) -> Vec<String> {
    let mut missing = match tokio::time::timeout(PATIENCE, database(desk)).await {
        Ok(Ok(missing)) => missing,
        Ok(Err(_)) => vec!["The database cannot be asked.".to_owned()],
        Err(_) => vec![format!("The database did not answer within {} s.", PATIENCE.as_secs())],
    };
    missing.extend(super::room::unwritable(desk).await.map(str::to_owned));
    let now = desk.clock.monotonic();
    let batch = desk.pulse.oldest_batch(now);
    if batch > LAG {
        missing.push(format!("The intake has been at one batch for {} s; {} deliveries wait.", batch.as_secs(), desk.metrics.waiting()));
    }
    let late = desk.pulse.late(now).into_iter().filter(|(_, late)| *late > LAG);
    missing.extend(late.map(|(worker, late)| format!("The worker “{worker}” is {} s late.", late.as_secs())));
    missing
}

async fn database(desk: &Desk) -> sqlx::Result<Vec<String>> {
    let mut tx = desk.db.read().await?;
    let tables = match db::tables(&mut tx).await? {
        Tables::Current => None,
        Tables::Behind(version) => Some(format!("Migration {version:04} has not been run.")),
        Tables::Beyond(version) => Some(format!("Migration {version:04} is newer than this program.")),
        Tables::Other(version) => Some(format!("Migration {version:04} is not this program’s.")),
    };
    let now = desk.clock.now();
    let due = outbox::standing(&mut tx, now).await?.due_for(now);
    // A mail server that is slow or away is no reason to take no webhooks; an outbox that stands still is.
    let stands = due > LAG && desk.pulse.outbox_rests(desk.clock.monotonic()).is_some_and(|rest| rest > LAG);
    let letters = stands.then(|| format!("A letter has been due for {} s, and none has left since.", due.as_secs()));
    Ok(tables.into_iter().chain(letters).collect())
}
