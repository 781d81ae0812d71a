//! Outgoing events: what Seatkeeper tells the product about seats, people, roles and limits. Each
//! follows from a decision or from another change of an organization, and is numbered after the
//! commit.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    decision::{Reason, Transition},
    directory_user::{DirectoryUser, SeatState},
    id::{OrganizationId, OutgoingEventId},
    organization::SeatLimit,
    time::Timestamp,
};

/// The version of the data of every event. A new field keeps it; a field that goes or means
/// something else raises it.
pub const VERSION: u32 = 1;

/// The kind of an outgoing event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EventType {
    #[serde(rename = "seat.admitted")]
    SeatAdmitted,
    #[serde(rename = "seat.blocked")]
    SeatBlocked,
    #[serde(rename = "seat.released")]
    SeatReleased,
    /// A person has another name, address, external id, attribute or state, and no seat moved.
    #[serde(rename = "user.updated")]
    UserUpdated,
    /// The application roles of a person changed; without a person those of many may have.
    #[serde(rename = "roles.changed")]
    RolesChanged,
    #[serde(rename = "seat_limit.changed")]
    SeatLimitChanged,
    #[serde(rename = "organization.over_limit")]
    OverLimit,
    #[serde(rename = "organization.archived")]
    Archived,
    #[serde(rename = "organization.restored")]
    Restored,
}

impl EventType {
    pub const ALL: [Self; 9] = [
        Self::SeatAdmitted,
        Self::SeatBlocked,
        Self::SeatReleased,
        Self::UserUpdated,
        Self::RolesChanged,
        Self::SeatLimitChanged,
        Self::OverLimit,
        Self::Archived,
        Self::Restored,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeatAdmitted => "seat.admitted",
            Self::SeatBlocked => "seat.blocked",
            Self::SeatReleased => "seat.released",
            Self::UserUpdated => "user.updated",
            Self::RolesChanged => "roles.changed",
            Self::SeatLimitChanged => "seat_limit.changed",
            Self::OverLimit => "organization.over_limit",
            Self::Archived => "organization.archived",
            Self::Restored => "organization.restored",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What a decision is for the product. `None`: only the place in the waitlist changed, which
    /// is not the product's business.
    pub fn of(step: &Transition) -> Option<Self> {
        match (step.from, step.to) {
            (Some(from), to) if from == to => {
                (step.reason == Reason::Identified).then_some(Self::UserUpdated)
            }
            (_, SeatState::Provisioned) => Some(Self::SeatAdmitted),
            (_, SeatState::Blocked) => Some(Self::SeatBlocked),
            (Some(SeatState::Provisioned), _) => Some(Self::SeatReleased),
            _ => Some(Self::UserUpdated),
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A numbered event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingEvent {
    /// Its number in the feed of the installation: 1, 2, 3, …
    pub sequence: i64,
    pub id: OutgoingEventId,
    pub kind: EventType,
    pub organization: OrganizationId,
    pub occurred_at: Timestamp,
    /// What it says, as JSON.
    pub data: String,
}

#[derive(Serialize)]
struct Written<'a> {
    sequence: i64,
    id: &'a OutgoingEventId,
    r#type: EventType,
    organization_id: &'a OrganizationId,
    occurred_at: String,
    data: &'a serde_json::value::RawValue,
}

impl OutgoingEvent {
    /// The event as the product gets it. An error: the stored data is no JSON.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Written {
            sequence: self.sequence,
            id: &self.id,
            r#type: self.kind,
            organization_id: &self.organization,
            occurred_at: self.occurred_at.rfc3339(),
            data: serde_json::from_str(&self.data)?,
        })
    }
}

/// What an event says. The fields are those of the JSON.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum EventData<'a> {
    /// A decision about a person.
    Decided {
        user: Option<UserData<'a>>,
        before: Option<SeatState>,
        after: SeatState,
        decision: DecisionData<'a>,
    },
    /// A person has another profile or other attributes.
    Updated {
        user: Option<UserData<'a>>,
        changed: Vec<&'static str>,
    },
    /// Without a person the roles of many people may have changed.
    Roles {
        user: Option<UserData<'a>>,
        before: Option<Vec<String>>,
        after: Option<Vec<String>>,
    },
    Limit {
        before: Seats,
        after: Seats,
        used: i64,
        cause: &'a str,
    },
    OverLimit {
        seat_limit: Seats,
        used: i64,
        over: i64,
    },
    /// The organization ended, or exists again.
    Existence {
        cause: &'a str,
    },
}

/// The data with its version.
#[derive(Debug, Serialize)]
pub struct Versioned<'a> {
    pub version: u32,
    #[serde(flatten)]
    pub data: EventData<'a>,
}

/// The person as the commit left them. Attributes are not in it: one that is kept no longer must go
/// at once, and events stay for a month.
#[derive(Clone, Debug, Serialize)]
pub struct UserData<'a> {
    pub id: &'a str,
    pub external_id: Option<&'a str>,
    pub email: Option<&'a str>,
    pub name: Option<&'a str>,
    pub state: SeatState,
    /// The application roles, in order of name.
    pub roles: Vec<String>,
}

impl<'a> UserData<'a> {
    pub fn of(user: &'a DirectoryUser, roles: Vec<String>) -> Self {
        Self {
            id: user.id.as_str(),
            external_id: user.profile.external_id.as_deref(),
            email: user.profile.email.as_deref(),
            name: user.profile.name.as_deref(),
            state: user.state,
            roles,
        }
    }
}

/// Why the state of a seat changed, and the numbers that the decision saw.
#[derive(Debug, Serialize)]
pub struct DecisionData<'a> {
    pub reason: &'static str,
    /// The type of Scalekit's event, or the name of the command.
    pub cause: &'a str,
    pub seat_limit: Seats,
    pub used: i64,
    pub revision: i64,
    pub ordinal: i64,
}

/// A seat limit in JSON: a number, `"unlimited"`, or null if it is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats(pub SeatLimit);

impl Serialize for Seats {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            SeatLimit::Seats(seats) => serializer.serialize_i64(seats),
            SeatLimit::Unlimited => serializer.serialize_str("unlimited"),
            SeatLimit::NotSet => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DirectoryUserId;

    fn step(from: Option<SeatState>, to: SeatState, reason: Reason) -> Transition {
        let user = DirectoryUserId::new("diruser_1");
        Transition { user, from, to, reason, limit: SeatLimit::NotSet, used: 0, place: None }
    }

    #[test]
    fn every_change_of_a_state_is_an_event_and_a_move_in_the_waitlist_is_none() {
        for from in [None].into_iter().chain(SeatState::ALL.map(Some)) {
            for to in SeatState::ALL {
                let kind = EventType::of(&step(from, to, Reason::SeatFree));
                let expected = match (from, to) {
                    (Some(from), to) if from == to => None,
                    (_, SeatState::Provisioned) => Some("seat.admitted"),
                    (_, SeatState::Blocked) => Some("seat.blocked"),
                    (Some(SeatState::Provisioned), _) => Some("seat.released"),
                    _ => Some("user.updated"),
                };
                assert_eq!(kind.map(EventType::as_str), expected, "{from:?} {to:?}");
            }
        }
        let identified = step(Some(SeatState::Blocked), SeatState::Blocked, Reason::Identified);
        assert_eq!(EventType::of(&identified), Some(EventType::UserUpdated));
    }

    #[test]
    fn an_event_is_written_as_documented() {
        let data = EventData::Limit {
            before: Seats(SeatLimit::NotSet),
            after: Seats(SeatLimit::Unlimited),
            used: 3,
            cause: "set_limit",
        };
        let data = serde_json::to_string(&Versioned { version: VERSION, data }).unwrap();
        let event = OutgoingEvent {
            sequence: 7,
            id: OutgoingEventId::new("oev_1"),
            kind: EventType::SeatLimitChanged,
            organization: OrganizationId::new("org_1"),
            occurred_at: Timestamp::from_seconds(1_790_000_000),
            data,
        };
        assert_eq!(
            event.json().unwrap(),
            r#"{"sequence":7,"id":"oev_1","type":"seat_limit.changed","organization_id":"org_1","occurred_at":"2026-09-21T14:13:20Z","data":{"version":1,"before":null,"after":"unlimited","used":3,"cause":"set_limit"}}"#
        );
        for kind in EventType::ALL {
            assert_eq!(EventType::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }
}
