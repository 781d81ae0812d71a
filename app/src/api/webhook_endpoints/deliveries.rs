//! What was sent to an endpoint, and what is sent again.

use axum::{Json, extract::State, http::StatusCode};
use domain::{api_key::KeyScope, id::OutgoingEventId, refusal::Refusal, time::Timestamp};
use seatkeeper::{
    commands::webhook_endpoints::{recover_events, resend_event, send_test_event},
    queries::{self, DeliveryCursor, DeliveryRecord},
    state::AppState,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::{
        Caller, Problem,
        input::{At, Body, Nothing, PageParameters, Parameters, cursor},
        output::Items,
    },
    reached,
};

/// List the deliveries.
///
/// What an endpoint got or is to get in the last 30 days, with the last attempt of each, the newest
/// first.
#[utoipa::path(
    get,
    path = "/webhook-endpoints/{endpoint}/deliveries",
    operation_id = "listWebhookDeliveries",
    tag = "Webhook endpoints",
    params(PageParameters),
    responses(
        (status = 200, description = "A part of the list.", body = Items<DeliveryRecord>),
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
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SentDelivery)]
pub struct Sending {
    /// Of the event, which is the `webhook-id` of the delivery.
    #[schema(value_type = String)]
    event_id: OutgoingEventId,
}

/// Send a delivery again.
///
/// Under the same `webhook-id`, whatever became of it before.
#[utoipa::path(
    post,
    path = "/webhook-endpoints/{endpoint}/deliveries/{delivery}/resend",
    operation_id = "resendWebhookDelivery",
    tag = "Webhook endpoints",
    request_body = Nothing,
    responses((status = 202, description = "It is sent at once.", body = Sending)),
    extensions(
        ("x-scope" = json!("write")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["endpoint-disabled", "installation-only"])),
    ),
)]
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
#[utoipa::path(
    post,
    path = "/webhook-endpoints/{endpoint}/test",
    operation_id = "testWebhookEndpoint",
    tag = "Webhook endpoints",
    request_body = Nothing,
    responses((status = 202, description = "It is sent at once.", body = Sending)),
    extensions(
        ("x-scope" = json!("write")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["endpoint-disabled", "installation-only"])),
    ),
)]
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
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RecoverEvents)]
pub struct Recover {
    /// RFC 3339, with a time zone.
    #[schema(format = DateTime)]
    since: String,
}

/// Whether there is something to send.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecoveredEvents)]
pub struct Recovering {
    /// False: no event is so new.
    sending: bool,
}

/// Recover events.
///
/// Sends the events since a time that the endpoint has not taken, also those that it missed while
/// it was disabled.
#[utoipa::path(
    post,
    path = "/webhook-endpoints/{endpoint}/recover",
    operation_id = "recoverWebhookEvents",
    tag = "Webhook endpoints",
    request_body = Recover,
    responses(
        (status = 202, description = "Whether there is something to send.", body = Recovering),
    ),
    extensions(
        ("x-scope" = json!("write")),
        ("x-installation" = json!(true)),
        ("x-problems" = json!(["time", "endpoint-disabled", "installation-only"])),
    ),
)]
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
