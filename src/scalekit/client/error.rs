//! What can go wrong with a call, in Scalekit's own words where it has any.

use serde_json::Value;

/// Characters of a stranger's message that are kept.
const MOST: usize = 300;

/// Why a call gave nothing. No secret is ever part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The client id or the secret is not taken.
    #[error("Scalekit does not take the API credentials: {message}")]
    Credentials { code: String, message: String },
    /// Scalekit answered with a “no” of its own.
    #[error("Scalekit said no: {message}")]
    Refused { status: u16, code: String, message: String },
    /// Nobody answered in time, the connection broke, or the answer was “later” until patience ran out.
    #[error("Scalekit could not be reached: {message}")]
    Unreachable { code: String, message: String },
    /// An answer that makes no sense to us; a sentence.
    #[error("Scalekit’s answer cannot be used: {0}")]
    Surprise(String),
}

impl Error {
    /// Scalekit's own code (`NOT_FOUND`, `RATE_LIMITED`, `invalid_client` …), or ours where it gave none.
    pub fn code(&self) -> &str {
        match self {
            Self::Credentials { code, .. } | Self::Refused { code, .. } | Self::Unreachable { code, .. } => code,
            Self::Surprise(_) => "UNUSABLE_ANSWER",
        }
    }

    /// There is no such thing in Scalekit.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Nobody answers, or not to us: asking for something else would come to the same. (A 501 is an answer.)
    pub fn is_silence(&self) -> bool {
        match self {
            Self::Unreachable { code, .. } => code != "HTTP_501",
            Self::Credentials { .. } => true,
            Self::Refused { .. } | Self::Surprise(_) => false,
        }
    }

    /// A call with a page token that is refused, in whatever words: the list can be begun again.
    pub fn may_be_the_page_token(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 404 | 409 | 410 | 412 | 416 | 422, .. })
    }

    /// Nobody answers, though somebody did before: it may pass by itself.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable { code, .. } if code != "HTTP_501")
    }

    /// Too many calls.
    pub(super) fn is_rate_limit(&self) -> bool {
        matches!(self, Self::Unreachable { code, .. } if code == "HTTP_429" || code == "RATE_LIMITED" || code == "RESOURCE_EXHAUSTED")
    }

    /// The same, after an hour of it.
    pub(super) fn for_an_hour(self) -> Self {
        let message = "it has refused every call for an hour, because there were too many".to_owned();
        match self {
            Self::Unreachable { code, .. } => Self::Unreachable { code, message },
            other => other,
        }
    }

    /// Another try may succeed.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Surprise(_))
    }

    pub(super) fn surprise(what: impl Into<String>) -> Self {
        Self::Surprise(one_line(&what.into()))
    }

    /// Nobody answered; `code` says in which way.
    pub(super) fn silence(error: &reqwest::Error) -> Self {
        let (code, message) = match error {
            e if e.is_timeout() => ("TIMEOUT", "no answer in time"),
            e if e.is_connect() => ("UNREACHABLE", "the connection could not be made"),
            _ => ("BROKEN_CONNECTION", "the connection broke in the middle of the answer"),
        };
        Self::Unreachable { code: code.to_owned(), message: message.to_owned() }
    }

    /// What an answer that is no success says: a gRPC status as JSON, an OAuth error, or nothing we know.
    pub(super) fn of_answer(status: u16, body: &[u8], is_token: bool) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(one_line);
        let details = body["details"].as_array().map(Vec::as_slice).unwrap_or_default();
        let code = details.iter().find_map(|detail| text(&detail["error_code"])).or_else(|| text(&body["error"]));
        let code = code.unwrap_or_else(|| format!("HTTP_{status}"));
        let message = text(&body["message"]).or_else(|| text(&body["error_description"])).unwrap_or_else(|| format!("status {status}"));
        match status {
            400 | 401 | 403 if is_token => Self::Credentials { code, message },
            401 => Self::Credentials { code, message },
            408 | 500.. => Self::Unreachable { code, message },
            // whatever code it gives: the status says that there were too many calls
            429 => Self::Unreachable { code: if code == "HTTP_429" { code } else { "RATE_LIMITED".to_owned() }, message },
            300..400 => Self::Refused { status, code, message: "it redirects to another address, which is not followed".to_owned() },
            _ => Self::Refused { status, code, message },
        }
    }
}

/// Strangers' words on one line of bounded length.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalekits_own_code_and_message_are_kept() {
        let body = include_bytes!("samples/error_404.json");

        let error = Error::of_answer(404, body, false);

        assert_eq!((error.code(), error.to_string().as_str()), ("NOT_FOUND", "Scalekit said no: directory not found"));
        assert!(error.is_not_found());
    }

    #[test]
    fn a_token_that_is_not_given_is_about_credentials() {
        let body = include_bytes!("samples/oauth_token.error_401.json");

        let error = Error::of_answer(401, body, true);

        assert!(matches!(&error, Error::Credentials { code, .. } if code == "invalid_client"), "{error:?}");
    }

    #[test]
    fn an_answer_without_words_is_named_by_its_status() {
        for body in [&b""[..], b"<html>", b"null", b"[]", b"{\"details\":{},\"message\":7}"] {
            let error = Error::of_answer(503, body, false);
            assert_eq!((error.code(), error.to_string().as_str()), ("HTTP_503", "Scalekit could not be reached: status 503"));
        }
    }
}
