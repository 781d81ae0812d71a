//! What the pages of the endpoints of outgoing webhooks show.

use serde::{Deserialize, Serialize};

use super::{
    organization_choices::OrganizationChoices,
    pagination::{Key, KeysetPage},
};
use domain::{
    id::{OrganizationId, OutgoingEventId, WebhookEndpointId},
    outgoing_event::EventType,
    text::ExternalText,
    time::Timestamp,
    webhook_endpoint::EndpointState,
};

/// All endpoints, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointsPage {
    pub rows: Vec<EndpointRow>,
    /// What the form offers.
    pub organizations: OrganizationChoices,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointRow {
    pub id: WebhookEndpointId,
    /// Its scheme and its host: what follows may hold a token.
    pub shown: ExternalText,
    pub note: ExternalText,
    /// `None`: it gets the events of all organizations.
    pub organization: Option<(OrganizationId, ExternalText)>,
    /// Empty: it gets all types.
    pub types: Vec<EventType>,
    pub state: EndpointState,
    pub state_since: Timestamp,
    pub failing_since: Option<Timestamp>,
    pub created_by: ExternalText,
    pub created_at: Timestamp,
}

/// One endpoint with its log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointPage {
    pub endpoint: EndpointRow,
    /// The whole address.
    pub url: ExternalText,
    /// The newest first.
    pub secrets: Vec<SigningSecret>,
    pub deliveries: Vec<EventDeliveryRow>,
    pub page: KeysetPage<EventDeliveryKey>,
    pub now: Timestamp,
}

impl EndpointPage {
    /// The number of deliveries on a page.
    pub const ROWS: i64 = 50;
}

/// A secret that signs now. What it is, no page says again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningSecret {
    pub created_at: Timestamp,
    /// `None`: it is not replaced.
    pub ends_at: Option<Timestamp>,
}

/// What an endpoint got or is to get, with the last attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDeliveryRow {
    pub event: OutgoingEventId,
    /// The type of the event, or `test`.
    pub kind: ExternalText,
    pub state: DeliveryState,
    /// Since it was written or sent again.
    pub attempts: i64,
    pub created_at: Timestamp,
    pub last: Option<LastAttempt>,
}

/// One delivery of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDeliveryPage {
    pub endpoint: EndpointRow,
    pub row: EventDeliveryRow,
    /// What is sent, as JSON of several lines.
    pub body: String,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAttempt {
    pub at: Timestamp,
    /// `None`: there was no answer.
    pub status: Option<i64>,
    pub millis: i64,
    /// The beginning of the answer, or what went wrong.
    pub answer: Option<ExternalText>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryState {
    Delivered,
    /// The next attempt is at this time.
    Waits(Timestamp),
    /// None follows.
    Failed,
}

/// A place in the log of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDeliveryKey {
    pub at: Timestamp,
    pub event: OutgoingEventId,
}

/// `1790000000000000000.oev_01k…`
impl Key for EventDeliveryKey {
    fn written(&self) -> String {
        format!("{}.{}", self.at.nanos(), self.event)
    }

    fn parse(text: &str) -> Option<Self> {
        let (nanos, event) = text.split_once('.')?;
        let at = Timestamp::from_nanos(nanos.parse().ok()?);
        Some(Self { at, event: OutgoingEventId::parse(event)? })
    }
}

/// An endpoint whose secret was made a moment ago, on the page that shows it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeSecret {
    pub endpoint: EndpointRow,
    /// Until when the secret before it signs, too.
    pub other_ends_at: Option<Timestamp>,
}
