//! The session's cookie. Browsers share cookies among all ports of a host, so its name holds a mark
//! of the installation: two installations on one host do not end each other's sessions.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{Change, Token};

/// Bytes of the hash of the installation's address: enough for all installations that fit on a
/// host.
const MARK: usize = 6;

/// Distinguishes the cookies of this installation from those of another one on the same host.
pub fn installation_mark(public_url: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(public_url)[..MARK])
}

#[derive(Clone, Debug)]
pub(super) struct Cookie {
    name: Arc<str>,
    /// The attributes at the end of every cookie.
    attributes: Arc<str>,
}

impl Cookie {
    /// Over https the name begins with `__Host-`: the cookie is bound to this host, and never sent
    /// unencrypted.
    pub fn new(public_url: &str, is_https: bool) -> Self {
        let mark = installation_mark(public_url);
        let (prefix, secure) = if is_https { ("__Host-", "; Secure") } else { ("", "") };
        Self {
            name: format!("{prefix}seatkeeper-{mark}").into(),
            attributes: format!("; Path=/; HttpOnly; SameSite=Lax{secure}").into(),
        }
    }

    /// The first cookie of this name. HTTP/2 may send several `Cookie` headers.
    pub fn read(&self, headers: &HeaderMap) -> Option<Token> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs =
            lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == &*self.name).and_then(|(_, value)| Token::parse(value))
    }

    /// The value of `Set-Cookie`.
    pub fn written(&self, change: &Change) -> Option<HeaderValue> {
        let (value, seconds) = match change {
            Change::Begin(token, longest) => (token.reveal(), longest.as_secs()),
            Change::End => (String::new(), 0),
        };
        HeaderValue::from_str(&format!(
            "{}={value}; Max-Age={seconds}{}",
            self.name, self.attributes
        ))
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HOURS: Duration = Duration::from_hours(12);

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_str(line).unwrap())).collect()
    }

    #[test]
    fn two_installations_on_one_host_have_cookies_of_their_own() {
        let names = [
            "http://127.0.0.1:3000",
            "http://127.0.0.1:3002",
            "http://seats.test",
            "http://localhost:3000",
        ]
        .map(|url| Cookie::new(url, false).name);

        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
    }

    #[test]
    fn a_cookie_is_read_back_among_others_and_only_under_its_own_name() {
        let (ours, theirs) =
            (Cookie::new("http://a.test", false), Cookie::new("http://b.test", false));
        let token = Token::fresh().unwrap();
        let written = ours.written(&Change::Begin(token.clone(), HOURS)).unwrap();
        let pair = written.to_str().unwrap().split(';').next().unwrap().to_owned();

        assert_eq!(
            ours.read(&headers(&[&format!("theme=dark; {pair}; email=a")])),
            Some(token.clone())
        );
        assert_eq!(
            ours.read(&headers(&["theme=dark", &pair])),
            Some(token),
            "as HTTP/2 may send it"
        );
        assert_eq!(theirs.read(&headers(&[&pair])), None);
        assert_eq!(ours.read(&headers(&[&format!("x{pair}")])), None);
        assert_eq!(ours.read(&HeaderMap::new()), None);
    }

    #[test]
    fn over_https_a_cookie_is_bound_to_its_host() {
        let written = Cookie::new("https://seats.test", true).written(&Change::End).unwrap();
        let text = written.to_str().unwrap();

        assert!(text.starts_with("__Host-seatkeeper-"), "{text}");
        assert!(text.ends_with("=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure"), "{text}");
    }
}
