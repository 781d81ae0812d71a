//! The token of a link: 256 bits from the operating system. Only its hash is stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{clock::secret_bytes, commands::Error};

/// The longest token that is looked for.
const LONGEST: usize = 100;

pub(super) fn fresh_token() -> Result<String, Error> {
    let secret: [u8; 32] = secret_bytes()
        .map_err(|error| Error::Internal(format!("the machine has no randomness: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(secret))
}

/// The hash under which a token is stored; `None`: no link has such a token.
pub fn token_hash(token: &str) -> Option<String> {
    let is_possible = (1..=LONGEST).contains(&token.len()) && token.is_ascii();
    is_possible.then(|| URL_SAFE_NO_PAD.encode(Sha256::digest(token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_256_bits_and_its_hash_does_not_reveal_it() {
        let (one, other) = (fresh_token().unwrap(), fresh_token().unwrap());

        assert!(one != other && one.len() == 43, "{one}");
        let hash = token_hash(&one).unwrap();
        assert!(hash.len() == 43 && hash != one);
        for none in ["", "é", &"a".repeat(101)] {
            assert_eq!(token_hash(none), None, "{none}");
        }
    }
}
