//! Outgoing events: what Seatkeeper tells the product about seats, people, roles and limits. Each
//! follows from a decision or from another change of an organization, and is numbered after the
//! commit.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    attribute::{Attributes, KeptAttributes},
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

    pub const fn as_str(self) -> &'static str {
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
    data: &'a RawValue,
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

/// The person as the commit left them.
#[derive(Clone, Debug, Serialize)]
pub struct UserData<'a> {
    pub id: &'a str,
    pub external_id: Option<&'a str>,
    pub email: Option<&'a str>,
    pub name: Option<&'a str>,
    pub state: SeatState,
    /// The application roles, in order of name.
    pub roles: Vec<String>,
    /// Those that the installation keeps; null: too much for an event. One that is kept no longer
    /// leaves the events that are stored, too ([`without_attributes`]).
    pub attributes: Option<&'a Attributes>,
}

impl<'a> UserData<'a> {
    pub fn of(
        user: &'a DirectoryUser,
        roles: Vec<String>,
        attributes: Option<&'a Attributes>,
    ) -> Self {
        Self {
            id: user.id.as_str(),
            external_id: user.profile.external_id.as_deref(),
            email: user.profile.email.as_deref(),
            name: user.profile.name.as_deref(),
            state: user.state,
            roles,
            attributes,
        }
    }
}

/// A part of an event that may have attributes in it.
#[derive(Deserialize)]
struct WithUser<'a> {
    #[serde(borrow)]
    user: Option<WithAttributes<'a>>,
}

#[derive(Deserialize)]
struct WithAttributes<'a> {
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WithData<'a> {
    #[serde(borrow)]
    data: WithUser<'a>,
}

/// The data of an event without the attributes that are not kept; `None`: nothing is to be cut. All
/// else in it stays as it is.
pub fn without_attributes(data: &str, kept: &KeptAttributes) -> Option<String> {
    cut(data, serde_json::from_str(data).ok()?, kept)
}

/// The same for a whole event.
pub fn event_without_attributes(event: &str, kept: &KeptAttributes) -> Option<String> {
    let WithData { data } = serde_json::from_str(event).ok()?;
    cut(event, data, kept)
}

fn cut(text: &str, WithUser { user }: WithUser<'_>, kept: &KeptAttributes) -> Option<String> {
    let part = user?.attributes?.get();
    let mut attributes: Attributes = serde_json::from_str(part).ok()?;
    let before = attributes.len();
    attributes.retain(|name, _| kept.keeps(name));
    if attributes.len() == before {
        return None;
    }
    let from = part.as_ptr().addr() - text.as_ptr().addr();
    let (head, tail) = (&text[..from], &text[from + part.len()..]);
    Some(format!("{head}{}{tail}", serde_json::to_string(&attributes).ok()?))
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
    fn stored_events_lose_what_is_kept_no_longer_and_nothing_else() {
        let data = r#"{"version":1,"user":{"id":"a","attributes":{"phone":"+1","title":"\"T"}},"before":"x"}"#;
        let whole = format!(r#"{{"sequence":7,"data":{data},"end":[1.50]}}"#);
        let kept = |text: &str| KeptAttributes::parse(text).unwrap();
        let cut = without_attributes(data, &kept("title")).unwrap();
        assert_eq!(
            cut,
            r#"{"version":1,"user":{"id":"a","attributes":{"title":"\"T"}},"before":"x"}"#
        );
        let event = event_without_attributes(&whole, &kept("title")).unwrap();
        assert_eq!(event, whole.replace(data, &cut));
        for same in ["all", "title, phone"] {
            assert_eq!(without_attributes(data, &kept(same)), None, "{same}");
        }
        let others = [
            r#"{"version":1,"user":{"attributes":null}}"#,
            r#"{"version":1,"user":{"id":"a"}}"#,
            r#"{"version":1,"user":null}"#,
            r#"{"version":1,"before":null}"#,
        ];
        for other in others {
            assert_eq!(without_attributes(other, &KeptAttributes::None), None, "{other}");
        }
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
