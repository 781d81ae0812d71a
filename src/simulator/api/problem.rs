//! An error as the gateway writes it: a gRPC status as JSON, with an `ErrorInfo` that says more.

use std::time::{Duration, UNIX_EPOCH};

use axum::{
    Json,
    http::{
        StatusCode,
        header::{DATE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

const ERROR_INFO: &str = "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// A field breaks a rule.
    Invalid {
        field: &'static str,
        description: String,
        constraint: &'static str,
    },
    /// The requested resource does not exist: an organization or a directory.
    Missing(&'static str),
    Unauthenticated(&'static str),
    /// `retry_after` is in seconds; `None` leaves the header out.
    RateLimited {
        retry_after: Option<u64>,
    },
    /// The same with `Retry-After` as a date, and with the `Date` of the answer.
    RateLimitedUntil {
        now: i64,
        until: i64,
    },
    Broken,
    Unavailable,
    NoSuchPath,
    NoSuchMethod,
}

impl Problem {
    pub(super) fn invalid(
        field: &'static str,
        description: impl Into<String>,
        constraint: &'static str,
    ) -> Self {
        Self::Invalid { field, description: description.into(), constraint }
    }

    /// The gRPC code, and the HTTP status that a gateway makes of it.
    fn code(&self) -> (u8, StatusCode) {
        match self {
            Self::Invalid { .. } => (3, StatusCode::BAD_REQUEST),
            Self::Missing(_) | Self::NoSuchPath => (5, StatusCode::NOT_FOUND),
            Self::Unauthenticated(_) => (16, StatusCode::UNAUTHORIZED),
            Self::RateLimited { .. } | Self::RateLimitedUntil { .. } => {
                (8, StatusCode::TOO_MANY_REQUESTS)
            }
            Self::Broken => (13, StatusCode::INTERNAL_SERVER_ERROR),
            Self::Unavailable => (14, StatusCode::SERVICE_UNAVAILABLE),
            Self::NoSuchMethod => (12, StatusCode::NOT_IMPLEMENTED),
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Invalid { field, description, .. } => format!("{field}: {description}"),
            Self::Missing(resource) => format!("{resource} not found"),
            Self::Unauthenticated(why) => (*why).to_owned(),
            Self::RateLimited { .. } | Self::RateLimitedUntil { .. } => {
                "rate limit exceeded".to_owned()
            }
            Self::Broken => "internal error".to_owned(),
            Self::Unavailable => "service unavailable".to_owned(),
            Self::NoSuchPath => "Not Found".to_owned(),
            Self::NoSuchMethod => "Method Not Allowed".to_owned(),
        }
    }

    fn details(&self) -> Value {
        match self {
            Self::Invalid { field, description, constraint } => json!([{
                "@type": ERROR_INFO,
                "error_code": "INVALID_ARGUMENT",
                "validation_error_info": {
                    "field_violations": [{"field": field, "description": description, "constraint": constraint}],
                },
            }]),
            Self::Missing(resource) => json!([{
                "@type": ERROR_INFO,
                "error_code": "NOT_FOUND",
                "resource_info": {"resource_name": resource, "description": self.message()},
            }]),
            Self::Unauthenticated(_) => {
                json!([{"@type": ERROR_INFO, "error_code": "UNAUTHENTICATED"}])
            }
            Self::RateLimited { .. } | Self::RateLimitedUntil { .. } => {
                json!([{"@type": ERROR_INFO, "error_code": "RATE_LIMITED"}])
            }
            Self::Broken => json!([{"@type": ERROR_INFO, "error_code": "INTERNAL_ERROR"}]),
            Self::Unavailable => json!([{"@type": ERROR_INFO, "error_code": "UNAVAILABLE"}]),
            // These are the gateway's own answers: it reached no service that could say more.
            Self::NoSuchPath | Self::NoSuchMethod => json!([]),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (code, status) = self.code();
        let answer = (
            status,
            Json(json!({"code": code, "message": self.message(), "details": self.details()})),
        );
        match self {
            Self::RateLimited { retry_after: Some(seconds) } => {
                ([(RETRY_AFTER, seconds.to_string())], answer).into_response()
            }
            Self::RateLimitedUntil { now, until } => {
                ([(DATE, http_date(now)), (RETRY_AFTER, http_date(until))], answer).into_response()
            }
            _ => answer.into_response(),
        }
    }
}

/// Seconds since 1970, as HTTP writes a date.
fn http_date(seconds: i64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}
