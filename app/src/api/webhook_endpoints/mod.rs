//! Endpoints of outgoing webhooks. They belong to the installation, and their addresses may hold
//! secrets of the product: no key of an organization reaches one, not even its name.

pub mod deliveries;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    access::FreshProof,
    api_key::KeyScope,
    id::{OrganizationId, WebhookEndpointId},
    outgoing_event::EventType,
    refusal::Refusal,
    webhook_endpoint::EventFilter,
};
use seatkeeper::{
    commands::{
        self,
        webhook_endpoints::{
            EndpointChange, NewEndpoint, NewSecret, add_endpoint, change_endpoint, remove_endpoint,
            rotate_secret,
        },
    },
    queries::{self, EndpointRecord, api::schemas},
    state::AppState,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use views::pagination::Key;

use super::{
    Caller, Problem,
    input::{At, Body, Nothing, PageParameters, Parameters, cursor},
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

/// The endpoint as the key may see it.
fn seen(caller: &Caller, endpoint: EndpointRecord) -> EndpointRecord {
    if caller.key.scopes.allow(KeyScope::Write) { endpoint } else { endpoint.without_secrets() }
}

fn proof(caller: &Caller) -> FreshProof {
    FreshProof::of_api_key(&caller.key)
}

/// List the webhook endpoints.
///
/// The oldest first. A key that only reads sees of each address the scheme and the host alone.
#[utoipa::path(
    get,
    path = "/webhook-endpoints",
    operation_id = "listWebhookEndpoints",
    tag = "Webhook endpoints",
    params(PageParameters),
    responses(
        (status = 200, description = "A part of the list.", body = Items<EndpointRecord>),
    ),
    extensions(
        ("x-scope" = json!("read")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["installation-only"])),
    ),
)]
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
    let items = items.into_iter().map(|endpoint| seen(&caller, endpoint)).collect();
    Ok(Items { items, next_cursor })
}

/// A new endpoint.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddWebhookEndpoint)]
pub struct AddEndpoint {
    /// An https address of the product.
    url: String,
    /// What the endpoint is for.
    #[serde(default)]
    #[schema(max_length = 200)]
    note: String,
    /// It gets only the events of this organization; without it, those of all of them.
    organization_id: Option<String>,
    /// It gets only events of these types; empty: all.
    #[serde(default)]
    #[schema(value_type = Vec<schemas::EventType>)]
    types: Vec<String>,
}

/// An endpoint with its secret, which is given only here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookEndpointWithSecret)]
pub struct EndpointWithSecret {
    #[serde(flatten)]
    endpoint: EndpointRecord,
    /// Signs the deliveries, as Standard Webhooks says. Keep it where other secrets are.
    secret: String,
}

/// Add a webhook endpoint.
///
/// It gets the events from now on. The answer has the secret that signs them. It is given this
/// once, and again only if the same call is repeated with its `Idempotency-Key`.
#[utoipa::path(
    post,
    path = "/webhook-endpoints",
    operation_id = "addWebhookEndpoint",
    tag = "Webhook endpoints",
    request_body = AddEndpoint,
    responses(
        (status = 201, description = "The endpoint and its secret.", body = EndpointWithSecret),
    ),
    extensions(
        ("x-scope" = json!("write")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["webhook-url", "event-type", "endpoint-note", "too-many-endpoints", "organization-unknown", "installation-only"])),
    ),
)]
pub async fn add(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<AddEndpoint>,
) -> Result<Response, Problem> {
    caller.all(KeyScope::Write)?;
    let types = types(&body.types)?;
    let organization = body.organization_id.as_deref().map(OrganizationId::parse);
    let organization =
        organization.map(|id| id.ok_or_else(Problem::unknown_organization)).transpose()?;
    let filter = EventFilter { organization, types };
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
///
/// A key that only reads sees of its address the scheme and the host alone.
#[utoipa::path(
    get,
    path = "/webhook-endpoints/{endpoint}",
    operation_id = "getWebhookEndpoint",
    tag = "Webhook endpoints",
    responses((status = 200, description = "The endpoint.", body = EndpointRecord)),
    extensions(
        ("x-scope" = json!("read")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["installation-only"])),
    ),
)]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    At(id): At<String>,
    parameters: Parameters,
) -> Result<Json<EndpointRecord>, Problem> {
    let id = reached(&caller, &id, KeyScope::Read)?;
    parameters.end()?;
    Ok(Json(seen(&caller, queries::endpoint_record(&state, &id).await?)))
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeWebhookEndpoint)]
pub struct ChangeEndpoint {
    /// Deliveries that still wait go there, too.
    url: Option<String>,
    note: Option<String>,
    /// Counts for the events from now on; empty: all types.
    #[schema(value_type = Option<Vec<schemas::EventType>>)]
    types: Option<Vec<String>>,
    state: Option<WantedState>,
}

/// `enabled`: it gets the events from now on. `disabled`: it gets nothing.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WantedState {
    Enabled,
    Disabled,
}

/// Change a webhook endpoint.
///
/// What is left out stays. One that is enabled again gets the events from then on; those that it
/// missed are sent by *Recover events*.
#[utoipa::path(
    patch,
    path = "/webhook-endpoints/{endpoint}",
    operation_id = "changeWebhookEndpoint",
    tag = "Webhook endpoints",
    request_body = ChangeEndpoint,
    responses(
        (status = 200, description = "The endpoint after the change.", body = EndpointRecord),
    ),
    extensions(
        ("x-scope" = json!("write")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["webhook-url", "event-type", "endpoint-note", "installation-only"])),
    ),
)]
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
#[utoipa::path(
    delete,
    path = "/webhook-endpoints/{endpoint}",
    operation_id = "removeWebhookEndpoint",
    tag = "Webhook endpoints",
    responses((status = 204, description = "It is removed.")),
    extensions(
        ("x-scope" = json!("write")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["installation-only"])),
    ),
)]
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
#[utoipa::path(
    post,
    path = "/webhook-endpoints/{endpoint}/rotate-secret",
    operation_id = "rotateWebhookSecret",
    tag = "Webhook endpoints",
    request_body = Nothing,
    responses(
        (status = 200, description = "The endpoint and its new secret.", body = EndpointWithSecret),
    ),
    extensions(
        ("x-scope" = json!("write")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["too-many-secrets", "installation-only"])),
    ),
)]
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
