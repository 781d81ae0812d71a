//! A simulator whose messages arrive at a receiver, over real HTTP.

mod events;
mod faults;
mod sending;

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use domain::{
    event::EventPayload,
    id::{DirectoryUserId, OrganizationId, WebhookId},
};
use seatkeeper::scalekit::{
    payload::{ParsedBody, read},
    signature::{self, Headers, Secrets},
};

use super::{
    delivery_log::State as DeliveryState,
    world::{DirectoryPlan, Plan, Provider},
    *,
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_770_802_269);

fn acme(groups: usize, people: usize) -> Plan {
    let (id, name, domain) =
        (OrganizationId::new("org_1"), "Acme & Sons".to_owned(), "acme.test".to_owned());
    Plan {
        id,
        name,
        domain,
        directories: vec![DirectoryPlan { provider: Provider::Okta, groups, people }],
    }
}

pub(crate) fn world(groups: usize, people: usize) -> (World, OrganizationId) {
    (World::new(1, &[acme(groups, people)], NOW), OrganizationId::new("org_1"))
}

pub(crate) fn payload(body: &Body) -> EventPayload {
    match read(&body.json) {
        ParsedBody::Event(event) => {
            assert_eq!((event.envelope.kind.as_str(), event.mismatch), (body.kind, false));
            assert_eq!(event.envelope.organization.as_ref(), Some(&body.organization));
            event.payload
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) fn first_person(world: &World) -> DirectoryUserId {
    world.organizations()[0].people().next().unwrap().1.id()
}

/// A receiver that verifies everything and refuses the first few deliveries.
#[derive(Clone)]
pub(crate) struct Receiver {
    refusals: Arc<AtomicUsize>,
    pub(crate) taken: Arc<Mutex<Vec<(WebhookId, Timestamp, Body)>>>,
    pub(crate) clock: Clock,
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let secrets = Secrets::parse(SECRET).unwrap();
    let Ok(verified) =
        signature::verify(&secrets, Headers::from(&headers), &body, receiver.clock.now())
    else {
        return StatusCode::BAD_REQUEST;
    };
    let body =
        Body { kind: "", organization: OrganizationId::new(""), about: String::new(), json: body };
    receiver.taken.lock().unwrap().push((verified.webhook_id, verified.timestamp, body));
    // A new second for every attempt, so that each has its own timestamp and signature.
    receiver.clock.pass(Duration::from_secs(1));
    let refused = receiver
        .refusals
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
        .is_ok();
    if refused { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

/// A simulator a million times faster than real time, and its receiver.
pub(crate) async fn playing(world: World, refusals: usize) -> (Simulator, Receiver) {
    let _installed_before: Result<_, _> =
        rustls::crypto::ring::default_provider().install_default();
    let clock = Clock::still(NOW, 1);
    let receiver = Receiver {
        refusals: Arc::new(AtomicUsize::new(refusals)),
        taken: Arc::default(),
        clock: clock.clone(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/webhooks/scalekit", listener.local_addr().unwrap());
    let router =
        Router::new().route("/webhooks/scalekit", post(receive)).with_state(receiver.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (
        Simulator::with_time_factor(world, &to, Secret::parse(SECRET).unwrap(), clock, 1e-6)
            .unwrap(),
        receiver,
    )
}

/// Waits until no message is in progress.
pub(crate) async fn settled(simulator: &Simulator) {
    let open =
        || simulator.deliveries().iter().any(|delivery| delivery.state == DeliveryState::Retrying);
    while open() {
        tokio::task::yield_now().await;
    }
}
