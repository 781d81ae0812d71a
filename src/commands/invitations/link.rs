//! The token in the link of an invitation. Only its hash is stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The longest token that is looked for.
const LONGEST: usize = 100;

/// The hash under which a token is stored; `None`: no link has such a token.
pub fn token_hash(token: &str) -> Option<String> {
    let is_possible = (1..=LONGEST).contains(&token.len()) && token.is_ascii();
    is_possible.then(|| URL_SAFE_NO_PAD.encode(Sha256::digest(token)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::link_token::fresh_token;

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
