//! Endpoints of outgoing webhooks: which events they get, and when a delivery that failed is tried
//! again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    id::{OrganizationId, WebhookEndpointId},
    outgoing_event::{EventType, OutgoingEvent},
    refusal::Refusal,
    time::Timestamp,
};

/// For how long a replaced secret still signs.
pub const OVERLAP: Duration = Duration::from_hours(24);
/// An endpoint that takes nothing for so long is disabled.
pub const GIVEN_UP_AFTER: Duration = Duration::from_hours(5 * 24);
/// How many endpoints an installation has at most.
pub const MOST_ENDPOINTS: usize = 50;
/// How many secrets of an endpoint sign at the same time.
pub const MOST_SECRETS: usize = 4;
/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 200;

/// The pauses after each failed attempt, as Scalekit's own webhooks have them.
const PAUSES: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(10),
];
/// The shortest pause for a server that is overloaded.
const OVERLOADED: Duration = Duration::from_mins(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    Enabled,
    /// By a person.
    Disabled,
    /// It answered 410.
    Gone,
    /// It took nothing for five days.
    Failing,
}

impl EndpointState {
    pub const ALL: [Self; 4] = [Self::Enabled, Self::Disabled, Self::Gone, Self::Failing];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::Gone => "Disabled: the server says that it is gone",
            Self::Failing => "Disabled: it took nothing for five days",
        }
    }

    /// Whether Seatkeeper, and no person, disabled it.
    pub fn is_broken(self) -> bool {
        matches!(self, Self::Gone | Self::Failing)
    }
}

/// Which events an endpoint gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFilter {
    /// `None`: those of all organizations.
    pub organization: Option<OrganizationId>,
    /// In order; empty: all.
    pub types: Vec<EventType>,
}

impl EventFilter {
    pub fn has(&self, event: &OutgoingEvent) -> bool {
        let is_here = self.organization.as_ref().is_none_or(|only| *only == event.organization);
        is_here && (self.types.is_empty() || self.types.contains(&event.kind))
    }

    /// The types as they are stored and typed.
    pub fn types_text(&self) -> String {
        self.types.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",")
    }

    /// Types separated by commas or blanks; nothing for all of them.
    pub fn parse_types(text: &str) -> Result<Vec<EventType>, Refusal> {
        let words = text.split([',', ' ', '\n', '\r']).filter(|word| !word.is_empty());
        let mut types = words
            .map(|word| EventType::parse(word).ok_or_else(|| Refusal::EventType(word.to_owned())))
            .collect::<Result<Vec<_>, _>>()?;
        types.sort_unstable();
        types.dedup();
        Ok(types)
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The status of the answer; `None`: there was no answer.
    pub status: Option<u16>,
    /// The beginning of the answer, or what went wrong.
    pub answer: String,
    pub took: Duration,
    /// The pause that the server asks for.
    pub retry_after: Option<Duration>,
}

impl Attempt {
    pub fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    pub fn is_gone(&self) -> bool {
        self.status == Some(410)
    }

    /// The pause after this attempt, the `attempts`th that failed, before random delay. `None`: no
    /// further one follows. A server that is overloaded or does not answer gets a minute at least,
    /// and up to twice the pause if it asks for that.
    pub fn pause(&self, attempts: i64) -> Option<Duration> {
        let planned = *PAUSES.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
        let least = match self.status {
            None | Some(429 | 502 | 504) => planned.max(OVERLOADED),
            Some(_) => planned,
        };
        let asked = self.retry_after.unwrap_or_default().min(least * 2);
        Some(least.max(asked))
    }
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEndpoint {
    pub id: WebhookEndpointId,
    pub url: String,
    pub note: String,
    pub filter: EventFilter,
    pub state: EndpointState,
    pub state_since: Timestamp,
    pub failing_since: Option<Timestamp>,
    pub created_at: Timestamp,
    pub created_by: String,
}

impl WebhookEndpoint {
    /// Whether an attempt that fails now is one too many.
    pub fn is_given_up(&self, now: Timestamp) -> bool {
        self.failing_since.is_some_and(|since| now.since(since) >= GIVEN_UP_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(status: Option<u16>, retry_after: Option<u64>) -> Attempt {
        Attempt {
            status,
            answer: String::new(),
            took: Duration::ZERO,
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    #[test]
    fn the_pauses_are_those_of_scalekit() {
        let pauses: Vec<Duration> =
            (1..).map_while(|n| attempt(Some(500), None).pause(n)).collect();

        assert_eq!(pauses.len(), 7, "eight attempts");
        let hours = Duration::from_hours(27);
        let minutes = Duration::from_mins(35);
        assert_eq!(pauses.iter().sum::<Duration>(), hours + minutes + Duration::from_secs(5));
    }

    #[test]
    fn a_server_that_is_overloaded_gets_more_time_but_not_any() {
        let seconds = |status, asked, n| attempt(status, asked).pause(n).unwrap().as_secs();

        assert_eq!(seconds(Some(500), None, 1), 5);
        assert_eq!(seconds(None, None, 1), 60);
        assert_eq!(seconds(Some(429), None, 1), 60);
        assert_eq!(seconds(Some(429), Some(90), 1), 90);
        assert_eq!(seconds(Some(429), Some(9_999), 1), 120, "twice the pause at most");
        assert_eq!(seconds(Some(503), Some(400), 2), 400);
        assert_eq!(seconds(Some(503), Some(10), 2), 300);
    }

    #[test]
    fn types_are_read_as_people_write_them() {
        let types = EventFilter::parse_types("seat.released, seat.admitted seat.admitted").unwrap();
        assert_eq!(types, [EventType::SeatAdmitted, EventType::SeatReleased]);
        assert_eq!(EventFilter::parse_types(" ").unwrap(), []);
        let wrong = EventFilter::parse_types("seat.gone").unwrap_err();
        assert_eq!(wrong, Refusal::EventType("seat.gone".to_owned()));
    }
}
