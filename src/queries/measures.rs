//! The metrics that a scrape reads from the database: few rows by their index, however large the
//! tables are.

use std::time::Duration;

use tracing::warn;

use crate::{
    db::Tx,
    domain::{
        invariant::{Invariant, Round},
        time::Timestamp,
    },
    metrics::Reading,
    state::AppState,
    store::{inspector, invariants, jobs, outbox},
};

/// How long a scrape waits for the database before it omits these metrics.
const PATIENCE: Duration = Duration::from_secs(2);
/// The upper bound of each count.
const MOST: i64 = 10_000;

pub async fn measures(state: &AppState) -> Vec<Reading> {
    let looked_up = match tokio::time::timeout(PATIENCE, look_up(state)).await {
        Ok(Ok(measures)) => Some(measures),
        Ok(Err(error)) => {
            warn!(%error, "the database could not be asked for its numbers");
            None
        }
        Err(_) => {
            warn!("the database took too long to give its numbers");
            None
        }
    };
    let is_up = i64::from(looked_up.is_some());
    let mut measures = looked_up.unwrap_or_default();
    measures.push(Reading::one("database_up", "Whether the database answers", is_up));
    measures.push(Reading::one(
        "start_time_seconds",
        "When this process started",
        state.health.started_at.seconds(),
    ));
    measures
}

async fn look_up(state: &AppState) -> sqlx::Result<Vec<Reading>> {
    let mut tx = state.db.read().await?;
    let mut measures = emails(&mut tx, state).await?;
    let dead = inspector::dead(&mut tx, MOST).await?;
    measures.push(Reading::one(
        "dead_letters",
        "Deliveries that could not be understood or processed, counted up to 10,000",
        dead,
    ));
    measures.extend(invariants_of(&mut tx).await?);
    Ok(measures)
}

async fn emails(tx: &mut Tx, state: &AppState) -> sqlx::Result<Vec<Reading>> {
    let now = state.clock.now();
    let backlog = outbox::backlog(tx, now).await?;
    let due = i64::try_from(backlog.due_for(now).as_secs()).unwrap_or(i64::MAX);
    Ok(vec![
        Reading::one(
            "outbox_waiting",
            "E-mails that have not been sent, counted up to 10,000",
            backlog.waiting,
        ),
        Reading::one(
            "outbox_oldest_due_seconds",
            "How long the oldest e-mail that no process is sending has been due",
            due,
        ),
        Reading::one(
            "outbox_given_up",
            "E-mails that were given up, counted up to 10,000",
            outbox::given_up(tx).await?,
        ),
    ])
}

/// The findings of the last check, from any process.
async fn invariants_of(tx: &mut Tx) -> sqlx::Result<Vec<Reading>> {
    let counts = invariants::counts(tx).await?;
    let count = |invariant| {
        counts.iter().find(|(known, _)| *known == invariant).map_or(0, |(_, count)| *count)
    };
    let violations = Invariant::ALL
        .into_iter()
        .map(|kind| (Some(("invariant", kind.as_str().to_owned())), count(kind)))
        .collect();
    let (at, notes) = jobs::last(tx, jobs::CHECK).await?.unwrap_or_default();
    let round: Round = serde_json::from_str(&notes).unwrap_or_default();
    let seat_statuses = round
        .seat_statuses
        .iter()
        .map(|(seat_status, count)| (Some(("status", seat_status.slug().to_owned())), *count))
        .collect();
    Ok(vec![
        Reading {
            name: "invariant_violations",
            help: "Violations of invariants that the last check found",
            values: violations,
        },
        Reading::one(
            "invariant_check_timestamp_seconds",
            "When the last check ended; 0 before the first",
            at.map_or(0, Timestamp::seconds),
        ),
        Reading::one(
            "invariant_check_people",
            "Seats and waitlist positions that the last check counted",
            round.people,
        ),
        Reading {
            name: "organizations",
            help: "Organizations by their state, as the last check saw them",
            values: seat_statuses,
        },
    ])
}
