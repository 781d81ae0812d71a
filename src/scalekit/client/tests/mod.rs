//! Tests the client against a small server with prepared answers, over real HTTP.

mod answers;
mod tries;

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::*;

const ACME: &str = "org_53879494091473415";

/// Gives the answers of the script in order, then always 200 with `last`. It issues numbered
/// tokens.
#[derive(Default)]
struct Scalekit {
    script: Mutex<VecDeque<(u16, &'static str, Option<&'static str>)>>,
    last: &'static str,
    tokens: AtomicUsize,
    /// Only this token and later ones are accepted.
    oldest: AtomicUsize,
    no_token: bool,
    asked: Mutex<Vec<String>>,
}

impl Scalekit {
    fn saying(last: &'static str) -> Self {
        Self { last, ..Self::default() }
    }

    fn first(self, script: &[(u16, &'static str, Option<&'static str>)]) -> Self {
        *self.script.lock().unwrap() = script.iter().copied().collect();
        self
    }

    async fn open(self) -> (Arc<Self>, Client) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let scalekit = Arc::new(self);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&scalekit));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let credentials =
            Credentials { client_id: "skc_1".to_owned(), client_secret: "very-secret".to_owned() };
        let clock = Clock::still(Timestamp::from_seconds(1_790_000_000), 1);
        (scalekit, Client::new(address.parse().unwrap(), credentials, clock).unwrap())
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    State(scalekit): State<Arc<Scalekit>>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let uri = request.uri().clone();
    let body: Bytes = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    scalekit
        .asked
        .lock()
        .unwrap()
        .push(format!("{uri} {}", String::from_utf8_lossy(&body)).trim().to_owned());
    if uri.path() == "/oauth/token" {
        if scalekit.no_token {
            return (
                StatusCode::UNAUTHORIZED,
                include_str!("../samples/oauth_token.error_401.json"),
            )
                .into_response();
        }
        let number = scalekit.tokens.fetch_add(1, Ordering::SeqCst) + 1;
        return format!(
            r#"{{"access_token":"token{number}","token_type":"Bearer","expires_in":86399}}"#
        )
        .into_response();
    }
    let sent = headers[header::AUTHORIZATION]
        .to_str()
        .unwrap()
        .trim_start_matches("Bearer token")
        .parse::<usize>()
        .unwrap();
    if sent < scalekit.oldest.load(Ordering::SeqCst) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match scalekit.script.lock().unwrap().pop_front() {
        Some((status, body, after)) => {
            let headers = after.map(|after| [(header::RETRY_AFTER, after)]);
            let status = StatusCode::from_u16(status).unwrap();
            headers.map_or_else(
                || (status, body).into_response(),
                |headers| (status, headers, body).into_response(),
            )
        }
        None => scalekit.last.into_response(),
    }
}

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}
