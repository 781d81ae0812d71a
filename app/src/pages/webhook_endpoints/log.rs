//! The log of an endpoint, and the form that sends what it missed.

use std::time::Duration;

use domain::{id::WebhookEndpointId, time::Timestamp, webhook_endpoint::EndpointState};
use leptos::{prelude::*, server_fn::ServerFn};
use views::webhook_endpoints::{DeliveryState, EndpointPage, EventDeliveryKey, EventDeliveryRow};

use super::words::{answered, attempts};
use crate::{
    components::{
        badge::DeliveryBadge,
        empty_state::EmptyState,
        field::{Field, Labelled},
        page_header::Section,
        pagination::{KeysetPagination, KeysetWords},
        relative_time::RelativeTime,
        table::{Heading, Table},
        words::words,
    },
    islands::auto_refresh::AutoRefresh,
    paths,
    server_fns::{RecoverWebhookEvents, ResendWebhookEvent},
};

#[component]
pub(super) fn Log(page: EndpointPage) -> impl IntoView {
    let (id, is_enabled) = (page.endpoint.id, page.endpoint.state == EndpointState::Enabled);
    let now = page.now;
    // what is due now is sent while the reader looks
    let is_due =
        |row: &EventDeliveryRow| matches!(row.state, DeliveryState::Waits(at) if at <= now);
    let is_running = is_enabled && page.deliveries.iter().any(is_due);
    let list = if page.deliveries.is_empty() && page.page.is_first() {
        view! {
            <EmptyState title="Nothing was sent yet">
                "Send a test, or wait for the next change of a seat."
            </EmptyState>
        }
        .into_any()
    } else {
        let says = KeysetWords::of(&page.page, page.deliveries.len(), ("delivery", "deliveries"));
        let of = id.clone();
        let path =
            move |before: Option<EventDeliveryKey>| paths::webhook_endpoint(&of, before.as_ref());
        view! {
            <Rows id rows=page.deliveries is_enabled now />
            <KeysetPagination page=page.page words=says path />
        }
        .into_any()
    };
    view! {
        <Section title="Deliveries">
            {list}
            {is_running
                .then(|| {
                    view! {
                        <div data-running="">
                            <AutoRefresh />
                        </div>
                    }
                })}
        </Section>
    }
}

#[component]
fn Rows(
    id: WebhookEndpointId,
    rows: Vec<EventDeliveryRow>,
    is_enabled: bool,
    now: Timestamp,
) -> impl IntoView {
    let row = |row: EventDeliveryRow| view! { <Row id=id.clone() row is_enabled now /> };
    let rows = rows.into_iter().map(row).collect_view();
    let again = is_enabled.then(|| view! { <Heading word="Again" /> });
    view! {
        <Table label="Deliveries">
            <thead>
                <tr>
                    <Heading word="Event" />
                    <Heading word="State" />
                    <Heading word="Answer" wide=true />
                    <Heading word="Written" number=true wide=true />
                    {again}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Row(
    id: WebhookEndpointId,
    row: EventDeliveryRow,
    is_enabled: bool,
    now: Timestamp,
) -> impl IntoView {
    let href = paths::webhook_delivery(&id, &row.event);
    let tried = attempts(&row, now).map(|tried| view! { <span class="sub">{tried}</span> });
    let narrow = row.last.as_ref().map(answered);
    let narrow = narrow.map(|text| view! { <span class="narrow sub">{text}</span> });
    let answer = row.last.as_ref().map(|last| {
        let said =
            last.answer.as_ref().map(|said| view! { <span class="sub">{words(said)}</span> });
        view! {
            {answered(last)}
            {said}
        }
    });
    let again = is_enabled.then(|| {
        view! {
            <td>
                <form class="row__other" method="post" action=ResendWebhookEvent::url()>
                    <input type="hidden" name="id" value=id.to_string() />
                    <input type="hidden" name="event" value=row.event.to_string() />
                    <button
                        class="button button--quiet"
                        type="submit"
                        aria-label=format!("Send again: {} {}", row.kind, row.event)
                    >
                        "Send again"
                    </button>
                </form>
            </td>
        }
    });
    view! {
        <tr class="row">
            <th scope="row" class="row__name">
                <a class="row__link" href=href>
                    {words(&row.kind)}
                </a>
                <span class="narrow sub">
                    <RelativeTime at=row.created_at now />
                </span>
            </th>
            <td>
                <DeliveryBadge state=row.state />
                {tried}
                {narrow}
            </td>
            <td class="wide">{answer}</td>
            <td class="wide number quiet">
                <RelativeTime at=row.created_at now />
            </td>
            {again}
        </tr>
    }
}

/// The form that sends what the endpoint missed.
#[component]
pub(super) fn Recover(
    id: WebhookEndpointId,
    /// What was typed was no time.
    is_refused: bool,
    now: Timestamp,
) -> impl IntoView {
    const DAY: Duration = Duration::from_hours(24);
    let value = now.minus(DAY).day_and_time();
    let field = Field {
        name: "since",
        label: "Events since (UTC)",
        hint: "Those that the endpoint has taken are not sent again. Events are kept for 30 days.",
        value: value.clone(),
        refusal: is_refused.then(|| "This is not a date and a time.".to_owned()),
    };
    let (input_id, described_by, invalid) = (field.id(), field.described_by(), field.invalid());
    view! {
        <Section title="Send what it missed">
            <form class="form endpoint__recover" method="post" action=RecoverWebhookEvents::url()>
                <input type="hidden" name="id" value=id.to_string() />
                <Labelled field>
                    <input
                        class="input"
                        id=input_id
                        type="datetime-local"
                        step="1"
                        name="since"
                        required=true
                        value=value
                        aria-describedby=described_by
                        aria-invalid=invalid
                    />
                </Labelled>
                <div class="form__actions">
                    <button class="button" type="submit">
                        "Send the events"
                    </button>
                </div>
            </form>
        </Section>
    }
}
