//! Ends the reactive owner of a page when its client goes away in the middle of the page.
//!
//! Leptos cleans an owner up at the end of the page alone. The owner of an abandoned page may keep
//! itself alive for ever, because a task that it stores refers to it, and with it the share of the
//! account: after some of them the account gets no page any more.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::request::Parts,
    middleware::Next,
    response::Response,
};
use futures_util::StreamExt;
use leptos::{prelude::use_context, reactive::owner::Owner};

/// The owner of a request, once it has one.
#[derive(Clone, Debug, Default)]
struct RequestOwner(Arc<Mutex<Option<Owner>>>);

/// Cleans the owner up when it is dropped: with the body of the answer, or with a request that is
/// never answered.
#[derive(Debug)]
struct CleanUp(RequestOwner);

impl Drop for CleanUp {
    fn drop(&mut self) {
        let owner = self.0.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(owner) = owner {
            owner.cleanup();
        }
    }
}

/// Names the current owner as the one of this request. Part of the context of each page.
pub fn note_owner() {
    let parts = use_context::<Parts>();
    let noted = parts.as_ref().and_then(|parts| parts.extensions.get::<RequestOwner>());
    if let Some(RequestOwner(noted)) = noted {
        *noted.lock().unwrap_or_else(PoisonError::into_inner) = Owner::current();
    }
}

pub async fn end_owner(mut request: Request, next: Next) -> Response {
    let owner = RequestOwner::default();
    let clean_up = CleanUp(owner.clone());
    request.extensions_mut().insert(owner);
    let (head, body) = next.run(request).await.into_parts();
    if body.is_end_stream() || body.size_hint().exact().is_some() {
        return Response::from_parts(head, body); // nothing of it is still being rendered
    }
    let body = body.into_data_stream().map(move |part| {
        let _kept_until_the_end = &clean_up;
        part
    });
    Response::from_parts(head, Body::from_stream(body))
}
