//! Tests each fault of the API as a caller sees it.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Caller;
use crate::fault::{Fault, FaultRate};

/// Thirty-five people in pages of ten, and a fault that always hits.
async fn with(fault: Fault) -> Caller {
    let caller = Caller::acme(2, 35).await;
    caller.simulator.faults().switch_on(FaultRate { fault, amount: 1.0 });
    caller
}

impl Caller {
    /// Status, `Retry-After` and body of the first page of users, or of the page that `query`
    /// selects.
    async fn raw(&self, query: &str) -> Result<(u16, Option<String>, String), reqwest::Error> {
        let url = format!("{}/api/v1{}/users{query}", self.url, self.directory(0));
        let response = self.http.get(url).bearer_auth(&self.token).send().await?;
        let retry_after =
            response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        Ok((response.status().as_u16(), retry_after, response.text().await?))
    }

    async fn users(&self, query: &str) -> serde_json::Value {
        self.good(&format!("{}/users{query}", self.directory(0))).await
    }
}

#[tokio::test]
async fn a_call_fails_with_its_status_and_code() {
    for (fault, status, code, retry_after) in [
        (Fault::RateLimit, 429, 8, Some("1")),
        (Fault::RateLimitSilent, 429, 8, None),
        (Fault::Error500, 500, 13, None),
        (Fault::Error503, 503, 14, None),
    ] {
        let caller = with(fault).await;
        let (answered, asked, body) = caller.raw("").await.unwrap();
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (answered, asked.as_deref(), &body["code"]),
            (status, retry_after, &json!(code)),
            "{fault}"
        );
        if status == 429 {
            let sample: serde_json::Value =
                serde_json::from_str(include_str!("../../../tests/rest/error_429.json")).unwrap();
            assert_eq!(body, sample);
        }
        caller.simulator.faults().switch_off(fault);
        assert_eq!(caller.raw("").await.unwrap().0, 200, "{fault} is over");
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the latency is the machine's")]
async fn a_slow_call_takes_its_time() {
    let caller = with(Fault::RateLimit).await;
    caller.simulator.faults().switch_off(Fault::RateLimit);
    caller.simulator.faults().switch_on(FaultRate { fault: Fault::Slow, amount: 50.0 });

    let start = Instant::now();
    caller.users("").await;

    assert!(start.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_dropped_connection_is_no_answer() {
    let caller = with(Fault::DroppedConnection).await;
    assert!(caller.raw("").await.is_err());
}

#[tokio::test]
async fn an_expired_token_is_replaced_by_a_new_one() {
    let caller = with(Fault::TokenExpiry).await;
    assert_eq!(caller.raw("").await.unwrap().0, 401);
    caller.simulator.faults().switch_off(Fault::TokenExpiry);
    assert_eq!(caller.raw("").await.unwrap().0, 401, "it stays forgotten");
    assert_eq!(caller.ask_for_token("skc_1", "sesame").await.0, 200);
}

#[tokio::test]
async fn a_truncated_page_is_no_json() {
    let caller = with(Fault::TruncatedPage).await;
    let (status, _, body) = caller.raw("").await.unwrap();
    assert_eq!(status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&body).is_err(), "{body}");
}

#[tokio::test]
async fn pages_lie() {
    let cut = with(Fault::CutList).await.users("").await;
    assert_eq!((cut["users"].as_array().unwrap().len(), &cut["total_size"]), (5, &json!(35)));

    let empty = with(Fault::EmptyPage).await.users("").await;
    assert_eq!(empty["users"], json!([]));
    assert_ne!(empty["next_page_token"], json!(""));

    assert_eq!(with(Fault::LyingTotal).await.users("").await["total_size"], json!(45));

    let caller = with(Fault::RepeatedToken).await;
    let second =
        format!("?page_token={}", caller.users("").await["next_page_token"].as_str().unwrap());
    assert!(second.ends_with(caller.users(&second).await["next_page_token"].as_str().unwrap()));

    let caller = with(Fault::EndlessPaging).await;
    let mut token = String::new();
    for _ in 0..20 {
        caller.users(&format!("?page_token={token}")).await["next_page_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut token);
        assert_ne!(token, "");
    }
}

#[tokio::test]
async fn a_share_of_the_calls_is_spoiled_and_the_same_ones_again() {
    let spoiled = async || {
        let caller = Caller::acme(0, 1).await;
        caller.simulator.faults().switch_on(Fault::Error503);
        let mut answers = Vec::new();
        for _ in 0..40 {
            answers.push(caller.get("/organizations").await.0);
        }
        answers
    };
    let first = spoiled().await;
    assert_eq!(first, spoiled().await);
    assert!(first.contains(&200) && first.contains(&503), "{first:?}");
}
