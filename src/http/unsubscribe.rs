//! The one-click end of digests (RFC 8058). A mail program sends it without a session; the token in
//! the address is the right to it. A GET shows a page and changes nothing, because scanners open
//! each link of an e-mail.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use tracing::error;

use super::HttpState;
use crate::commands::{self, Error};

/// The longest token that is looked for.
const LONGEST: usize = 100;

/// 200 once the digests have ended, also if they had before.
pub async fn one_click(State(http_state): State<HttpState>, Path(token): Path<String>) -> Response {
    if token.len() > LONGEST || token.contains('\0') {
        return missing();
    }
    match commands::unsubscribe(&http_state.state, &token).await {
        Ok(_) => "You get no more digests.\n".into_response(),
        Err(Error::Missing) => missing(),
        Err(error) => {
            error!(%error, "digests could not be ended");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "There is no such digest.\n").into_response()
}
