//! The pages of the endpoints of outgoing webhooks. Staff admins only.

use super::organization_choices::organization_choices;
use crate::{
    channels::{address::AllowedAddresses, webhook::WebhookUrl},
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::StaffAdmin,
        body::{self, Personal},
        id::{OrganizationId, OutgoingEventId, WebhookEndpointId},
        text::{ExternalText, is_visible},
        time::Timestamp,
        webhook_endpoint::WebhookEndpoint,
    },
    state::AppState,
    store::{
        organizations,
        webhook_deliveries::{self, Logged},
        webhook_endpoints, webhook_secrets,
    },
    views::{
        pagination::KeysetPage,
        webhook_endpoints::{
            DeliveryState, EndpointPage, EndpointRow, EndpointsPage, EventDeliveryKey,
            EventDeliveryPage, EventDeliveryRow, LastAttempt, MadeSecret, SigningSecret,
        },
    },
};

/// All endpoints.
pub async fn endpoints_page(state: &AppState, admin: &StaffAdmin) -> Result<EndpointsPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let all = webhook_endpoints::all(&mut tx).await?;
    let organizations = organization_choices(&mut tx, admin).await?;
    Ok(EndpointsPage { rows: rows(&mut tx, all).await?, organizations, now: state.clock.now() })
}

/// One endpoint with its log, the newest delivery first.
pub async fn endpoint_page(
    state: &AppState,
    _: &StaffAdmin,
    (id, before): (&WebhookEndpointId, Option<&EventDeliveryKey>),
) -> Result<EndpointPage, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let (endpoint, row) = known(&mut tx, id).await?;
    let secrets = webhook_secrets::signing(&mut tx, id, now).await?;
    let behind = before.map(|key| (key.at.nanos(), key.event.as_str()));
    let most = EndpointPage::ROWS + 1;
    let mut logged = webhook_deliveries::logged(&mut tx, id, behind, most).await?;
    let page = KeysetPage::cut(before.cloned(), &mut logged, EndpointPage::ROWS, key);
    Ok(EndpointPage {
        endpoint: row,
        url: ExternalText::sentence(&endpoint.url),
        secrets: secrets.into_iter().map(secret).collect(),
        deliveries: logged.iter().map(delivery).collect(),
        page,
        now,
    })
}

/// One delivery of an endpoint, with what is sent.
pub async fn event_delivery(
    state: &AppState,
    _: &StaffAdmin,
    (id, event): (&WebhookEndpointId, &OutgoingEventId),
) -> Result<EventDeliveryPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let (_, endpoint) = known(&mut tx, id).await?;
    let logged = webhook_deliveries::one(&mut tx, id, event).await?.ok_or(Error::Missing)?;
    let body = logged.body.as_bytes();
    let printed = body::printed(body, Personal::Shown);
    Ok(EventDeliveryPage {
        endpoint,
        row: delivery(&logged),
        body: printed.unwrap_or_else(|| body::plain(body)),
        now: state.clock.now(),
    })
}

/// An endpoint whose secret was made a moment ago.
pub async fn made_secret(
    state: &AppState,
    _: &StaffAdmin,
    id: &WebhookEndpointId,
) -> Result<MadeSecret, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let (_, endpoint) = known(&mut tx, id).await?;
    let secrets = webhook_secrets::signing(&mut tx, id, state.clock.now()).await?;
    let other = secrets.get(1).and_then(|other| other.ends_at);
    Ok(MadeSecret { endpoint, other_ends_at: other.map(Timestamp::from_nanos) })
}

async fn known(
    tx: &mut Tx,
    id: &WebhookEndpointId,
) -> Result<(WebhookEndpoint, EndpointRow), Error> {
    let endpoint = webhook_endpoints::one(tx, id).await?.ok_or(Error::Missing)?;
    let row = rows(tx, vec![endpoint.clone()]).await?.pop().ok_or(Error::Missing)?;
    Ok((endpoint, row))
}

async fn rows(tx: &mut Tx, all: Vec<WebhookEndpoint>) -> sqlx::Result<Vec<EndpointRow>> {
    let mut ids: Vec<_> = all.iter().filter_map(|one| one.filter.organization.clone()).collect();
    ids.sort();
    ids.dedup();
    let names = organizations::names(tx, &ids).await?;
    let with_name = |id: OrganizationId| {
        let name = names.iter().find(|(known, _)| *known == id).map(|(_, name)| name.as_str());
        let name = ExternalText::or_id(name.unwrap_or_default(), id.as_str());
        (id, name)
    };
    let row = |one: WebhookEndpoint| EndpointRow {
        shown: ExternalText::new(&shown(&one)),
        note: ExternalText::new(&one.note),
        organization: one.filter.organization.map(with_name),
        types: one.filter.types,
        state: one.state,
        state_since: one.state_since,
        failing_since: one.failing_since,
        created_by: ExternalText::new(&one.created_by),
        created_at: one.created_at,
        id: one.id,
    };
    Ok(all.into_iter().map(row).collect())
}

/// What is stored was an address when it was entered.
fn shown(endpoint: &WebhookEndpoint) -> String {
    let url = WebhookUrl::parse(&endpoint.url, AllowedAddresses::Private);
    url.map_or_else(|| endpoint.id.to_string(), |url| url.shown())
}

fn secret(row: webhook_secrets::Signing) -> SigningSecret {
    SigningSecret {
        created_at: Timestamp::from_nanos(row.created_at),
        ends_at: row.ends_at.map(Timestamp::from_nanos),
    }
}

fn key(row: &Logged) -> EventDeliveryKey {
    let at = Timestamp::from_nanos(row.created_at);
    EventDeliveryKey { at, event: OutgoingEventId::new(&row.event_id) }
}

fn delivery(row: &Logged) -> EventDeliveryRow {
    let state = match (row.due_at, row.delivered_at) {
        (Some(due_at), _) => DeliveryState::Waits(Timestamp::from_nanos(due_at)),
        (None, Some(_)) => DeliveryState::Delivered,
        (None, None) => DeliveryState::Failed,
    };
    let answer = row.last_answer.as_deref().filter(|answer| is_visible(answer));
    let last = row.last_at.map(|at| LastAttempt {
        at: Timestamp::from_nanos(at),
        status: row.last_status,
        millis: row.last_millis.unwrap_or_default(),
        answer: answer.map(ExternalText::sentence),
    });
    EventDeliveryRow {
        event: OutgoingEventId::new(&row.event_id),
        kind: ExternalText::new(&row.r#type),
        state,
        attempts: row.attempts,
        created_at: Timestamp::from_nanos(row.created_at),
        last,
    }
}
