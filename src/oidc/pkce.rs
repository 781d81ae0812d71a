//! The secrets of one sign-in. The browser holds a token and the provider returns a state; the
//! nonce and the code verifier follow from both, so that the database holds none of them.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::clock::secret_bytes;

/// In bytes.
const LENGTH: usize = 32;

/// 256 bits in a cookie of the browser in which sign-ins begin.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserToken(String);

/// 256 bits that the provider sends back.
#[derive(Clone, PartialEq, Eq)]
pub struct State(String);

macro_rules! secrets {
    ($($name:ident),*) => {$(
        impl $name {
            /// `None`: the machine has no randomness.
            pub fn fresh() -> Option<Self> {
                let bytes: [u8; LENGTH] = secret_bytes().ok()?;
                Some(Self(URL_SAFE_NO_PAD.encode(bytes)))
            }

            /// Reads it back; `None` for any other text.
            pub fn parse(text: &str) -> Option<Self> {
                let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
                (bytes.len() == LENGTH).then(|| Self(text.to_owned()))
            }

            pub fn reveal(&self) -> &str {
                &self.0
            }

            /// What the database has of it.
            pub fn hash(&self) -> String {
                hash(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("…")
            }
        }
    )*};
}

secrets!(BrowserToken, State);

/// What only this browser and the provider know about a sign-in.
#[derive(Clone)]
pub struct FlowSecrets {
    pub(super) nonce: String,
    pub(super) code_verifier: String,
}

impl FlowSecrets {
    pub fn of(browser: &BrowserToken, state: &State) -> Self {
        let of = |use_: &str| {
            // an HMAC takes a key of any length
            let keyed = Hmac::<Sha256>::new_from_slice(browser.0.as_bytes()).ok();
            let mut bytes = Vec::new();
            if let Some(mut keyed) = keyed {
                keyed.update(use_.as_bytes());
                keyed.update(state.0.as_bytes());
                bytes = keyed.finalize().into_bytes().to_vec();
            }
            URL_SAFE_NO_PAD.encode(bytes)
        };
        Self { nonce: of("nonce "), code_verifier: of("code verifier ") }
    }

    /// RFC 7636, S256.
    pub(super) fn code_challenge(&self) -> String {
        hash(&self.code_verifier)
    }
}

impl fmt::Debug for FlowSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// SHA-256, in base64 for addresses.
pub fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secrets_of_two_sign_ins_and_of_two_browsers_differ() {
        let browsers = [BrowserToken::fresh().unwrap(), BrowserToken::fresh().unwrap()];
        let states = [State::fresh().unwrap(), State::fresh().unwrap()];
        let all: Vec<_> = browsers
            .iter()
            .flat_map(|browser| states.iter().map(|state| FlowSecrets::of(browser, state)))
            .flat_map(|secrets| [secrets.nonce, secrets.code_verifier])
            .collect();

        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), 8);
        assert!(all.iter().all(|secret| secret.len() == 43), "as RFC 7636 asks for");
        let again = FlowSecrets::of(&browsers[0], &states[0]);
        assert_eq!(again.nonce, all[0]);
    }

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let secrets = FlowSecrets {
            nonce: String::new(),
            code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
        };

        assert_eq!(secrets.code_challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn only_256_bits_are_a_state() {
        for bad in ["", "a", &"a".repeat(44), "é"] {
            assert_eq!(State::parse(bad), None, "{bad}");
        }
        let state = State::fresh().unwrap();
        assert_eq!(State::parse(state.reveal()), Some(state));
    }
}
