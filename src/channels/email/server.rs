//! A mail server, as `SMTP_URL` names it.

use std::{fmt, time::Duration};

use lettre::{AsyncSmtpTransport, Tokio1Executor, transport::smtp::AsyncSmtpTransportBuilder};
use url::{Host, Url};

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(10);

/// A mail server and how to connect to it. `Debug` and `Display` leave the password out.
#[derive(Clone)]
pub struct SmtpServer {
    pub(super) transport: AsyncSmtpTransportBuilder,
    shown: String,
}

impl SmtpServer {
    /// `smtps://` uses TLS from the first byte. `smtp://` upgrades with STARTTLS: always if a
    /// password goes over the network, otherwise if the server offers it; on this machine it stays
    /// plain. `?tls=required`, `?tls=opportunistic` or `?tls=none` overrides this. The error never
    /// quotes the address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut url = Url::parse(text)
            .map_err(|error| format!("cannot be read ({error}). {ENCODE_PASSWORD}"))?;
        if !matches!(url.scheme(), "smtp" | "smtps") || url.host_str().is_none_or(str::is_empty) {
            return Err("must start with smtp:// or smtps://, then the server’s name.".to_owned());
        }
        if url.fragment().is_some() {
            return Err(format!("has a # in it. {ENCODE_PASSWORD}"));
        }
        if !url.username().is_empty() && url.password().is_none() {
            return Err("has a user name without a password.".to_owned());
        }
        let tls = Tls::of(&url)?;
        url.set_query(tls.query());
        let shown =
            format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), port(&url));
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
            .map_err(|error| format!("cannot be used ({error})."))?
            .timeout(Some(CONNECT));
        Ok(Self { transport, shown: format!("{shown} ({})", tls.words()) })
    }
}

/// How to repair an address with a password that cannot be read.
pub(crate) const ENCODE_PASSWORD: &str =
    "In a user name or password, write @ as %40, : as %3A, / as %2F, # as %23, % as %25.";

#[derive(Clone, Copy)]
enum Tls {
    Always,
    Required,
    Opportunistic,
    Plain,
}

impl Tls {
    fn of(url: &Url) -> Result<Self, String> {
        let asked =
            url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        match (url.scheme(), asked.as_deref()) {
            ("smtps", _) => Ok(Self::Always),
            (_, Some("required")) => Ok(Self::Required),
            (_, Some("opportunistic")) => Ok(Self::Opportunistic),
            (_, Some("none")) => Ok(Self::Plain),
            (_, Some(_)) => Err("knows tls=required, tls=opportunistic and tls=none.".to_owned()),
            (_, None) if is_this_machine(url) => Ok(Self::Plain),
            (_, None) if url.password().is_some() => Ok(Self::Required),
            (_, None) => Ok(Self::Opportunistic),
        }
    }

    /// The `tls` parameter of lettre's addresses.
    fn query(self) -> Option<&'static str> {
        match self {
            Self::Always | Self::Plain => None,
            Self::Required => Some("tls=required"),
            Self::Opportunistic => Some("tls=opportunistic"),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Always => "TLS",
            Self::Required => "STARTTLS required",
            Self::Opportunistic => "STARTTLS if offered",
            Self::Plain => "not encrypted",
        }
    }
}

/// Whether a connection to this address stays on this machine.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    // `smtp:` is not a scheme that browsers know, so the parser gives an IP address as a name.
    match url.host().map(|host| Host::parse(&host.to_string())) {
        Some(Ok(Host::Domain(name))) => name == "localhost",
        Some(Ok(Host::Ipv4(ip))) => ip.is_loopback(),
        Some(Ok(Host::Ipv6(ip))) => ip.is_loopback(),
        _ => false,
    }
}

fn port(url: &Url) -> String {
    url.port().map(|port| format!(":{port}")).unwrap_or_default()
}

impl fmt::Display for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_over_the_network_encrypted_by_default() {
        let shown = |url| SmtpServer::parse(url).unwrap().to_string();

        assert_eq!(shown("smtps://u:secret@mail.example.com"), "smtps://mail.example.com (TLS)");
        assert_eq!(
            shown("smtp://u:secret@mail.example.com:587"),
            "smtp://mail.example.com:587 (STARTTLS required)"
        );
        assert_eq!(shown("smtp://mail:25"), "smtp://mail:25 (STARTTLS if offered)");
        assert_eq!(shown("smtp://u:secret@mail:1025?tls=none"), "smtp://mail:1025 (not encrypted)");
        assert_eq!(
            shown("smtp://u:secret@127.0.0.1:2525"),
            "smtp://127.0.0.1:2525 (not encrypted)"
        );
        assert_eq!(
            shown("smtp://localhost:2525?tls=required"),
            "smtp://localhost:2525 (STARTTLS required)"
        );
        assert_eq!(shown("smtp://[::1]:2525"), "smtp://[::1]:2525 (not encrypted)");
    }
}
