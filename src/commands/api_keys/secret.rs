//! The text of a key: `sk_` and 36 bytes in base64, which are a secret of 256 bits from the
//! operating system and a checksum. The checksum tells a mistyped key from one that is not known,
//! without a look into the database. It says nothing about the secret that the text does not say.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{clock::secret_bytes, commands::Error};

const PREFIX: &str = "sk_";
const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret([u8; SECRET_BYTES]);

impl Secret {
    pub fn fresh() -> Result<Self, Error> {
        secret_bytes()
            .map(Self)
            .map_err(|error| Error::Internal(format!("the machine has no randomness: {error}")))
    }

    /// Reads the text of a key; `None`: it was mistyped, cut, or is no key at all.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (secret, checksum) = bytes.split_first_chunk()?;
        let secret = Self(*secret);
        (checksum == secret.checksum()).then_some(secret)
    }

    /// The text, which is shown once.
    pub fn reveal(&self) -> String {
        let bytes = [&self.0[..], &self.checksum()].concat();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What is stored. A secret has 256 bits, so that a fast hash is enough.
    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0))
    }

    fn checksum(&self) -> [u8; CHECKSUM_BYTES] {
        let hash: [u8; 32] = Sha256::digest([PREFIX.as_bytes(), &self.0].concat()).into();
        [hash[0], hash[1], hash[2], hash[3]]
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_and_its_hash_is_another_text() {
        let (one, other) = (Secret::fresh().unwrap(), Secret::fresh().unwrap());
        let text = one.reveal();

        assert_eq!((text.len(), &text[..3]), (51, "sk_"));
        assert_eq!(Secret::parse(&text), Some(one.clone()));
        assert_ne!(one, other);
        assert!(!text.contains(&one.hash()) && one.hash().len() == 43);
        assert_eq!(format!("{one:?}"), "…");
    }

    #[test]
    fn each_typo_is_noticed() {
        let text = Secret::fresh().unwrap().reveal();

        for at in 3..text.len() {
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            let mistyped = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert_eq!(Secret::parse(&mistyped), None, "{at}");
            assert_eq!(Secret::parse(&text[..at]), None, "cut at {at}");
        }
        for nonsense in ["", "sk_", "key", &text[3..], &format!("{text}A"), &text.to_uppercase()] {
            assert_eq!(Secret::parse(nonsense), None, "{nonsense}");
        }
    }
}
