//! The refusals of the API, as problem details (RFC 9457). A `code` is stable: programs may compare
//! it.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    api_key::KeyScope,
    refusal::{ApiKeyRefusal, Refusal},
};
use seatkeeper::{
    commands::{self, KeyError},
    db::is_time_limit,
};
use serde::Serialize;
use utoipa::ToSchema;

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Why a call was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    #[serde(serialize_with = "number")]
    #[schema(value_type = u16)]
    status: StatusCode,
    /// Stable.
    code: &'static str,
    /// The same for each problem with this status.
    title: &'static str,
    /// A sentence about this call.
    detail: String,
    /// The member of the body, or the parameter, that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// A header that belongs to the answer.
    #[serde(skip)]
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or_default();
        Self { status, code, title, detail: detail.into(), field: None, header: None }
    }

    /// The refusal names the field of a form; the body calls it so.
    #[must_use]
    pub fn about(self, member: &'static str) -> Self {
        Self { field: Some(member), ..self }
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    fn with(self, name: HeaderName, value: &str) -> Self {
        let header = HeaderValue::from_str(value).ok().map(|value| Box::new((name, value)));
        Self { header, ..self }
    }

    /// The same for what belongs to another tenant as for what does not exist.
    pub fn missing() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here.")
    }

    pub fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Use another method here.")
    }

    pub fn no_key() -> Self {
        let says = "Send your API key as “Authorization: Bearer sk_…”.";
        Self::new(StatusCode::UNAUTHORIZED, "key-missing", says)
            .with(header::WWW_AUTHENTICATE, "Bearer")
    }

    /// Why a key opens nothing.
    pub fn of_key(error: KeyError) -> Self {
        let code = match error {
            KeyError::Database(error) => return commands::Error::Database(error).into(),
            KeyError::Mistyped => "key-mistyped",
            KeyError::Unknown => "key-unknown",
            KeyError::Expired => "key-expired",
            KeyError::Revoked => "key-revoked",
        };
        Self::new(StatusCode::UNAUTHORIZED, code, error.to_string())
            .with(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
    }

    pub fn scope(needs: KeyScope) -> Self {
        let detail = format!("This call needs a key with the scope “{}”.", needs.as_str());
        Self::new(StatusCode::FORBIDDEN, "scope-missing", detail)
    }

    /// The key is bound to an organization, and the call is for the installation's keys.
    pub fn of_installation() -> Self {
        let detail =
            "This call needs a key of the installation; this one belongs to an organization.";
        Self::new(StatusCode::FORBIDDEN, "installation-only", detail)
    }

    pub fn too_many(seconds: u64) -> Self {
        let detail = "Too many calls with this key. Wait, then try again.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-calls", detail)
            .with(header::RETRY_AFTER, &seconds.to_string())
    }

    /// As many calls as may wait with one key wait already.
    pub fn too_many_waiting() -> Self {
        let detail = "Ten calls with this key wait for events already. Let one of them end first.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-waiting", detail)
            .with(header::RETRY_AFTER, "1")
    }

    /// Events that the caller has not read are too old and were removed.
    pub fn events_removed(start: i64) -> Self {
        let detail = format!(
            "Events behind this number are gone, because they were kept for 30 days. Read what you need anew, then go on with “after={start}”."
        );
        Self { field: Some("after"), ..Self::new(StatusCode::GONE, "events-removed", detail) }
    }

    pub fn busy() -> Self {
        let detail = "Seatkeeper is busy. Try again in a few seconds.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).with(header::RETRY_AFTER, "5")
    }

    pub fn unknown_parameter(name: &str) -> Self {
        let detail = format!("There is no parameter “{}” here.", shown(name));
        Self::new(StatusCode::BAD_REQUEST, "unknown-parameter", detail)
    }

    pub fn parameter(name: &'static str, detail: &str) -> Self {
        let problem = Self::new(StatusCode::BAD_REQUEST, "bad-parameter", detail);
        Self { field: Some(name), ..problem }
    }

    /// The cursor is not one that the list has given.
    pub fn cursor() -> Self {
        let detail = "Take the cursor from the “next_cursor” of the same list.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "cursor", detail).about("cursor")
    }

    /// The feed has not come so far.
    pub fn event_to_come() -> Self {
        let detail = "No event has this number yet. Take “after” from an answer.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "event-to-come", detail).about("after")
    }

    /// The group that a filter names.
    pub fn group_id() -> Self {
        let detail = "This is no id of a group.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "group-id", detail).about("group")
    }

    /// Of a decision by hand.
    pub fn position(detail: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "decision-position", detail).about("position")
    }

    /// A policy that has no groups.
    pub fn policy_without_groups() -> Self {
        let code = Refusal::PolicyGroups.code();
        let detail = "Only the policy “groups” has groups.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).about("groups")
    }

    /// The organization that a body names.
    pub fn unknown_organization() -> Self {
        let detail = "There is no organization with this id.";
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "organization-unknown", detail);
        problem.about("organization_id")
    }

    pub fn content_type(wanted: &str) -> Self {
        let detail = format!("Send the body as {wanted}, and say so in “Content-Type”.");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", detail)
    }

    pub fn body_too_large(most: usize) -> Self {
        let detail = format!("A body has at most {most} bytes here.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail)
    }

    pub fn body(why: &str) -> Self {
        let detail = format!("The body is not what this call takes: {}.", shown(why));
        Self::new(StatusCode::BAD_REQUEST, "bad-body", detail)
    }

    pub fn no_precondition() -> Self {
        let detail =
            "Send “If-Match” with the version that you have read, or with * to overwrite any.";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "if-match-missing", detail)
    }

    /// A number without quotation marks would be a version that was not read.
    pub fn if_match() -> Self {
        let detail = "“If-Match” is * or a version in quotation marks, as “ETag” has it: \"7\".";
        Self::new(StatusCode::BAD_REQUEST, "if-match", detail)
    }

    /// The version of `If-Match` is no version, so it is none that exists.
    pub fn stale() -> Self {
        let detail = "It has another version now. Read it again, then decide.";
        Self::new(StatusCode::PRECONDITION_FAILED, "changed", detail)
    }

    pub fn idempotency_key() -> Self {
        let detail = "An “Idempotency-Key” has 1 to 255 visible ASCII characters.";
        Self::new(StatusCode::BAD_REQUEST, "idempotency-key", detail)
    }

    pub fn another_call() -> Self {
        let detail = "This “Idempotency-Key” belongs to another call. Use a new one.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail)
    }

    pub fn in_flight() -> Self {
        let detail =
            "The call with this “Idempotency-Key” is still running. Try again in a moment.";
        Self::new(StatusCode::CONFLICT, "in-flight", detail).with(header::RETRY_AFTER, "1")
    }

    /// A call whose answer was lost with its process.
    pub fn in_doubt() -> Self {
        let detail = "The answer to the call with this “Idempotency-Key” is lost. It may have been done: look, then send it with another key if it was not.";
        Self::new(StatusCode::CONFLICT, "in-doubt", detail)
    }

    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a call of the API failed");
        Self::failed()
    }

    /// What the caller learns of it.
    pub fn failed() -> Self {
        let detail = "Something went wrong here. The log has it under the id of this request.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }
}

/// At most a line of what the caller sent, without characters that cannot be seen.
fn shown(text: &str) -> String {
    domain::text::ExternalText::sentence(text).as_str().to_owned()
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let field = refusal.field();
        let status = match &refusal {
            Refusal::NoPerson(_) | Refusal::NoWebhookDelivery => return Self::missing(),
            Refusal::LimitChangedMeanwhile(_) | Refusal::PolicyChangedMeanwhile => {
                StatusCode::PRECONDITION_FAILED
            }
            Refusal::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Refusal::OrganizationExists(_) | Refusal::ApiKey(ApiKeyRefusal::NeedsPeople) => {
                StatusCode::CONFLICT
            }
            _ if field.is_some() => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::CONFLICT,
        };
        Self { field, ..Self::new(status, refusal.code(), refusal.to_string()) }
    }
}

impl From<commands::Error> for Problem {
    fn from(error: commands::Error) -> Self {
        match error {
            commands::Error::Refused(refusal) => refusal.into(),
            commands::Error::Missing => Self::missing(),
            commands::Error::Database(error) if is_time_limit(&error) => Self::busy(),
            error => Self::internal(error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, CONTENT_TYPE);
        if let Some(header) = self.header {
            let (name, value) = *header;
            response.headers_mut().insert(name, value);
        }
        response
    }
}
