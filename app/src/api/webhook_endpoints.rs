//! Endpoints of outgoing webhooks. They belong to the installation, and their addresses may hold
//! secrets of the product: no key of an organization reaches one, not even its name.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    access::FreshProof,
    api_key::KeyScope,
    id::{OrganizationId, OutgoingEventId, WebhookEndpointId},
    outgoing_event::EventType,
    refusal::Refusal,
    time::Timestamp,
    webhook_endpoint::EventFilter,
};
use seatkeeper::{
    commands::{
        self,
        webhook_endpoints::{
            EndpointChange, NewEndpoint, NewSecret, add_endpoint, change_endpoint, recover_events,
            remove_endpoint, resend_event, rotate_secret, send_test_event,
        },
    },
    queries::{self, DeliveryCursor, DeliveryRecord, EndpointRecord},
    state::AppState,
};
use serde::{Deserialize, Serialize};
use views::pagination::Key;

use super::{
    Caller, Problem,
    input::{At, Body, Parameters, cursor},
    output::Items,
};

/// The id of an endpoint as it stands in a cursor.
struct Behind(WebhookEndpointId);

impl Key for Behind {
    fn written(&self) -> String {
        self.0.to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        WebhookEndpointId::parse(text).map(Self)
    }
}

/// The endpoint that a path names. The right comes first, so that every other key gets one answer.
fn reached(caller: &Caller, id: &str, scope: KeyScope) -> Result<WebhookEndpointId, Problem> {
    caller.all(scope)?;
    WebhookEndpointId::parse(id).ok_or_else(Problem::missing)
}

fn proof(caller: &Caller) -> FreshProof {
    FreshProof::of_api_key(&caller.key)
}

/// List the webhook endpoints.
///
/// The oldest first.
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Items<EndpointRecord>, Problem> {
    caller.all(KeyScope::Read)?;
    let page = parameters.page::<Behind>()?;
    let mut items = queries::endpoint_records(&state).await?;
    items.sort_by(|one, other| one.id.cmp(&other.id));
    items.retain(|one| page.behind.as_ref().is_none_or(|Behind(last)| one.id > *last));
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let is_more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| is_more);
    let next_cursor = last.map(|last| cursor(&Behind(last.id.clone())));
    Ok(Items { items, next_cursor })
}

/// A new endpoint.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddEndpoint {
    /// An https address of the product.
    url: String,
    /// What the endpoint is for.
    #[serde(default)]
    note: String,
    /// It gets only the events of this organization; without it, those of all of them.
    organization_id: Option<OrganizationId>,
    /// It gets only events of these types; empty: all.
    #[serde(default)]
    types: Vec<String>,
}

/// An endpoint with its secret, which is given only here.
#[derive(Debug, Serialize)]
pub struct EndpointWithSecret {
    #[serde(flatten)]
    endpoint: EndpointRecord,
    /// Signs the deliveries, as Standard Webhooks says. Keep it where other secrets are.
    secret: String,
}

/// Add a webhook endpoint.
///
/// It gets the events from now on. The answer has the secret that signs them: it is given this
/// once, and again only if the same call is repeated with its `Idempotency-Key`.
pub async fn add(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<AddEndpoint>,
) -> Result<Response, Problem> {
    caller.all(KeyScope::Write)?;
    let types = types(&body.types)?;
    let filter = EventFilter { organization: body.organization_id, types };
    let new = NewEndpoint { url: body.url, note: body.note, filter };
    let added = add_endpoint(&state, &caller.actor(), &proof(&caller), &new).await;
    let added = added.map_err(|error| match error {
        commands::Error::Missing => Problem::unknown_organization(),
        error => error.into(),
    })?;
    Ok((StatusCode::CREATED, with_secret(&state, added).await?).into_response())
}

/// The types that a body names, each once and in order.
fn types(words: &[String]) -> Result<Vec<EventType>, Problem> {
    let parse = |word: &String| {
        EventType::parse(word).ok_or_else(|| Problem::from(Refusal::EventType(word.clone())))
    };
    let mut types = words.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    types.sort_unstable();
    types.dedup();
    Ok(types)
}

async fn with_secret(
    state: &AppState,
    new: NewSecret,
) -> Result<Json<EndpointWithSecret>, Problem> {
    let endpoint = queries::endpoint_record(state, &new.endpoint).await?;
    Ok(Json(EndpointWithSecret { endpoint, secret: new.secret }))
}

/// Read a webhook endpoint.
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    parameters: Parameters,
) -> Result<Json<EndpointRecord>, Problem> {
    let id = reached(&caller, &id, KeyScope::Read)?;
    parameters.end()?;
    Ok(Json(queries::endpoint_record(&state, &id).await?))
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeEndpoint {
    /// Deliveries that still wait go there, too.
    url: Option<String>,
    note: Option<String>,
    /// Counts for the events from now on; empty: all types.
    types: Option<Vec<String>>,
    state: Option<WantedState>,
}

/// `enabled`: it gets the events from now on. `disabled`: it gets nothing.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum WantedState {
    Enabled,
    Disabled,
}

/// Change a webhook endpoint.
///
/// One that is enabled again gets the events from then on; those that it missed are sent by
/// *Recover events*.
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    Body(body): Body<ChangeEndpoint>,
) -> Result<Json<EndpointRecord>, Problem> {
    let id = reached(&caller, &id, KeyScope::Write)?;
    let change = EndpointChange {
        url: body.url,
        note: body.note,
        types: body.types.as_deref().map(types).transpose()?,
        is_enabled: body.state.map(|state| state == WantedState::Enabled),
    };
    change_endpoint(&state, &caller.actor(), &proof(&caller), (&id, &change)).await?;
    Ok(Json(queries::endpoint_record(&state, &id).await?))
}

/// Remove a webhook endpoint.
///
/// It goes with its secrets and the log of its deliveries.
pub async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    parameters: Parameters,
) -> Result<StatusCode, Problem> {
    let id = reached(&caller, &id, KeyScope::Write)?;
    parameters.end()?;
    remove_endpoint(&state, &caller.actor(), &proof(&caller), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replace the secret.
///
/// The answer has the new secret, which is given this once. The one before it signs for a day, too.
pub async fn rotate(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<EndpointWithSecret>, Problem> {
    let id = reached(&caller, &id, KeyScope::Write)?;
    let new = rotate_secret(&state, &caller.actor(), &proof(&caller), &id).await?;
    with_secret(&state, new).await
}

/// No member: `{}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// List the deliveries.
///
/// What an endpoint got or is to get in the last 30 days, with the last attempt of each delivery,
/// the newest first.
pub async fn deliveries(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    parameters: Parameters,
) -> Result<Items<DeliveryRecord>, Problem> {
    let id = reached(&caller, &id, KeyScope::Read)?;
    let page = parameters.page::<DeliveryCursor>()?;
    let _share = caller.share(&state, None).await?;
    let before = page.behind.map(|DeliveryCursor(key)| key);
    let (items, next) = queries::delivery_part(&state, &id, before, page.limit).await?;
    Ok(Items { items, next_cursor: next.map(|key| cursor(&DeliveryCursor(key))) })
}

/// What will be sent.
#[derive(Debug, Serialize)]
pub struct Sending {
    /// Of the event, which is the `webhook-id` of the delivery.
    event_id: OutgoingEventId,
}

/// Send a delivery again.
///
/// Under the same `webhook-id`, whatever became of it before.
pub async fn resend(
    State(state): State<AppState>,
    caller: Caller,
    At((id, delivery)): At<(String, String)>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<(StatusCode, Json<Sending>), Problem> {
    let id = reached(&caller, &id, KeyScope::Write)?;
    let event_id = OutgoingEventId::parse(&delivery).ok_or_else(Problem::missing)?;
    resend_event(&state, &caller.actor(), (&id, &event_id)).await?;
    Ok((StatusCode::ACCEPTED, Json(Sending { event_id })))
}

/// Send a test.
///
/// An event of the type `test` with the number 0. It is tried once and is not in the feed.
pub async fn test(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<(StatusCode, Json<Sending>), Problem> {
    let id = reached(&caller, &id, KeyScope::Write)?;
    let event_id = send_test_event(&state, &caller.actor(), &id).await?;
    Ok((StatusCode::ACCEPTED, Json(Sending { event_id })))
}

/// From when on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recover {
    /// RFC 3339, with a time zone.
    since: String,
}

/// Whether there is something to send.
#[derive(Debug, Serialize)]
pub struct Recovering {
    /// False: no event is so new.
    sending: bool,
}

/// Recover events.
///
/// Sends the events since a time that the endpoint has not taken, also those that it missed while
/// it was disabled.
pub async fn recover(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    Body(body): Body<Recover>,
) -> Result<(StatusCode, Json<Recovering>), Problem> {
    let id = reached(&caller, &id, KeyScope::Write)?;
    let since = Timestamp::parse(&body.since);
    let since = since.ok_or(Refusal::Time(body.since)).map_err(Problem::from);
    let since = since.map_err(|problem| problem.about("since"))?;
    let sending = recover_events(&state, &caller.actor(), (&id, since)).await?;
    Ok((StatusCode::ACCEPTED, Json(Recovering { sending })))
}
