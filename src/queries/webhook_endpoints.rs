//! The endpoints of outgoing webhooks, with what became of their deliveries.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    channels::{address::AllowedAddresses, webhook::WebhookUrl},
    commands::Error,
    db::Reach,
    domain::{
        id::{OrganizationId, OutgoingEventId, WebhookEndpointId},
        time::Timestamp,
        webhook_endpoint::WebhookEndpoint,
    },
    queries::api::schemas,
    state::AppState,
    store::{
        webhook_deliveries::{self, Logged},
        webhook_endpoints,
    },
    views::pagination::{Key, KeysetPage},
};

/// An endpoint, for the command line and the API.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub struct EndpointRecord {
    #[schema(value_type = String)]
    pub id: WebhookEndpointId,
    /// A key that only reads sees it without what may be secret: `https://product.example/…`.
    pub url: String,
    pub note: String,
    /// `null`: it gets the events of all organizations.
    #[schema(value_type = Option<String>)]
    pub organization_id: Option<OrganizationId>,
    /// Empty: it gets all types.
    #[schema(value_type = Vec<schemas::EventType>)]
    pub types: Vec<&'static str>,
    #[schema(value_type = schemas::EndpointState)]
    pub state: &'static str,
    #[schema(format = DateTime)]
    pub state_since: String,
    /// Since when it takes nothing; `null`: it takes deliveries.
    #[schema(format = DateTime)]
    pub failing_since: Option<String>,
    #[schema(format = DateTime)]
    pub created_at: String,
    pub created_by: String,
}

impl From<WebhookEndpoint> for EndpointRecord {
    fn from(endpoint: WebhookEndpoint) -> Self {
        Self {
            types: endpoint.filter.types.iter().map(|kind| kind.as_str()).collect(),
            organization_id: endpoint.filter.organization,
            id: endpoint.id,
            url: endpoint.url,
            note: endpoint.note,
            state: endpoint.state.as_str(),
            state_since: endpoint.state_since.rfc3339(),
            failing_since: endpoint.failing_since.map(Timestamp::rfc3339),
            created_at: endpoint.created_at.rfc3339(),
            created_by: endpoint.created_by,
        }
    }
}

impl EndpointRecord {
    /// Without what stands before and behind the host, which may hold a password or a token.
    #[must_use]
    pub fn without_secrets(self) -> Self {
        // what is stored was an address when it was entered
        let url = WebhookUrl::parse(&self.url, AllowedAddresses::Private);
        let url = url.map_or_else(|| self.id.to_string(), |url| url.shown());
        Self { url, ..self }
    }
}

/// All endpoints, the oldest first. Only staff admins and the command line ask for them.
pub async fn endpoint_records(state: &AppState) -> Result<Vec<EndpointRecord>, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let all = webhook_endpoints::all(&mut tx).await?;
    Ok(all.into_iter().map(EndpointRecord::from).collect())
}

/// One endpoint. `Missing` if there is none with this id.
pub async fn endpoint_record(
    state: &AppState,
    id: &WebhookEndpointId,
) -> Result<EndpointRecord, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    Ok(webhook_endpoints::one(&mut tx, id).await?.ok_or(Error::Missing)?.into())
}

/// A delivery to an endpoint, with its last attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct DeliveryRecord {
    pub event_id: String,
    /// 0: a test.
    pub sequence: i64,
    pub r#type: String,
    /// `delivered`, `waiting` or `failed`.
    #[schema(value_type = schemas::DeliveryState)]
    pub state: &'static str,
    pub attempts: i64,
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When the next attempt is due; `null`: none follows.
    #[schema(format = DateTime)]
    pub next_at: Option<String>,
    #[schema(format = DateTime)]
    pub last_at: Option<String>,
    /// Of the last answer; `null`: there was none.
    pub status: Option<i64>,
    /// The beginning of the answer, or what went wrong.
    pub answer: Option<String>,
    /// How long the last attempt took.
    pub millis: Option<i64>,
    /// What was sent.
    pub request: String,
}

impl From<Logged> for DeliveryRecord {
    fn from(row: Logged) -> Self {
        let at = |nanos: i64| Timestamp::from_nanos(nanos).rfc3339();
        let state = match (row.due_at, row.delivered_at) {
            (Some(_), _) => "waiting",
            (None, Some(_)) => "delivered",
            (None, None) => "failed",
        };
        Self {
            event_id: row.event_id,
            sequence: row.sequence,
            r#type: row.r#type,
            state,
            attempts: row.attempts,
            created_at: at(row.created_at),
            next_at: row.due_at.map(at),
            last_at: row.last_at.map(at),
            status: row.last_status,
            answer: row.last_answer,
            millis: row.last_millis,
            request: row.body,
        }
    }
}

/// The key of the last delivery of a page: when it was written, and its event.
pub type DeliveryKey = (i64, String);

/// The key of a delivery as it stands in a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryCursor(pub DeliveryKey);

impl Key for DeliveryCursor {
    fn written(&self) -> String {
        let (at, event) = &self.0;
        format!("{at}.{event}")
    }

    fn parse(text: &str) -> Option<Self> {
        let (at, event) = text.split_once('.')?;
        Some(Self((at.parse().ok()?, OutgoingEventId::parse(event)?.into())))
    }
}

/// How many deliveries one answer has on the command line.
const DELIVERIES: i64 = 50;

/// The deliveries of an endpoint, the newest first, and the key behind which there are more.
pub async fn delivery_records(
    state: &AppState,
    endpoint: &WebhookEndpointId,
    before: Option<DeliveryKey>,
) -> Result<(Vec<DeliveryRecord>, Option<DeliveryKey>), Error> {
    delivery_part(state, endpoint, before, DELIVERIES).await
}

/// The same, with at most so many deliveries.
pub async fn delivery_part(
    state: &AppState,
    endpoint: &WebhookEndpointId,
    before: Option<DeliveryKey>,
    most: i64,
) -> Result<(Vec<DeliveryRecord>, Option<DeliveryKey>), Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    webhook_endpoints::one(&mut tx, endpoint).await?.ok_or(Error::Missing)?;
    let part = before.as_ref().map(|(at, event)| (*at, event.as_str()));
    let mut rows = webhook_deliveries::logged(&mut tx, endpoint, part, most + 1).await?;
    let key = |row: &Logged| (row.created_at, row.event_id.clone());
    let page = KeysetPage::cut(before, &mut rows, most, key);
    Ok((rows.into_iter().map(DeliveryRecord::from).collect(), page.older))
}
