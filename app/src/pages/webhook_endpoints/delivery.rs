//! One delivery of an endpoint: what is sent, and what the product answered.

use domain::{time::Timestamp, webhook_endpoint::EndpointState};
use leptos::{prelude::*, server_fn::ServerFn};
use views::webhook_endpoints::{DeliveryState, EventDeliveryPage, EventDeliveryRow, LastAttempt};

use super::{
    secret::Crumb,
    words::{answered, attempts},
};
use crate::{
    components::{
        badge::DeliveryBadge,
        description_list::{DescriptionList, Entry},
        id::Id,
        page_data::loaded,
        page_header::{PageHeader, Section},
        relative_time::RelativeTime,
        words::words,
    },
    paths,
    server_fns::{ResendWebhookEvent, load_webhook_delivery},
};

#[component]
pub fn WebhookDelivery() -> impl IntoView {
    let (id, event) = (paths::asked_endpoint(), paths::asked_event());
    loaded(
        move || load_webhook_delivery(id.clone(), event.clone()),
        |_, page| view! { <Page page /> }.into_any(),
    )
}

#[component]
fn Page(page: EventDeliveryPage) -> impl IntoView {
    let EventDeliveryPage { endpoint, row, body, now } = page;
    let again = (endpoint.state == EndpointState::Enabled).then(|| {
        view! {
            <form method="post" action=ResendWebhookEvent::url()>
                <input type="hidden" name="id" value=endpoint.id.to_string() />
                <input type="hidden" name="event" value=row.event.to_string() />
                <button class="button button--main" type="submit">
                    "Send again"
                </button>
            </form>
        }
    });
    view! {
        <Crumb endpoint=endpoint.clone() />
        <PageHeader title=row.kind.clone() sentence=sentence(&row, now) within=Some(endpoint.shown)>
            {again}
        </PageHeader>
        <Facts row now />
        <Section title="What is sent">
            <pre class="payload" dir="ltr" tabindex="0" role="region" aria-label="What is sent">
                <code>{body}</code>
            </pre>
        </Section>
    }
}

fn sentence(row: &EventDeliveryRow, now: Timestamp) -> String {
    match row.state {
        DeliveryState::Delivered => "The endpoint has taken it.".to_owned(),
        DeliveryState::Waits(at) if at > now => format!("It is sent at {}.", at.exact()),
        DeliveryState::Waits(_) => "It is sent now.".to_owned(),
        DeliveryState::Failed => {
            "The endpoint did not take it, and it is not tried again.".to_owned()
        }
    }
}

#[component]
fn Facts(row: EventDeliveryRow, now: Timestamp) -> impl IntoView {
    let tried = attempts(&row, now).map(|tried| view! { <span class="sub">{tried}</span> });
    let last = row.last.clone().map(|last| view! { <Last last now /> });
    view! {
        <DescriptionList>
            <Entry word="Event, and webhook-id">
                <Id text=row.event.to_string() whole=true />
            </Entry>
            <Entry word="State">
                <DeliveryBadge state=row.state />
                {tried}
            </Entry>
            <Entry word="Written">
                {row.created_at.exact()} ", " <RelativeTime at=row.created_at now />
            </Entry>
            {last}
        </DescriptionList>
    }
}

#[component]
fn Last(last: LastAttempt, now: Timestamp) -> impl IntoView {
    let word = if last.status.is_some() { "It answered" } else { "What went wrong" };
    let (at, answered) = (last.at, answered(&last));
    let said = last.answer.map(|said| view! { <Entry word=word>{words(said)}</Entry> });
    view! {
        <Entry word="Last attempt">{at.exact()} ", " <RelativeTime at now /></Entry>
        <Entry word="Status">{answered}</Entry>
        {said}
    }
}
