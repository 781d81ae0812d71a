//! The issuer: the name of an identity provider, and the address of its configuration.

use std::fmt;

use url::{Host, Url};

use crate::{channels::address::AllowedAddresses, domain::refusal::SignOnRefusal};

/// An issuer, exactly as it was entered: it is compared to the letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    const LONGEST: usize = 500;

    /// An issuer that an organization names: `https://…`; `http://` only on this machine, and only
    /// where private addresses are allowed.
    pub fn parse(text: &str, allowed: AllowedAddresses) -> Result<Self, SignOnRefusal> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| SignOnRefusal::Issuer)?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.has_host()
            && text.len() <= Self::LONGEST
            && text.chars().all(|c| c.is_ascii_graphic());
        if !is_plain || !is_safe(&url, allowed) {
            return Err(SignOnRefusal::Issuer);
        }
        allowed.check(&url).map_err(|_| SignOnRefusal::PrivateAddress)?;
        Ok(Self(text.to_owned()))
    }

    /// One that the installation names.
    pub fn of_installation(text: &str) -> Result<Self, SignOnRefusal> {
        Self::parse(text, AllowedAddresses::Private)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of the configuration.
    pub(super) fn configuration(&self) -> Result<Url, SignOnRefusal> {
        let base = self.0.strip_suffix('/').unwrap_or(&self.0);
        let address = format!("{base}/.well-known/openid-configuration");
        Url::parse(&address).map_err(|_| SignOnRefusal::Issuer)
    }
}

/// Whether what travels there is encrypted, or stays on this machine.
pub(super) fn is_safe(url: &Url, allowed: AllowedAddresses) -> bool {
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https"
        || (url.scheme() == "http" && is_here && allowed == AllowedAddresses::Private)
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_and_public_unless_this_installation_allows_more() {
        let public = |text: &str| Issuer::parse(text, AllowedAddresses::Public).map(|_| ());
        let private = |text: &str| Issuer::parse(text, AllowedAddresses::Private).map(|_| ());

        assert_eq!(public(" https://acme.okta.com/oauth2/default "), Ok(()));
        assert_eq!(private("http://127.0.0.1:9000/"), Ok(()));
        assert_eq!(private("http://localhost:9000"), Ok(()));
        for bad in [
            "",
            "acme.okta.com",
            "http://acme.okta.com",
            "http://127.0.0.1:9000",
            "https://acme.okta.com/?a=b",
            "https://acme.okta.com/#a",
            "https://ada:secret@acme.okta.com",
            "https://acme.okta.com/a b",
            "ftp://acme.okta.com",
            "javascript:alert(1)",
            &format!("https://acme.okta.com/{}", "a".repeat(500)),
        ] {
            assert_eq!(public(bad), Err(SignOnRefusal::Issuer), "{bad}");
        }
        assert_eq!(private("http://10.0.0.8"), Err(SignOnRefusal::Issuer), "not this machine");
        assert_eq!(public("https://10.0.0.8"), Err(SignOnRefusal::PrivateAddress));
        assert_eq!(public("https://[::1]/"), Err(SignOnRefusal::PrivateAddress));
    }

    #[test]
    fn the_configuration_is_below_the_issuer() {
        let of = |text| Issuer::of_installation(text).unwrap().configuration().unwrap().to_string();

        let there = "https://a.test/t/.well-known/openid-configuration";
        assert_eq!((of("https://a.test/t"), of("https://a.test/t/")), (there.into(), there.into()));
    }
}
