//! The address that people type.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    ops::Deref,
};

use url::Url;

use super::parse;
use crate::channels::email::server::is_this_machine;

/// A scheme, a host and a port, without a slash at the end. It reads as its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    is_https: bool,
}

impl PublicUrl {
    /// `https://host:port`; a slash at the end is left out. An error continues the sentence after
    /// the variable's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = parse::origin(text)?;
        Ok(Self { text: url.origin().ascii_serialization(), is_https: url.scheme() == "https" })
    }

    /// The address of a listener on this machine.
    pub(super) fn of_listener(listen: SocketAddr) -> Self {
        let host = match listen.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self { text: format!("http://{host}:{}", listen.port()), is_https: false }
    }

    /// The host to which browsers bind passkeys: a name, reached by https or on this machine.
    /// `None`: they make none here.
    pub fn passkey_host(&self) -> Option<String> {
        let url = Url::parse(&self.text).ok()?;
        let host = url.domain()?;
        (self.is_https || host == "localhost").then(|| host.to_owned())
    }

    /// Whether passwords and sessions travel to another machine in plain text.
    pub fn is_readable_on_the_way(&self) -> bool {
        !self.is_https && !Url::parse(&self.text).is_ok_and(|url| is_this_machine(&url))
    }

    /// Whether people use https, so that cookies may be `Secure` and browsers are asked to stay on
    /// https.
    pub fn is_https(&self) -> bool {
        self.is_https
    }
}

impl Deref for PublicUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_safe_on_this_machine_alone() {
        let is_readable = |url: &str| PublicUrl::parse(url).unwrap().is_readable_on_the_way();

        for safe in ["https://seats.example", "http://localhost:3000", "http://127.0.0.1:3000"] {
            assert!(!is_readable(safe), "{safe}");
        }
        for unsafe_there in ["http://seats.example", "http://10.0.0.1:3000"] {
            assert!(is_readable(unsafe_there), "{unsafe_there}");
        }
    }

    #[test]
    fn passkeys_need_a_name_and_a_safe_way_to_it() {
        let host = |url: &str| PublicUrl::parse(url).unwrap().passkey_host();

        assert_eq!(host("https://Seats.example:8443").as_deref(), Some("seats.example"));
        assert_eq!(host("http://localhost:3000").as_deref(), Some("localhost"));
        for none in
            ["http://seats.example", "http://127.0.0.1:3000", "https://[::1]", "https://10.0.0.1"]
        {
            assert_eq!(host(none), None, "{none}");
        }
    }
}
