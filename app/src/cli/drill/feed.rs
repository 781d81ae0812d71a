//! A product that follows the feed of events across the kills. It gets each event once and in
//! order, and what the events say in the end is who holds a seat and who waits.

use std::collections::BTreeMap;

use domain::{directory_user::SeatState, id::OrganizationId, outgoing_event::OutgoingEvent};
use seatkeeper::{
    queries::{self, EventsQuery},
    state::AppState,
};
use serde::Deserialize;

use crate::cli::CliError;

const PART: usize = 500;

#[derive(Debug, Default)]
pub(super) struct Feed {
    /// The number of the last event.
    last: i64,
    /// The last decision of each organization.
    decided: BTreeMap<OrganizationId, (i64, i64)>,
    people: BTreeMap<(OrganizationId, String), SeatState>,
}

#[derive(Deserialize)]
struct Data {
    user: Option<User>,
    after: Option<SeatState>,
    decision: Decision,
}

#[derive(Deserialize)]
struct User {
    id: String,
}

#[derive(Deserialize)]
struct Decision {
    revision: i64,
    ordinal: i64,
}

impl Feed {
    /// How many events were read.
    pub fn read(&self) -> i64 {
        self.last
    }

    /// Reads on behind the last event.
    pub async fn read_on(&mut self, state: &AppState) -> Result<(), CliError> {
        loop {
            let query =
                EventsQuery { organization: None, types: &[], after: self.last, most: PART };
            let events = queries::events_after(state, query).await?.events;
            if events.is_empty() {
                return Ok(());
            }
            for event in events {
                self.take(event)?;
            }
        }
    }

    fn take(&mut self, event: OutgoingEvent) -> Result<(), CliError> {
        if event.sequence != self.last + 1 {
            let (last, next) = (self.last, event.sequence);
            return Err(CliError::failed(format!("event {next} comes after event {last}")));
        }
        self.last = event.sequence;
        // events without a decision say nothing about seats
        let Ok(Data { user, after, decision }) = serde_json::from_str(&event.data) else {
            return Ok(());
        };
        let at = (decision.revision, decision.ordinal);
        let before = self.decided.insert(event.organization.clone(), at);
        if before.is_some_and(|before| before >= at) {
            let (id, last) = (event.organization, event.sequence);
            return Err(CliError::failed(format!("event {last} of {id}: {at:?} after {before:?}")));
        }
        if let (Some(user), Some(after)) = (user, after) {
            self.people.insert((event.organization, user.id), after);
        }
        Ok(())
    }

    /// How many people of an organization hold a seat, and how many wait.
    pub fn seats(&self, organization: &OrganizationId) -> (i64, i64) {
        let count = |state: SeatState| {
            let here = self.people.iter().filter(|((id, _), _)| id == organization);
            i64::try_from(here.filter(|(_, found)| **found == state).count()).unwrap_or(i64::MAX)
        };
        (count(SeatState::Provisioned), count(SeatState::Blocked))
    }
}
