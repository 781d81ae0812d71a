//! The claims of an ID token whose signature is right, and who it is about.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use ring::digest::{SHA256, SHA384, SHA512, digest};
use serde_json::Value;

use super::Provider;
use crate::domain::{refusal::SignOnRefusal, time::Timestamp};

/// How far two clocks may differ.
const LEEWAY: Duration = Duration::from_mins(1);
/// A subject has at most 255 ASCII characters.
const LONGEST_SUBJECT: usize = 255;
const LONGEST_EMAIL: usize = 254;

/// A person as the provider knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    pub email: Option<String>,
    /// The provider says that the address is this person's. Absent is not true.
    pub is_email_verified: bool,
    pub name: Option<String>,
}

/// What an ID token is checked against.
pub(super) struct Expected<'a> {
    pub provider: &'a Provider,
    /// Its hash is in the token, if the provider puts it there.
    pub access_token: Option<&'a str>,
    pub nonce: &'a str,
    /// The algorithm of the signature, whose hash `at_hash` uses.
    pub algorithm: Algorithm,
    pub now: Timestamp,
}

impl Identity {
    pub(super) fn read(claims: &Value, expected: &Expected<'_>) -> Result<Self, SignOnRefusal> {
        let provider = expected.provider;
        of_provider(claims, provider)?;
        in_time(claims, expected.now)?;
        if claims["nonce"].as_str() != Some(expected.nonce) {
            return Err(SignOnRefusal::Nonce);
        }
        if let Some(hash) = claims.get("at_hash") {
            let right = expected.access_token.map(|token| token_hash(token, expected.algorithm));
            if hash.as_str() != right.as_deref() {
                return Err(SignOnRefusal::AccessToken);
            }
        }
        if let Some(organization) = &provider.scalekit_organization
            && claims["oid"].as_str() != Some(organization.as_str())
        {
            return Err(SignOnRefusal::AnotherOrganization);
        }
        let subject = claims["sub"].as_str().ok_or(SignOnRefusal::Token)?;
        let is_subject = (1..=LONGEST_SUBJECT).contains(&subject.len()) && !subject.contains('\0');
        if !is_subject {
            return Err(SignOnRefusal::Token);
        }
        let mut identity = Self {
            issuer: provider.issuer.as_str().to_owned(),
            subject: subject.to_owned(),
            email: None,
            is_email_verified: false,
            name: None,
        };
        identity.complete(claims);
        Ok(identity)
    }

    /// Takes what is missing from the claims of the same person.
    pub(super) fn complete(&mut self, claims: &Value) {
        let text = |name: &str| {
            let text = claims[name].as_str()?.trim();
            (!text.is_empty() && !text.contains('\0')).then_some(text)
        };
        if self.email.is_none()
            && let Some(email) = text("email").filter(|email| email.len() <= LONGEST_EMAIL)
        {
            self.email = Some(email.to_owned());
            // some providers send the word
            let verified = &claims["email_verified"];
            self.is_email_verified = *verified == true || *verified == "true";
        }
        if self.name.is_none() {
            self.name = text("name").map(|name| name.chars().take(200).collect());
        }
    }
}

/// `iss`, `aud` and `azp`.
pub(super) fn of_provider(claims: &Value, provider: &Provider) -> Result<(), SignOnRefusal> {
    if claims["iss"].as_str() != Some(provider.issuer.as_str()) {
        return Err(SignOnRefusal::TokenIssuer);
    }
    let ours = provider.client_id.as_str();
    let (is_for_us, others) = match &claims["aud"] {
        Value::String(audience) => (audience == ours, false),
        Value::Array(all) => (all.iter().any(|one| one == ours), all.len() > 1),
        _ => (false, false),
    };
    let party = &claims["azp"];
    let is_party = *party == *ours || (party.is_null() && !others);
    if is_for_us && is_party { Ok(()) } else { Err(SignOnRefusal::Audience) }
}

/// `exp`, `iat` and `nbf`.
pub(super) fn in_time(claims: &Value, now: Timestamp) -> Result<(), SignOnRefusal> {
    let at = |name: &str| {
        let seconds = claims[name].as_i64().or_else(|| {
            let seconds = claims[name].as_f64()?;
            #[expect(clippy::cast_possible_truncation, reason = "a time in whole seconds")]
            seconds.is_finite().then_some(seconds as i64)
        });
        // a time beyond our own is no time
        seconds.filter(|seconds| (0..=9_000_000_000).contains(seconds)).map(Timestamp::from_seconds)
    };
    let (expires, issued) = (at("exp"), at("iat"));
    let (Some(expires), Some(issued)) = (expires, issued) else {
        return Err(SignOnRefusal::Token);
    };
    let starts =
        if claims.get("nbf").is_some() { at("nbf").ok_or(SignOnRefusal::Token)? } else { issued };
    let is_over = now >= expires.plus(LEEWAY);
    let is_to_come = now.plus(LEEWAY) < issued || now.plus(LEEWAY) < starts;
    if is_over || is_to_come { Err(SignOnRefusal::Expired) } else { Ok(()) }
}

/// The left half of the hash of an access token, with the hash of the signature's algorithm.
fn token_hash(token: &str, algorithm: Algorithm) -> String {
    let hash = match algorithm {
        Algorithm::ES384 => &SHA384,
        Algorithm::EdDSA => &SHA512,
        _ => &SHA256,
    };
    let hash = digest(hash, token.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}
