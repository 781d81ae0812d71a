//! A session's token: 256 bits from the operating system. Only its hash is stored.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{clock::secret_bytes, commands};

/// In bytes.
const LENGTH: usize = 32;

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token([u8; LENGTH]);

impl Token {
    pub fn fresh() -> Result<Self, commands::Error> {
        secret_bytes().map(Self).map_err(|error| {
            commands::Error::Internal(format!("the machine has no randomness: {error}"))
        })
    }

    /// Reads a token as a cookie has it; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_256_bits_and_is_never_given_twice() {
        let tokens: Vec<_> = (0..100).map(|_| Token::fresh().unwrap()).collect();

        for token in &tokens {
            assert_eq!(Token::parse(&token.reveal()), Some(token.clone()));
            assert!(!token.hash().contains(&token.reveal()) && token.hash().len() == 43);
            assert_eq!(format!("{token:?}"), "…");
        }
        let different: std::collections::BTreeSet<_> = tokens.iter().map(Token::reveal).collect();
        assert_eq!(different.len(), tokens.len());
        assert!(tokens.iter().all(|token| token.0.iter().any(|byte| *byte != 0)));
    }

    #[test]
    fn anything_else_is_no_token() {
        let short = URL_SAFE_NO_PAD.encode([7; LENGTH - 1]);
        let long = URL_SAFE_NO_PAD.encode([7; LENGTH + 1]);
        for text in ["", "a", &short, &long, &format!("{}=", "A".repeat(43)), &"é".repeat(20)] {
            assert_eq!(Token::parse(text), None, "{text}");
        }
    }
}
