//! The access token: it is fetched once for all waiting calls and kept until shortly before it
//! expires.

use std::{fmt, time::Duration};

use serde_json::Value;

use super::{Error, answers::text};
use crate::domain::time::Timestamp;

/// A token is replaced this long before it expires; a token with a short life is replaced when a
/// tenth of its life remains.
const EARLY: Duration = Duration::from_mins(5);
/// The assumed life of a token that does not say when it expires.
const LIFE: Duration = Duration::from_mins(10);

/// Our credentials at Scalekit. `Debug` does not print the secret.
#[derive(Clone)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, …)", self.client_id)
    }
}

impl Credentials {
    pub(super) fn form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        form.append_pair("client_id", &self.client_id)
            .append_pair("client_secret", &self.client_secret);
        form.finish()
    }
}

/// A token and until when it is used.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) text: String,
    /// Counts the tokens. If many calls are refused with the same token, only the first of them
    /// fetches a new one.
    pub(super) number: u64,
    until: Timestamp,
}

impl Token {
    pub(super) fn read(body: &[u8], number: u64, now: Timestamp) -> Result<Self, Error> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|_| Error::surprise("the token’s answer is not JSON"))?;
        let token = text(&body["access_token"])
            .filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
        let life = body["expires_in"]
            .as_u64()
            .filter(|seconds| *seconds > 0)
            .map_or(LIFE, Duration::from_secs);
        let until = now.plus(life.saturating_sub(EARLY.min(life / 10)));
        Ok(Self {
            text: token.ok_or_else(|| Error::surprise("it gave no access token"))?,
            number,
            until,
        })
    }

    pub(super) fn is_good(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_fetched_anew_before_it_ends() {
        let now = Timestamp::from_seconds(1_000);
        let token = Token::read(include_bytes!("samples/oauth_token.json"), 1, now).unwrap();

        assert!(token.is_good(now.plus(Duration::from_secs(86_000))));
        assert!(!token.is_good(now.plus(Duration::from_secs(86_200))));
    }

    #[test]
    fn secrets_are_not_printed() {
        let credentials =
            Credentials { client_id: "skc_1".to_owned(), client_secret: "very-secret&".to_owned() };

        assert_eq!(format!("{credentials:?}"), "Credentials(skc_1, …)");
        assert!(credentials.form().ends_with("client_id=skc_1&client_secret=very-secret%26"));
    }
}
