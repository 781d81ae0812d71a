//! The faults of the API: calls that fail, answers that end too early, and pages with wrong
//! content.

use std::{sync::PoisonError, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{
        HeaderValue, Response as Answered, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
    },
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use futures_util::stream;
use serde_json::{Value, json};

use super::{
    Api,
    malformed::{halved, inject_fault as spoil_entry},
    paging::{Listing, PageStart},
    problem::Problem,
};
use crate::fault::{Fault, Faults};

const PAGES: [Fault; 10] = [
    Fault::ShiftingPages,
    Fault::TruncatedPage,
    Fault::CutList,
    Fault::EmptyPage,
    Fault::LyingTotal,
    Fault::RepeatedToken,
    Fault::EndlessPaging,
    Fault::UntoldEnd,
    Fault::ShrinkingTotal,
    Fault::MalformedEntry,
];
/// A size that no client should read to the end.
const OVERSIZED: usize = 17 * 1_024 * 1_024;
/// The most that is read of an answer of our own, in bytes.
const MOST_ANSWER_BYTES: usize = 16 * 1_024 * 1_024;

/// Wraps every call that has a valid token.
pub(super) async fn inject_fault(State(api): State<Api>, request: Request, next: Next) -> Response {
    let faults = api.simulator.faults().clone();
    let (call, latency) = (faults.next_call(), faults.latency());
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    if let Some(problem) = failure(&api, &faults, call) {
        return problem.into_response();
    }
    if let Some(strange) = no_json(&faults, call) {
        return strange;
    }
    let (listing, token) =
        (listing(request.uri().path()), page_token(request.uri().query().unwrap_or_default()));
    if listing.is_some() && is_too_many(&api, &faults) {
        return Problem::RateLimited { retry_after: None }.into_response();
    }
    if !token.is_empty() && faults.hits(Fault::StaleToken, call) {
        return Problem::invalid("page_token", "value is expired", "page_token").into_response();
    }
    let response = next.run(request).await;
    let response = match listing {
        Some(listing) if response.status().is_success() => {
            page(response, (listing, call), &token, |fault| faults.hits(fault, call)).await
        }
        _ => response,
    };
    let response =
        if faults.hits(Fault::WrongType, call) { named(response, "text/html") } else { response };
    if faults.hits(Fault::DroppedConnection, call) { hang_up(response).await } else { response }
}

/// The failure of a call, if a fault makes it fail.
fn failure(api: &Api, faults: &Faults, call: u64) -> Option<Problem> {
    let hits = |fault| faults.hits(fault, call);
    if hits(Fault::TokenExpiry) {
        api.tokens.forget();
        return Some(Problem::Unauthenticated("Token invalid or expired"));
    }
    let now = api.simulator.clock.now().seconds();
    let problems = [
        (Fault::RateLimit, Problem::RateLimited { retry_after: Some(1) }),
        (Fault::RateLimitDate, Problem::RateLimitedUntil { now, until: now + 20 }),
        (Fault::RateLimitSilent, Problem::RateLimited { retry_after: None }),
        (Fault::Error500, Problem::Broken),
        (Fault::Error503, Problem::Unavailable),
    ];
    problems.into_iter().find_map(|(fault, problem)| hits(fault).then_some(problem))
}

/// Whether this list call exceeds the limit of the last minute. A call that does not exceed it is
/// counted.
fn is_too_many(api: &Api, faults: &Faults) -> bool {
    let Some(most) = faults.a_minute() else { return false };
    let now = api.simulator.clock.now();
    let mut answered = api.minute.lock().unwrap_or_else(PoisonError::into_inner);
    answered.retain(|at| now.since(*at) < Duration::from_mins(1));
    let is_too_many = answered.len() >= most;
    if !is_too_many {
        answered.push_back(now);
    }
    is_too_many
}

/// An answer without the requested JSON, if a fault asks for one.
fn no_json(faults: &Faults, call: u64) -> Option<Response> {
    let hits = |fault| faults.hits(fault, call);
    if hits(Fault::HtmlAnswer) {
        return Some(Html("<!doctype html><title>We will be back soon</title>").into_response());
    }
    if hits(Fault::Compressed) {
        let gzip = [0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00];
        return Some(([(CONTENT_ENCODING, "gzip")], gzip.to_vec()).into_response());
    }
    if hits(Fault::Oversized) {
        return Some(vec![b' '; OVERSIZED].into_response());
    }
    hits(Fault::Redirect)
        .then(|| (StatusCode::FOUND, [(LOCATION, "http://127.0.0.1:9/elsewhere")]).into_response())
}

fn named(mut response: Response, kind: &'static str) -> Response {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The listing at a path, if it comes in pages.
fn listing(path: &str) -> Option<Listing> {
    match path.rsplit('/').next()? {
        "users" => Some(Listing::Users),
        "groups" => Some(Listing::Groups),
        "organizations" => Some(Listing::Organizations),
        "paginated" => Some(Listing::Events),
        _ => None,
    }
}

fn page_token(query: &str) -> String {
    let parameters = url::form_urlencoded::parse(query.as_bytes());
    parameters
        .filter(|(name, _)| name == "page_token" || name == "pageToken")
        .map(|(_, token)| token.into_owned())
        .next()
        .unwrap_or_default()
}

/// Applies every fault that hits to a page.
async fn page(
    response: Response,
    (listing, call): (Listing, u64),
    token: &str,
    hits: impl Fn(Fault) -> bool,
) -> Response {
    let wrong: Vec<_> = PAGES.into_iter().filter(|fault| hits(*fault)).collect();
    if wrong.is_empty() {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let bytes = to_bytes(body, MOST_ANSWER_BYTES).await.unwrap_or_default();
    let mut page: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    for fault in &wrong {
        falsify(&mut page, *fault, (listing, call), token);
    }
    let mut text = halved(&page.to_string()).into_bytes();
    if wrong.contains(&Fault::TruncatedPage) {
        text.truncate(text.len() / 2);
    }
    head.headers.remove(CONTENT_LENGTH);
    Answered::from_parts(head, Body::from(text))
}

fn falsify(page: &mut Value, fault: Fault, (listing, call): (Listing, u64), token: &str) {
    let next = page["next_page_token"].as_str().unwrap_or_default().to_owned();
    match fault {
        Fault::CutList => entries(page, listing, |entries| entries.truncate(entries.len() / 2)),
        // The last page stays as it is, because an empty page must have more pages after it.
        Fault::EmptyPage if !next.is_empty() => entries(page, listing, Vec::clear),
        Fault::LyingTotal => {
            if let Some(total) = page["total_size"].as_u64() {
                page["total_size"] = json!(total + 10);
            }
        }
        Fault::ShiftingPages if !next.is_empty() => {
            let so_far = if let Some(PageStart::Behind(position)) = listing.start(token) {
                position
            } else {
                0
            };
            let here = page[listing.name()].as_array().map_or(0, Vec::len) as u64;
            page["next_page_token"] = json!(listing.token(PageStart::Behind(so_far + here)));
        }
        Fault::RepeatedToken if !token.is_empty() => page["next_page_token"] = json!(token),
        Fault::UntoldEnd => {
            page["total_size"] = Value::Null;
            page["next_page_token"] = json!(listing.renewed(&next, call));
        }
        Fault::ShrinkingTotal if !token.is_empty() => {
            page["total_size"] = json!(page["total_size"].as_u64().unwrap_or(0).saturating_sub(3));
        }
        Fault::MalformedEntry if listing != Listing::Events => {
            entries(page, listing, |entries| spoil_entry(entries, call));
        }
        Fault::EndlessPaging if next.is_empty() => {
            page["next_page_token"] = json!(listing.token(PageStart::After(0)));
        }
        _ => {}
    }
}

fn entries(page: &mut Value, listing: Listing, change: impl FnOnce(&mut Vec<Value>)) {
    if let Some(entries) = page[listing.name()].as_array_mut() {
        change(entries);
    }
}

/// Sends half of the answer and then breaks the connection.
async fn hang_up(response: Response) -> Response {
    let (head, body) = response.into_parts();
    let mut bytes = to_bytes(body, MOST_ANSWER_BYTES).await.unwrap_or_default();
    bytes.truncate(bytes.len() / 2);
    let pieces: [Result<Bytes, std::io::Error>; 2] =
        [Ok(bytes), Err(std::io::Error::other("the line is dead"))];
    // The announced length stays the same, so a caller that compares it notices the missing half.
    Answered::from_parts(head, Body::from_stream(stream::iter(pieces)))
}
