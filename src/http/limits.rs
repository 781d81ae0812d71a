//! Limits of a request, besides those of its connection: the time for its body, the room that pages
//! leave to webhooks and health checks, and the number of live connections.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use super::{client::ClientAddress, session::Session};
use crate::{
    metrics::traffic::{NotServed, Traffic},
    shares::{Keyed, LiveLimit},
    state::AppState,
};
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::body::{Frame, SizeHint};
use ipnet::IpNet;
use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};

/// Seconds after which a client may retry a request that found no room.
const COME_AGAIN: &str = "5";

/// The answer to a request that found no room.
fn come_again() -> Response {
    let sentence = "Seatkeeper has no room for this request. Try again in a few seconds.\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, COME_AGAIN)], sentence).into_response()
}

/// The time for a whole body, however slowly it comes.
#[derive(Clone, Debug)]
pub struct BodyTime {
    pub limit: Duration,
    pub traffic: Traffic,
}

/// Answers 408 if a body is not complete in time, and closes an HTTP/1 connection.
pub async fn body_in_time(State(time): State<BodyTime>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let version = request.version();
    let (open, complete) = oneshot::channel::<()>();
    let request = request.map(|body| Body::new(With { body, held: Some(open) }));
    let is_late = async { timeout(time.limit, complete).await.is_err() };
    tokio::select! {
        biased;
        response = next.run(request) => response,
        true = is_late => {
            time.traffic.not_served(NotServed::Body);
            too_slow(version)
        }
    }
}

/// Whether the length of a body, which its request announces, is over the limit.
pub(super) fn is_announced_over(body: &Body, limit: usize) -> bool {
    u64::try_from(limit).is_ok_and(|limit| body.size_hint().lower() > limit)
}

fn too_slow(version: Version) -> Response {
    let mut response =
        (StatusCode::REQUEST_TIMEOUT, "The request’s body did not arrive in time.\n")
            .into_response();
    if version < Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The requests that pages, forms, assets and live connections may have in progress at once.
#[derive(Clone, Debug)]
pub struct Room {
    places: Arc<Semaphore>,
    of_client: Arc<Keyed<IpNet>>,
    traffic: Traffic,
}

impl Room {
    pub fn new(places: usize, traffic: Traffic) -> Self {
        // One client, perhaps a whole office, leaves room for the others.
        let of_client = Arc::new(Keyed::new((places / 4).max(1)));
        Self { places: Arc::new(Semaphore::new(places)), of_client, traffic }
    }
}

/// Answers 503 to a request that finds no place. The place is free again once the answer was sent.
/// A body must be complete before, so that a client that holds its body back has no place.
pub async fn with_room(State(room): State<Room>, request: Request, next: Next) -> Response {
    let client = request.extensions().get::<ClientAddress>().map(|client| client.network());
    let of_client = client
        .map(|client| room.of_client.take(&client).ok_or(NotServed::FullOfAddress))
        .transpose();
    let of_client = match of_client {
        Ok(place) => place,
        Err(why) => {
            room.traffic.not_served(why);
            return come_again();
        }
    };
    let Ok(place) = room.places.try_acquire_owned() else {
        room.traffic.not_served(NotServed::Full);
        return come_again();
    };
    next.run(request).await.map(|body| Body::new(With { body, held: Some((place, of_client)) }))
}

/// Adds a live connection, if the shares of its account and of its address allow one more.
pub async fn with_live_share(
    State(state): State<AppState>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    let Ok(Some(viewer)) = session.viewer(&state).await else {
        return next.run(request).await; // the route reports what is wrong
    };
    let client = request.extensions().get::<ClientAddress>().map(|client| client.network());
    match state.shares.live(&viewer.account, client) {
        Ok(share) => {
            next.run(request).await.map(|body| Body::new(With { body, held: Some(share) }))
        }
        Err(limit) => {
            state.metrics.traffic.not_served(match limit {
                LiveLimit::All => NotServed::Live,
                LiveLimit::Account => NotServed::LiveOfAccount,
                LiveLimit::Address => NotServed::LiveOfAddress,
            });
            come_again()
        }
    }
}

/// A body, and a value that is held until the body ends.
struct With<T> {
    body: Body,
    held: Option<T>,
}

impl<T: Send + Unpin + 'static> HttpBody for With<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if !matches!(polled, Poll::Pending | Poll::Ready(Some(Ok(_)))) {
            self.held = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware::from_fn_with_state, routing::get};
    use tokio::sync::Notify;
    use tower::ServiceExt;

    use super::*;
    use crate::metrics::Metrics;

    fn ask(path: &str) -> Request {
        Request::get(path).body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn all_addresses_of_an_ipv6_network_have_one_part_of_the_room() {
        let pages = Router::new().route("/quick", get(async || "here"));
        let pages =
            pages.layer(from_fn_with_state(Room::new(8, Metrics::default().traffic), with_room));
        let from = |address: &str| {
            let mut request = ask("/quick");
            request.extensions_mut().insert(ClientAddress(address.parse().unwrap()));
            pages.clone().oneshot(request)
        };
        let held = (from("2001:db8::1").await.unwrap(), from("2001:db8::2").await.unwrap());

        assert_eq!(from("2001:db8::3").await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(from("2001:db8:0:1::3").await.unwrap().status(), StatusCode::OK);
        drop(held);
        assert_eq!(from("2001:db8::3").await.unwrap().status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn pages_leave_room_to_webhooks_and_are_refused_for_now() {
        let (metrics, entered) = (Metrics::default(), Arc::new(Notify::new()));
        let began = entered.clone();
        let pages = Router::new()
            .route(
                "/page",
                get(async move || {
                    began.notify_one();
                    std::future::pending::<()>().await;
                }),
            )
            .route("/quick", get(async || "here"))
            .layer(from_fn_with_state(Room::new(1, metrics.traffic.clone()), with_room));
        let all = pages.merge(Router::new().route("/webhook", get(async || "taken")));
        let open = tokio::spawn(all.clone().oneshot(ask("/page")));
        entered.notified().await;

        let refused = all.clone().oneshot(ask("/quick")).await.unwrap();

        assert_eq!(
            (refused.status(), &refused.headers()[header::RETRY_AFTER]),
            (StatusCode::SERVICE_UNAVAILABLE, &HeaderValue::from_static("5"))
        );
        assert_eq!(all.clone().oneshot(ask("/webhook")).await.unwrap().status(), StatusCode::OK);
        assert!(
            metrics
                .text(&[])
                .unwrap()
                .contains("seatkeeper_requests_not_served_total{reason=\"full\"} 1")
        );
        open.abort();
        let _ = open.await; // it was aborted, so its place is free
        let answer = all.clone().oneshot(ask("/quick")).await.unwrap();
        assert_eq!(
            all.clone().oneshot(ask("/quick")).await.unwrap().status(),
            StatusCode::SERVICE_UNAVAILABLE,
            "its body is on its way"
        );
        drop(answer);
        assert_eq!(all.oneshot(ask("/quick")).await.unwrap().status(), StatusCode::OK);
    }
}
