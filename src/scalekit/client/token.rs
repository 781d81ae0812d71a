//! The access token: fetched once for everybody who waits, kept until shortly before it ends.

use std::{fmt, time::Duration};

use serde_json::Value;

use super::{Error, answers::text};
use crate::domain::time::Timestamp;

/// Fetched anew so long before its end, or for short ones a tenth of their life.
const EARLY: Duration = Duration::from_mins(5);
/// A token whose life nobody told.
const LIFE: Duration = Duration::from_mins(10);

/// Who we are to Scalekit. `Debug` leaves the secret out.
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
        form.append_pair("client_id", &self.client_id).append_pair("client_secret", &self.client_secret);
        form.finish()
    }
}

/// A token and how long it is good.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) text: String,
    /// Counts the tokens, so that of many who were turned away with one only the first fetches another.
    pub(super) number: u64,
    until: Timestamp,
}

impl Token {
    pub(super) fn read(body: &[u8], number: u64, now: Timestamp) -> Result<Self, Error> {
        let body: Value = serde_json::from_slice(body).map_err(|_| Error::surprise("the token’s answer is not JSON"))?;
        let token = text(&body["access_token"]).filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
        let life = body["expires_in"].as_u64().filter(|seconds| *seconds > 0).map_or(LIFE, Duration::from_secs);
        let until = now.plus(life.saturating_sub(EARLY.min(life / 10)));
        Ok(Self { text: token.ok_or_else(|| Error::surprise("it gave no access token"))?, number, until })
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
        let credentials = Credentials { client_id: "skc_1".to_owned(), client_secret: "very-secret&".to_owned() };

        assert_eq!(format!("{credentials:?}"), "Credentials(skc_1, …)");
        assert!(credentials.form().ends_with("client_id=skc_1&client_secret=very-secret%26"));
    }
}
