//! The errors of a call, with Scalekit's own message if it gives one.

use serde_json::Value;

/// A message is cut to this many characters.
const MOST: usize = 300;

/// Why a call failed. The error never contains a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Scalekit does not accept the client id, the secret or the token.
    #[error("Scalekit does not take the API credentials: {message}")]
    Credentials { code: String, message: String },
    /// Scalekit refused the call.
    #[error("Scalekit said no: {message}")]
    Refused { status: u16, code: String, message: String },
    /// No answer came in time, the connection broke, or Scalekit answered 408, 429 or 5xx until the
    /// retries were used up.
    #[error("Scalekit could not be reached: {message}")]
    Unreachable { code: String, message: String },
    /// The answer cannot be used; the text says why.
    #[error("Scalekit’s answer cannot be used: {0}")]
    InvalidResponse(String),
}

impl Error {
    /// Scalekit's own code (`NOT_FOUND`, `RATE_LIMITED`, `invalid_client` …), or our own if
    /// Scalekit gives none.
    pub fn code(&self) -> &str {
        match self {
            Self::Credentials { code, .. }
            | Self::Refused { code, .. }
            | Self::Unreachable { code, .. } => code,
            Self::InvalidResponse(_) => "UNUSABLE_ANSWER",
        }
    }

    /// Whether Scalekit does not have what was requested.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Whether Scalekit is unavailable or rejects our credentials, so that every other call would
    /// fail too. (A 501 is an answer.)
    pub fn is_silence(&self) -> bool {
        match self {
            Self::Unreachable { code, .. } => code != "HTTP_501",
            Self::Credentials { .. } => true,
            Self::Refused { .. } | Self::InvalidResponse(_) => false,
        }
    }

    /// Whether the refusal may be about the page token, whatever its code is. The list can then be
    /// started again.
    pub fn may_be_the_page_token(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 404 | 409 | 410 | 412 | 416 | 422, .. })
    }

    /// Whether Scalekit is unavailable, which may end by itself.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable { code, .. } if code != "HTTP_501")
    }

    /// Whether Scalekit refuses because of too many calls.
    pub(super) fn is_rate_limit(&self) -> bool {
        matches!(self, Self::Unreachable { code, .. } if code == "HTTP_429" || code == "RATE_LIMITED" || code == "RESOURCE_EXHAUSTED")
    }

    /// The same error with a message that it has lasted for an hour.
    pub(super) fn for_an_hour(self) -> Self {
        let message =
            "it has refused every call for an hour, because there were too many".to_owned();
        match self {
            Self::Unreachable { code, .. } => Self::Unreachable { code, message },
            other => other,
        }
    }

    /// Whether another try may succeed.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::InvalidResponse(_))
    }

    pub(super) fn surprise(what: impl Into<String>) -> Self {
        Self::InvalidResponse(one_line(&what.into()))
    }

    /// The error of a request without a complete answer; its code says what failed.
    pub(super) fn silence(error: &reqwest::Error) -> Self {
        let (code, message) = match error {
            e if e.is_timeout() => ("TIMEOUT", "no answer in time"),
            e if e.is_connect() => ("UNREACHABLE", "the connection could not be made"),
            _ => ("BROKEN_CONNECTION", "the connection broke in the middle of the answer"),
        };
        Self::Unreachable { code: code.to_owned(), message: message.to_owned() }
    }

    /// The error of an answer that is not a success. The body is a gRPC status as JSON, an OAuth
    /// error, or unknown.
    pub(super) fn of_answer(status: u16, body: &[u8], is_token: bool) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text =
            |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(one_line);
        let details = body["details"].as_array().map(Vec::as_slice).unwrap_or_default();
        let code = details
            .iter()
            .find_map(|detail| text(&detail["error_code"]))
            .or_else(|| text(&body["error"]));
        let code = code.unwrap_or_else(|| format!("HTTP_{status}"));
        let message = text(&body["message"])
            .or_else(|| text(&body["error_description"]))
            .unwrap_or_else(|| format!("status {status}"));
        match status {
            400 | 401 | 403 if is_token => Self::Credentials { code, message },
            401 => Self::Credentials { code, message },
            408 | 500.. => Self::Unreachable { code, message },
            // The status says that there were too many calls, whatever code the body has.
            429 => Self::Unreachable {
                code: if code == "HTTP_429" { code } else { "RATE_LIMITED".to_owned() },
                message,
            },
            300..400 => Self::Refused {
                status,
                code,
                message: "it redirects to another address, which is not followed".to_owned(),
            },
            _ => Self::Refused { status, code, message },
        }
    }
}

/// A message on one line, cut to `MOST` characters.
fn one_line(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalekits_own_code_and_message_are_kept() {
        let body = include_bytes!("samples/error_404.json");

        let error = Error::of_answer(404, body, false);

        assert_eq!(
            (error.code(), error.to_string().as_str()),
            ("NOT_FOUND", "Scalekit said no: directory not found")
        );
        assert!(error.is_not_found());
    }

    #[test]
    fn a_token_that_is_not_given_is_about_credentials() {
        let body = include_bytes!("samples/oauth_token.error_401.json");

        let error = Error::of_answer(401, body, true);

        assert!(
            matches!(&error, Error::Credentials { code, .. } if code == "invalid_client"),
            "{error:?}"
        );
    }

    #[test]
    fn an_answer_without_words_is_named_by_its_status() {
        for body in [&b""[..], b"<html>", b"null", b"[]", b"{\"details\":{},\"message\":7}"] {
            let error = Error::of_answer(503, body, false);
            assert_eq!(
                (error.code(), error.to_string().as_str()),
                ("HTTP_503", "Scalekit could not be reached: status 503")
            );
        }
    }
}
