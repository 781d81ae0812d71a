//! `Idempotency-Key`: a call that is sent twice is done once, and answered twice.

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::api_key::KeyScope;
use seatkeeper::{
    commands::{self, KeptAnswer, Once},
    state::AppState,
};

use super::{Caller, Problem};

const NAME: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is the one of an earlier call.
const REPEATED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest body of any call, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;
const LONGEST_NAME: usize = 255;

/// Does a `POST` that names itself once.
pub async fn once(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    // An import reads its body as a stream, and looks at its name itself. A key that only reads,
    // and a path that is none, are refused in any case: nothing is kept of them.
    let path = request.extensions().get::<MatchedPath>();
    let is_kept = path.is_some_and(|path| !path.as_str().ends_with("/imports"));
    let scopes = &caller.key.scopes;
    let may_write = scopes.allow(KeyScope::Write) || scopes.allow(KeyScope::Import);
    if *request.method() != Method::POST || !is_kept || !may_write {
        return next.run(request).await;
    }
    match named(request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(name)) => match answered(&state, (&caller, &name), request, next).await {
            Ok(response) => response,
            Err(problem) => problem.into_response(),
        },
        Err(problem) => problem.into_response(),
    }
}

pub(super) fn named(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(name) = headers.get(NAME) else { return Ok(None) };
    let name = name.to_str().map_err(|_| Problem::idempotency_key())?;
    let fits = (1..=LONGEST_NAME).contains(&name.len());
    if fits && name.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Some(name.to_owned()))
    } else {
        Err(Problem::idempotency_key())
    }
}

async fn answered(
    state: &AppState,
    (caller, name): (&Caller, &str),
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LONGEST).await.map_err(|_| Problem::body_too_large(LONGEST))?;
    let path = parts.uri.to_string();
    let call = (&caller.key, name);
    match commands::begin_once(state, call, &[path.as_bytes(), &body]).await? {
        Once::First => {}
        Once::Done(answer) => return Ok(repeated(answer)),
        Once::InFlight => return Err(Problem::in_flight()),
        Once::InDoubt => return Err(Problem::in_doubt()),
        Once::Another => return Err(Problem::another_call()),
    }
    // it runs to its end even if the client goes away, so that its answer is kept
    let (state, key, name) = (state.clone(), caller.key.clone(), name.to_owned());
    let done = tokio::spawn(async move {
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let answer = is_final(head.status).then(|| KeptAnswer {
            status: head.status.as_u16(),
            body: String::from_utf8_lossy(&body).into_owned(),
            etag: head.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(Into::into),
        });
        if let Err(error) = commands::end_once(&state, (&key, &name), answer.as_ref()).await {
            tracing::error!(%error, "the answer of a call was not kept");
        }
        Response::from_parts(head, Body::from(body))
    });
    done.await.map_err(Problem::internal)
}

/// Whether the same call would be answered so again. A call whose body was not read leaves nothing
/// behind.
fn is_final(status: StatusCode) -> bool {
    let is_read =
        status != StatusCode::UNSUPPORTED_MEDIA_TYPE && status != StatusCode::PAYLOAD_TOO_LARGE;
    is_read && !status.is_server_error() && status != StatusCode::TOO_MANY_REQUESTS
}

pub(super) fn repeated(answer: KeptAnswer) -> Response {
    let KeptAnswer { status, body, etag } = answer;
    let status = StatusCode::from_u16(status).unwrap_or_default();
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    let headers = [(header::CONTENT_TYPE, kind), (REPEATED, "true")];
    let mut response = (status, headers, body).into_response();
    if let Some(tag) = etag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
