//! A product's webhook receiver that answers at once.

use std::sync::Arc;

use anyhow::{Context, Result};
use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use seatkeeper::clock::Stopwatch;
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use super::product::{Caller, Product};

/// An event that arrived, and when after the start of a stopwatch.
pub type Arrived = (Value, std::time::Duration);

pub struct Receiver {
    url: String,
    pub arrived: UnboundedReceiver<Arrived>,
}

struct Told {
    began: Stopwatch,
    to: UnboundedSender<Arrived>,
}

impl Receiver {
    pub async fn start(began: Stopwatch) -> Result<Self> {
        let (to, arrived) = unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/events", listener.local_addr()?);
        let router =
            Router::new().route("/events", post(take)).with_state(Arc::new(Told { began, to }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, arrived })
    }

    /// Registers the receiver; gives the path of the endpoint in the API.
    pub async fn register(&self, caller: &mut Caller, types: &[&str]) -> Result<String> {
        let body = serde_json::json!({ "url": self.url, "types": types });
        let endpoint = caller.ask("POST", "/webhook-endpoints", "", &body).await?;
        let id = endpoint["id"].as_str().context("the endpoint has no id")?;
        Ok(format!("/webhook-endpoints/{id}"))
    }
}

async fn take(State(told): State<Arc<Told>>, body: Bytes) -> StatusCode {
    let at = told.began.elapsed();
    let Ok(event) = serde_json::from_slice(&body) else { return StatusCode::BAD_REQUEST };
    let _ = told.to.send((event, at)); // an error means that the measurement is over
    StatusCode::NO_CONTENT
}

/// Removes an endpoint.
pub async fn remove(product: &Product, endpoint: &str) -> Result<()> {
    product.caller().await?.send("DELETE", endpoint, "", b"").await.map(|_| ())
}
