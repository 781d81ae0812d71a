//! The endpoints of outgoing webhooks, with what became of their deliveries.

use serde::Serialize;

use crate::{
    commands::Error,
    db::Reach,
    domain::{
        id::{OrganizationId, WebhookEndpointId},
        time::Timestamp,
        webhook_endpoint::WebhookEndpoint,
    },
    state::AppState,
    store::{
        webhook_deliveries::{self, Logged},
        webhook_endpoints,
    },
};

/// An endpoint, for the command line and the API.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointRecord {
    pub id: WebhookEndpointId,
    pub url: String,
    pub note: String,
    /// `None`: it gets the events of all organizations.
    pub organization_id: Option<OrganizationId>,
    /// Empty: it gets all types.
    pub types: Vec<&'static str>,
    pub state: &'static str,
    pub state_since: String,
    pub failing_since: Option<String>,
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

/// All endpoints, the oldest first. Only staff admins and the command line ask for them.
pub async fn endpoint_records(state: &AppState) -> Result<Vec<EndpointRecord>, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let all = webhook_endpoints::all(&mut tx).await?;
    Ok(all.into_iter().map(EndpointRecord::from).collect())
}

/// A delivery to an endpoint, with its last attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryRecord {
    pub event_id: String,
    /// 0: a test.
    pub sequence: i64,
    pub r#type: String,
    /// `delivered`, `waiting` or `failed`.
    pub state: &'static str,
    pub attempts: i64,
    pub created_at: String,
    pub next_at: Option<String>,
    pub last_at: Option<String>,
    pub status: Option<i64>,
    /// The beginning of the answer, or what went wrong.
    pub answer: Option<String>,
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

/// How many deliveries one answer has.
const DELIVERIES: usize = 50;

/// The deliveries of an endpoint, the newest first, and the key behind which there are more.
pub async fn delivery_records(
    state: &AppState,
    endpoint: &WebhookEndpointId,
    before: Option<DeliveryKey>,
) -> Result<(Vec<DeliveryRecord>, Option<DeliveryKey>), Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    webhook_endpoints::one(&mut tx, endpoint).await?.ok_or(Error::Missing)?;
    let before = before.as_ref().map(|(at, event)| (*at, event.as_str()));
    let most = i64::try_from(DELIVERIES + 1).unwrap_or(i64::MAX);
    let mut rows = webhook_deliveries::logged(&mut tx, endpoint, before, most).await?;
    let is_more = rows.len() > DELIVERIES;
    rows.truncate(DELIVERIES);
    let last = rows.last().filter(|_| is_more);
    let next = last.map(|row| (row.created_at, row.event_id.clone()));
    Ok((rows.into_iter().map(DeliveryRecord::from).collect(), next))
}
