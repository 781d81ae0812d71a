//! Whether this process can do its work right now, for the load balancer that sends it requests.

use std::time::Duration;

use crate::{
    db::{self, Tables},
    state::AppState,
    store::outbox,
};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How late a worker, a batch or an e-mail may be.
const LAG: Duration = Duration::from_mins(1);

/// The reasons why the process is not ready, a sentence each; empty if it is ready.
pub async fn ready(state: &AppState) -> Vec<String> {
    let mut missing = match tokio::time::timeout(PATIENCE, database(state)).await {
        Ok(Ok(missing)) => missing,
        Ok(Err(_)) => vec!["The database cannot be queried.".to_owned()],
        Err(_) => vec![format!("The database did not answer within {} s.", PATIENCE.as_secs())],
    };
    missing.extend(super::room::unwritable(state).await.map(str::to_owned));
    let now = state.clock.monotonic();
    let batch = state.health.oldest_batch(now);
    if batch > LAG {
        missing.push(format!(
            "The intake has been processing one batch for {} s; {} deliveries wait.",
            batch.as_secs(),
            state.metrics.waiting()
        ));
    }
    let late = state.health.late(now).into_iter().filter(|(_, late)| *late > LAG);
    missing.extend(
        late.map(|(worker, late)| format!("The worker “{worker}” is {} s late.", late.as_secs())),
    );
    missing
}

async fn database(state: &AppState) -> sqlx::Result<Vec<String>> {
    let mut tx = state.db.read().await?;
    let tables = match db::tables(&mut tx).await? {
        Tables::Current => None,
        Tables::Behind(version) => Some(format!("Migration {version:04} has not been run.")),
        Tables::Beyond(version) => {
            Some(format!("Migration {version:04} is newer than this program."))
        }
        Tables::Other(version) => Some(format!("Migration {version:04} is not this program’s.")),
    };
    let now = state.clock.now();
    let due = outbox::backlog(&mut tx, now).await?.due_for(now);
    // A slow or unreachable mail server must not stop webhooks; an outbox that does not move must.
    let stands = due > LAG
        && state.health.outbox_rests(state.clock.monotonic()).is_some_and(|rest| rest > LAG);
    let emails = stands.then(|| {
        format!("An e-mail has been due for {} s, and none has been sent since.", due.as_secs())
    });
    Ok(tables.into_iter().chain(emails).collect())
}
