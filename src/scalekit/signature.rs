//! Checks that a delivery comes from Scalekit. Standard Webhooks v1: HMAC-SHA256 over
//! `{webhook-id}.{webhook-timestamp}.{raw body}`.
//!
//! This code runs before the sender is known. It must not panic, take long or tell the sender the
//! reason: the caller answers 400, and the [`Rejection`] goes to a counter.

use std::fmt;

use axum::http::HeaderMap;
use base64::{
    Engine,
    alphabet::STANDARD as ALPHABET,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::{id::WebhookId, time::Timestamp};

/// How far the sender's clock and ours may differ, in seconds, in either direction.
pub const TOLERANCE_SECONDS: u64 = 300;
/// How many signatures of one header are checked. A rotation needs two; more would only cost time.
pub const MOST_SIGNATURES: usize = 16;
/// The longest `webhook-signature` header, in bytes: sixteen v1 signatures fit, and so do sixteen
/// of the longer `v1a` signatures.
pub const MOST_HEADER_BYTES: usize = 2_048;
/// How many secrets may be valid at the same time.
pub const MOST_SECRETS: usize = 8;
/// The shortest key, in bytes; Standard Webhooks asks for 24 to 64.
pub const LEAST_KEY_BYTES: usize = 24;

/// A secret of 24 bytes has no base64 padding; a secret of 32 bytes has it.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One signing secret, `whsec_…`. It holds the keyed hash, not the text, and `Debug` shows neither.
#[derive(Clone)]
pub struct Secret(Hmac<Sha256>);

/// Why a configured secret is refused. The message never quotes the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    #[error("No webhook secret is set. Copy it from Scalekit’s dashboard; it begins with whsec_.")]
    Missing,
    #[error("A webhook secret begins with whsec_; this one does not.")]
    Prefix,
    #[error("What follows whsec_ in a webhook secret is base64; this is not. Was it copied whole?")]
    Encoding,
    #[error(
        "This webhook secret has a key of {bytes} bytes; with fewer than {LEAST_KEY_BYTES} an attacker could guess it."
    )]
    Short { bytes: usize },
    #[error("There are more than {MOST_SECRETS} webhook secrets; a rotation needs two.")]
    TooMany,
}

impl Secret {
    /// Reads `whsec_` and the base64 of at least [`LEAST_KEY_BYTES`] bytes. An empty key is
    /// refused, because every sender could sign with it.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadSecret::Missing);
        }
        let encoded = text.strip_prefix("whsec_").ok_or(BadSecret::Prefix)?;
        let key = KEY_BASE64.decode(encoded).map_err(|_| BadSecret::Encoding)?;
        if key.len() < LEAST_KEY_BYTES {
            return Err(BadSecret::Short { bytes: key.len() });
        }
        // An HMAC takes a key of any length; the error exists for other algorithms.
        Hmac::new_from_slice(&key).map(Self).map_err(|_| BadSecret::Encoding)
    }

    /// The unfinished hash of everything that is signed. Cloning a keyed hash saves hashing the key
    /// each time.
    fn hash(&self, id: &[u8], timestamp: &[u8], body: &[u8]) -> Hmac<Sha256> {
        let mut hash = self.0.clone();
        for part in [id, b".", timestamp, b".", body] {
            hash.update(part);
        }
        hash
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The secrets that are valid now: one, or several during a rotation.
#[derive(Clone, Debug)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// One or more secrets, separated by commas.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let secrets = text
            .split(',')
            .filter(|part| !part.trim().is_empty())
            .map(Secret::parse)
            .collect::<Result<Vec<_>, _>>()?;
        match secrets.len() {
            0 => Err(BadSecret::Missing),
            1..=MOST_SECRETS => Ok(Self(secrets)),
            _ => Err(BadSecret::TooMany),
        }
    }
}

impl From<Secret> for Secrets {
    fn from(secret: Secret) -> Self {
        Self(vec![secret])
    }
}

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
    let genuine = secrets.0.iter().any(|secret| {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ANOTHER: &str = "whsec_9vx5xtFNxQMZFcjLLGporL6TGkcSRNHb";
    const NOW: i64 = 1_770_802_269;

    #[derive(Deserialize)]
    struct Vectors {
        vectors: Vec<Vector>,
    }

    #[derive(Deserialize)]
    struct Vector {
        name: String,
        secret: String,
        webhook_id: String,
        webhook_timestamp: String,
        body: String,
        webhook_signature: String,
        now: i64,
        valid: bool,
    }

    fn attempt(
        secrets: &str,
        timestamp: &[u8],
        signature: &[u8],
        now: i64,
    ) -> Result<Verified, Rejection> {
        let headers =
            Headers { id: Some(b"msg_1"), timestamp: Some(timestamp), signature: Some(signature) };
        verify(&Secrets::parse(secrets).unwrap(), headers, b"{}", Timestamp::from_seconds(now))
    }

    fn signed(secret: &str) -> String {
        sign(&Secret::parse(secret).unwrap(), &WebhookId::new("msg_1"), NOW, b"{}")
    }

    #[test]
    fn every_vector_is_judged_as_the_contract_says() {
        let all: Vectors = serde_json::from_str(include_str!("../tests/vectors.json")).unwrap();
        assert_eq!(all.vectors.len(), 22);
        for v in all.vectors {
            let headers = Headers {
                id: Some(v.webhook_id.as_bytes()),
                timestamp: Some(v.webhook_timestamp.as_bytes()),
                signature: Some(v.webhook_signature.as_bytes()),
            };
            match Secrets::parse(&v.secret) {
                Err(why) => assert_eq!(
                    (v.name.as_str(), why),
                    ("unsafe-empty-secret", BadSecret::Short { bytes: 0 })
                ),
                Ok(secrets) => {
                    let verdict = verify(
                        &secrets,
                        headers,
                        v.body.as_bytes(),
                        Timestamp::from_seconds(v.now),
                    );
                    assert_eq!(verdict.is_ok(), v.valid, "{}: {verdict:?}", v.name);
                }
            }
        }
    }

    #[test]
    fn the_vector_of_the_standard_is_signed_and_verified() {
        let secret = Secret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        let (id, body) = (
            WebhookId::new("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"),
            br#"{"email":"test@example.com","username":"test_user"}"#,
        );

        let signature = sign(&secret, &id, 1_649_367_553, body);

        assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
        let headers = Headers {
            id: Some(id.as_str().as_bytes()),
            timestamp: Some(b"1649367553"),
            signature: Some(signature.as_bytes()),
        };
        let verified =
            verify(&secret.into(), headers, body, Timestamp::from_seconds(1_649_367_553)).unwrap();
        assert_eq!(
            verified,
            Verified { webhook_id: id, timestamp: Timestamp::from_seconds(1_649_367_553) }
        );
    }

    #[test]
    fn several_secrets_are_valid_at_once() {
        let both = format!(" {SECRET} ,{ANOTHER},");
        for secret in [SECRET, ANOTHER] {
            assert!(attempt(&both, b"1770802269", signed(secret).as_bytes(), NOW).is_ok());
        }
        assert_eq!(
            attempt(SECRET, b"1770802269", signed(ANOTHER).as_bytes(), NOW),
            Err(Rejection::WrongSignature)
        );
    }

    #[test]
    fn a_secret_that_protects_nothing_is_refused_and_never_shown() {
        let refused = |text| Secrets::parse(text).unwrap_err();
        assert_eq!(refused(""), BadSecret::Missing);
        assert_eq!(refused(" , "), BadSecret::Missing);
        assert_eq!(refused("whsec_"), BadSecret::Short { bytes: 0 });
        assert_eq!(
            refused("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ=="),
            BadSecret::Short { bytes: 22 }
        );
        assert_eq!(refused("whsec_test-secret"), BadSecret::Encoding);
        assert_eq!(refused("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), BadSecret::Prefix);
        assert_eq!(refused(&[SECRET; 9].join(",")), BadSecret::TooMany);
        assert_eq!(format!("{:?}", Secrets::parse(SECRET).unwrap()), "Secrets([…])");
    }

    #[test]
    fn a_time_is_whole_seconds_and_near_ours() {
        let signature = signed(SECRET);
        let at = |timestamp: &str, now| {
            attempt(SECRET, timestamp.as_bytes(), signature.as_bytes(), now).unwrap_err()
        };
        for bad in [
            "",
            "+1770802269",
            " 1770802269",
            "1770802269.7",
            "1e9",
            "0x1",
            "99999999999999999999",
            "١",
        ] {
            assert_eq!(at(bad, NOW), Rejection::BadTimestamp, "{bad:?}");
        }
        assert_eq!(at("-9223372036854775808", NOW), Rejection::TooOld);
        assert_eq!(at("9223372036854775807", NOW), Rejection::TooNew);
        assert_eq!(at("9223372036854775807", -NOW), Rejection::TooNew);
        assert_eq!(at("1770802269", NOW + 301), Rejection::TooOld);
        assert_eq!(at("1770802269", NOW - 301), Rejection::TooNew);
        assert!(attempt(SECRET, b"1770802269", signature.as_bytes(), NOW - 300).is_ok());
    }

    #[test]
    fn only_so_many_signatures_are_looked_at() {
        let good = signed(SECRET);
        let after = |others: usize| format!("{}{good}", "v1,AAAA ".repeat(others));
        assert!(attempt(SECRET, b"1770802269", after(15).as_bytes(), NOW).is_ok());
        assert_eq!(
            attempt(SECRET, b"1770802269", after(16).as_bytes(), NOW),
            Err(Rejection::NoSignature)
        );
        assert_eq!(
            attempt(SECRET, b"1770802269", after(1_000).as_bytes(), NOW),
            Err(Rejection::HeaderTooLong)
        );
    }

    #[test]
    fn what_is_missing_has_its_own_cause() {
        let secrets = Secrets::parse(SECRET).unwrap();
        let judge = |id, timestamp, signature| {
            verify(
                &secrets,
                Headers { id, timestamp, signature },
                b"",
                Timestamp::from_seconds(NOW),
            )
            .unwrap_err()
        };
        let some = |text: &'static str| Some(text.as_bytes());
        assert_eq!(judge(None, some("1"), some("v1,")), Rejection::MissingId);
        assert_eq!(judge(some("msg"), None, some("v1,")), Rejection::MissingTimestamp);
        assert_eq!(judge(some("msg"), some("1"), None), Rejection::MissingSignature);
        assert_eq!(judge(some("two words"), some("1"), some("v1,")), Rejection::BadId);
        assert_eq!(judge(Some(b"\xff"), some("1"), some("v1,")), Rejection::BadId);
        assert_eq!(judge(some("msg"), some("1770802269"), some("v1,")), Rejection::NoSignature);
        let labels: std::collections::BTreeSet<_> =
            Rejection::ALL.into_iter().map(Rejection::as_str).collect();
        assert_eq!(labels.len(), Rejection::ALL.len());
    }

    proptest! {
        #[test]
        fn no_header_and_no_body_makes_it_panic(
            id in any::<Option<Vec<u8>>>(),
            timestamp in prop_oneof![any::<Vec<u8>>(), any::<i64>().prop_map(|n| n.to_string().into_bytes()), Just(b"1770802269".to_vec())],
            signature in prop_oneof![any::<Vec<u8>>(), "( |v1|,|=|[A-Za-z0-9+/]{1,50}){0,30}".prop_map(String::into_bytes)],
            body in any::<Vec<u8>>(),
            now in prop_oneof![any::<i64>(), Just(NOW * 1_000_000_000)],
        ) {
            let secrets = Secrets::parse(SECRET).unwrap();
            let id = id.unwrap_or_else(|| b"msg_1".to_vec());
            let headers = Headers {
                id: Some(&id),
                timestamp: Some(&timestamp),
                signature: Some(&signature),
            };
            prop_assert!(verify(&secrets, headers, &body, Timestamp::from_nanos(now)).is_err());
        }

        // An id does not end with a dot here: `.` and `..` are steps of a path and no ids.
        #[test]
        fn what_was_signed_is_believed_and_one_changed_bit_is_not(
            id in "[!-~]{0,39}[!-\\-/-~]", seconds in 0..9_000_000_000_i64, body in any::<Vec<u8>>(), changed in any::<prop::sample::Index>(),
        ) {
            let secret = Secret::parse(SECRET).unwrap();
            let (id, secrets) = (WebhookId::new(id), Secrets::from(secret.clone()));
            let now = Timestamp::from_seconds(seconds);
            let (timestamp, signature) = (seconds.to_string(), sign(&secret, &id, seconds, &body));
            let headers = Headers {
                id: Some(id.as_str().as_bytes()),
                timestamp: Some(timestamp.as_bytes()),
                signature: Some(signature.as_bytes()),
            };
            prop_assert!(verify(&secrets, headers, &body, now).is_ok());
            let mut other = body.clone();
            other.push(0);
            let at = changed.index(other.len());
            other[at] ^= 1;
            prop_assert_eq!(verify(&secrets, headers, &other, now), Err(Rejection::WrongSignature));
        }
    }
}
