//! `POST /oauth/token`: exchanges client credentials for a token that expires after a day.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Form, Json,
    extract::{State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::json;

use super::Api;
use domain::time::Timestamp;
use seatkeeper::clock::Clock;

/// How long a token is valid, as Scalekit says.
const LIFETIME: Duration = Duration::from_secs(86_399);

/// What a client of the API sends to get a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// The tokens that were issued, and until when each is valid.
pub(super) struct Tokens {
    credentials: Credentials,
    clock: Clock,
    given: Mutex<HashMap<String, Timestamp>>,
}

impl Tokens {
    pub(super) fn new(credentials: Credentials, clock: Clock) -> Self {
        Self { credentials, clock, given: Mutex::default() }
    }

    pub(super) fn is_good(&self, token: &str) -> bool {
        let now = self.clock.now();
        self.given().get(token).is_some_and(|until| now < *until)
    }

    /// Makes all tokens invalid.
    pub(super) fn forget(&self) {
        self.given().clear();
    }

    /// A new token. It looks like Scalekit's signed tokens, but it is valid because it is stored
    /// here.
    fn give(&self) -> String {
        let now = self.clock.now();
        let mut signature = [0; 32];
        self.clock.fill(&mut signature);
        let until = now.plus(LIFETIME);
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"snk_1","typ":"JWT"}"#);
        let claims = URL_SAFE_NO_PAD
            .encode(json!({"exp": until.seconds(), "sub": self.credentials.client_id}).to_string());
        let token = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature));
        let mut given = self.given();
        given.retain(|_, until| now < *until);
        given.insert(token.clone(), until);
        token
    }

    fn given(&self) -> MutexGuard<'_, HashMap<String, Timestamp>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
}

pub(super) async fn issue(
    State(api): State<Api>,
    asked: Result<Form<Asked>, FormRejection>,
) -> Response {
    let Ok(Form(asked)) = asked else {
        return refusal(StatusCode::BAD_REQUEST, "invalid_request", "the body is not a form");
    };
    if asked.grant_type != "client_credentials" {
        return refusal(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "grant_type must be client_credentials",
        );
    }
    let shown = Credentials { client_id: asked.client_id, client_secret: asked.client_secret };
    if shown != api.tokens.credentials {
        return refusal(StatusCode::UNAUTHORIZED, "invalid_client", "client authentication failed");
    }
    let token = api.tokens.give();
    Json(json!({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME.as_secs(), "scope": "openid"})).into_response()
}

/// The error has the form of OAuth, not of the gateway.
fn refusal(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({"error": error, "error_description": description}))).into_response()
}
