//! Checks that a delivery comes from Scalekit. Standard Webhooks v1: HMAC-SHA256 over
//! `{webhook-id}.{webhook-timestamp}.{raw body}`.
//!
//! This code runs before the sender is known. It must not panic, take long or tell the sender the
//! reason: the caller answers 400, and the [`Rejection`] goes to a counter.

mod secret;
#[cfg(test)]
mod tests;

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::Mac;

pub use self::secret::{BadSecret, LEAST_KEY_BYTES, MOST_SECRETS, Secret, Secrets};
use crate::domain::{id::WebhookId, time::Timestamp};

/// How far the sender's clock and ours may differ, in seconds, in either direction.
pub const TOLERANCE_SECONDS: u64 = 300;
/// How many signatures of one header are checked. A rotation needs two; more would only cost time.
pub const MOST_SIGNATURES: usize = 16;
/// The longest `webhook-signature` header, in bytes: sixteen v1 signatures fit, and so do sixteen
/// of the longer `v1a` signatures.
pub const MOST_HEADER_BYTES: usize = 2_048;

/// The three headers as they were received: bytes, not necessarily text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'a> {
    pub id: Option<&'a [u8]>,
    pub timestamp: Option<&'a [u8]>,
    pub signature: Option<&'a [u8]>,
}

impl<'a> From<&'a HeaderMap> for Headers<'a> {
    fn from(headers: &'a HeaderMap) -> Self {
        let get = |name| headers.get(name).map(axum::http::HeaderValue::as_bytes);
        Self {
            id: get("webhook-id"),
            timestamp: get("webhook-timestamp"),
            signature: get("webhook-signature"),
        }
    }
}

/// What a valid signature confirms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Is the same for every attempt to deliver one message.
    pub webhook_id: WebhookId,
    /// When this attempt was made, in whole seconds.
    pub timestamp: Timestamp,
}

/// Why a delivery is rejected, for the label of a counter. The sender gets a 400 without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rejection {
    MissingId,
    MissingTimestamp,
    MissingSignature,
    BadId,
    BadTimestamp,
    HeaderTooLong,
    TooOld,
    TooNew,
    /// None of the entries that are checked is a v1 signature.
    NoSignature,
    WrongSignature,
}

impl Rejection {
    pub const ALL: [Self; 10] = [
        Self::MissingId,
        Self::MissingTimestamp,
        Self::MissingSignature,
        Self::BadId,
        Self::BadTimestamp,
        Self::HeaderTooLong,
        Self::TooOld,
        Self::TooNew,
        Self::NoSignature,
        Self::WrongSignature,
    ];

    /// The label of the counter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingId => "missing_id",
            Self::MissingTimestamp => "missing_timestamp",
            Self::MissingSignature => "missing_signature",
            Self::BadId => "bad_id",
            Self::BadTimestamp => "bad_timestamp",
            Self::HeaderTooLong => "header_too_long",
            Self::TooOld => "too_old",
            Self::TooNew => "too_new",
            Self::NoSignature => "no_signature",
            Self::WrongSignature => "wrong_signature",
        }
    }
}

/// Accepts a delivery if a v1 entry of its signature header was made with one of our secrets, and
/// its timestamp is within [`TOLERANCE_SECONDS`] of `now`. `body` must be the raw body: JSON that
/// was parsed and written again has another signature.
pub fn verify(
    secrets: &Secrets,
    headers: Headers<'_>,
    body: &[u8],
    now: Timestamp,
) -> Result<Verified, Rejection> {
    let id = headers.id.ok_or(Rejection::MissingId)?;
    let timestamp = headers.timestamp.ok_or(Rejection::MissingTimestamp)?;
    let signature = headers.signature.ok_or(Rejection::MissingSignature)?;
    let webhook_id =
        std::str::from_utf8(id).ok().and_then(WebhookId::parse).ok_or(Rejection::BadId)?;
    if signature.len() > MOST_HEADER_BYTES {
        return Err(Rejection::HeaderTooLong);
    }
    let seconds = whole_seconds(timestamp).ok_or(Rejection::BadTimestamp)?;
    match now.seconds() {
        ours if ours.abs_diff(seconds) <= TOLERANCE_SECONDS => {}
        ours if seconds < ours => return Err(Rejection::TooOld),
        _ => return Err(Rejection::TooNew),
    }
    let entries: Vec<_> =
        signature.split(|byte| *byte == b' ').take(MOST_SIGNATURES).filter_map(v1).collect();
    if entries.is_empty() {
        return Err(Rejection::NoSignature);
    }
    let genuine = secrets.iter().any(|secret| {
        let hash = secret.hash(id, timestamp, body);
        entries.iter().any(|entry| hash.clone().verify_slice(entry).is_ok())
    });
    if genuine {
        Ok(Verified { webhook_id, timestamp: Timestamp::from_seconds(seconds) })
    } else {
        Err(Rejection::WrongSignature)
    }
}

/// The `webhook-signature` of one attempt: `v1,` and 44 characters. During a rotation the sender
/// joins two of them with a blank, the current one first.
pub fn sign(secret: &Secret, id: &WebhookId, timestamp_seconds: i64, body: &[u8]) -> String {
    let mac = secret
        .hash(id.as_str().as_bytes(), timestamp_seconds.to_string().as_bytes(), body)
        .finalize()
        .into_bytes();
    format!("v1,{}", STANDARD.encode(mac))
}

/// Reads digits, with a minus before 1970. Fractions, blanks and a plus are refused, as Go and Java
/// refuse them.
fn whole_seconds(header: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(header).ok()?;
    (!text.starts_with('+')).then(|| text.parse().ok()).flatten()
}

/// The 32 bytes of a well-formed v1 entry. Other versions and malformed entries are skipped.
fn v1(entry: &[u8]) -> Option<[u8; 32]> {
    let encoded = entry.strip_prefix(b"v1,")?;
    let mut bytes = [0; 33]; // the most that 44 characters can decode to
    let length = STANDARD.decode_slice(encoded, &mut bytes).ok()?;
    bytes.get(..length)?.try_into().ok()
}
