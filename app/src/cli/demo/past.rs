//! The year before the demo begins: it is decided by the real rules, each day at its own time, so
//! that decisions, alerts, charts and reports agree.

use std::time::Duration;

use domain::{id::WebhookId, time::Timestamp};
use seatkeeper::{
    clock::Clock,
    commands::{Delivery, ingest_deliveries},
    scalekit::payload,
    state::AppState,
};
use simulator::{PastDay, demo::Customer, event::Body};

use super::{Stopping, customers::set_later_limit};
use crate::cli::CliError;

/// How many webhooks one transaction takes.
const BATCH: usize = 256;

/// The same state at an earlier time.
pub(super) fn at(state: &AppState, at: Timestamp) -> AppState {
    let seed = at.nanos().unsigned_abs();
    AppState { clock: Clock::still(at, seed), ..state.clone() }
}

/// The time at which the customer is added: before its directory is connected.
pub(super) fn first_day(customer: &Customer, now: Timestamp) -> Timestamp {
    let days = u32::try_from(customer.days).unwrap_or_default();
    now.minus(Duration::from_hours(24) * days).minus(Duration::from_hours(3))
}

/// Lets the past days happen, until a stop.
pub(super) async fn happen(
    state: &AppState,
    (customers, days): (&[Customer], Vec<PastDay>),
    stopping: &Stopping,
) -> Result<(), CliError> {
    for PastDay { at, ago, bodies } in days {
        if *stopping.borrow() {
            return Ok(());
        }
        let then = self::at(state, at);
        for customer in customers {
            if let Some((limit, days)) = customer.later
                && days == ago
            {
                set_later_limit(&then, customer, limit).await?;
            }
        }
        for bodies in bodies.chunks(BATCH) {
            let batch: Vec<Delivery> = bodies.iter().map(|body| delivery(&then, body)).collect();
            ingest_deliveries(&then, &batch).await?;
        }
    }
    Ok(())
}

fn delivery(then: &AppState, body: &Body) -> Delivery {
    let id = WebhookId::new(then.clock.unique_name("msg"));
    Delivery::new(id, body.json.to_vec(), payload::read(&body.json), then.clock.now())
}
