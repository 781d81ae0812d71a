//! The secrets that Scalekit shares with us, `whsec_…`, as keys that sign and verify.

use std::fmt;

use base64::{
    Engine,
    alphabet::STANDARD as ALPHABET,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

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
    pub(super) fn hash(&self, id: &[u8], timestamp: &[u8], body: &[u8]) -> Hmac<Sha256> {
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
        let parts = text.split(',').filter(|part| !part.trim().is_empty());
        Self::new(parts.map(Secret::parse).collect::<Result<_, _>>()?)
    }

    pub fn new(secrets: Vec<Secret>) -> Result<Self, BadSecret> {
        match secrets.len() {
            0 => Err(BadSecret::Missing),
            1..=MOST_SECRETS => Ok(Self(secrets)),
            _ => Err(BadSecret::TooMany),
        }
    }

    /// The secret that was named first.
    pub fn first(&self) -> &Secret {
        &self.0[0]
    }

    /// How many secrets there are: at least one.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter()
    }
}

impl From<Secret> for Secrets {
    fn from(secret: Secret) -> Self {
        Self(vec![secret])
    }
}
