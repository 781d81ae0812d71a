//! Which addresses Seatkeeper connects to when a customer or a setting names a server. Without this
//! check, an address of our own network would let a customer reach what only we can reach. The
//! address that is dialled is checked, not one that was looked up before.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use url::{Host, Url};

/// The addresses that may be dialled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AllowedAddresses {
    /// Only public ones.
    #[default]
    Public,
    /// Those of the own network, too.
    Private,
    /// Public ones, and one server of this machine, by http: the product of the demo. No setting
    /// gives this.
    PublicAnd(SocketAddr),
}

/// The name or address leads to a network that is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The address is in a private network. SEATKEEPER_ALLOW_PRIVATE_ADDRESSES allows such addresses."
)]
pub struct PrivateAddress;

impl AllowedAddresses {
    /// Without a port, so the one server of [`Self::PublicAnd`] is not among them.
    fn has(self, address: IpAddr) -> bool {
        self == Self::Private || is_public(address)
    }

    /// Whether the URL names the one server that is allowed beside the public addresses.
    fn is_the_one(self, url: &Url) -> bool {
        let Self::PublicAnd(one) = self else { return false };
        let port = url.port_or_known_default();
        url.scheme() == "http" && literal(url) == Some(one.ip()) && port == Some(one.port())
    }

    /// Checks an address that the URL itself names. A resolver is asked for names alone.
    pub fn check(self, url: &Url) -> Result<(), PrivateAddress> {
        let is_good = literal(url).is_none_or(|address| self.has(address));
        if is_good || self.is_the_one(url) { Ok(()) } else { Err(PrivateAddress) }
    }

    /// The address of a server that takes posts: `https://…`; `http://…` too if private addresses
    /// are allowed, for a server in the own network. `None`: the text is no such address.
    pub(super) fn parse(self, text: &str, longest: usize) -> Option<Url> {
        let url = Url::parse(text.trim()).ok()?;
        let is_good_scheme = url.scheme() == "https"
            || (url.scheme() == "http" && self == Self::Private)
            || self.is_the_one(&url);
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_good = is_good_scheme
            && is_plain
            && url.has_host()
            && url.as_str().len() <= longest
            && self.check(&url).is_ok();
        is_good.then_some(url)
    }

    /// A client that posts to such addresses and follows no redirect. The process must have
    /// installed a TLS provider before.
    pub(super) fn client(self, patience: Duration) -> reqwest::Result<reqwest::Client> {
        reqwest::Client::builder()
            .user_agent(concat!("seatkeeper/", env!("CARGO_PKG_VERSION")))
            // a proxy would look the name up itself
            .no_proxy()
            .redirect(Policy::none())
            .dns_resolver(Arc::new(GuardedResolver(self)))
            .connect_timeout(patience)
            .timeout(patience)
            .build()
    }
}

/// The IP address that stands in the place of a host name.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        Host::Domain(_) => None,
    }
}

/// `https://hooks.slack.com/…`: what follows may hold a token.
pub(super) fn shown(url: &Url) -> String {
    format!("{}://{}/…", url.scheme(), url.host_str().unwrap_or_default())
}

/// Looks names up, and leaves out addresses that are not allowed.
#[derive(Clone, Copy, Debug)]
pub struct GuardedResolver(pub AllowedAddresses);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let is_empty = found.is_empty();
            let good: Vec<SocketAddr> =
                found.into_iter().filter(|address| allowed.has(address.ip())).collect();
            if good.is_empty() && !is_empty {
                return Err(Box::new(PrivateAddress) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_unspecified()
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation();
    // this network, shared addresses of providers, protocol assignments, 6to4 relays, benchmarks,
    // and what is reserved
    let is_reserved = a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240;
    !is_special && !is_reserved
}

/// Only global unicast addresses, without those that hold an IPv4 address and those of examples.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_global = (a & 0xe000) == 0x2000;
    // 2001::/23: protocols such as Teredo; 2001:db8::/32 and 3fff::/20: examples; 2002::/16: 6to4
    let is_special =
        (a == 0x2001 && (b < 0x0200 || b == 0x0db8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    is_global && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_loopback_and_special_addresses_are_not_public() {
        for bad in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.9.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.9.9",
            "192.0.0.8",
            "192.168.1.1",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!is_public(bad.parse().unwrap()), "{bad}");
            assert!(AllowedAddresses::Private.has(bad.parse().unwrap()), "{bad}");
        }
        for good in ["1.1.1.1", "100.63.9.9", "100.128.0.1", "172.32.0.1", "2606:4700::1111"] {
            assert!(is_public(good.parse().unwrap()), "{good}");
        }
    }

    #[test]
    fn an_address_in_the_url_itself_is_checked() {
        let check = |url: &str| AllowedAddresses::Public.check(&Url::parse(url).unwrap());

        for bad in [
            "http://127.0.0.1/x",
            "http://[::1]/x",
            "http://0x7f.1/x",
            "http://2130706433/x",
            "http://[::ffff:169.254.169.254]/x",
            "https://127.1:8080/x",
        ] {
            assert_eq!(check(bad), Err(PrivateAddress), "{bad}");
        }
        assert_eq!(check("https://hooks.slack.com/services/T/B/x"), Ok(()));
    }

    #[test]
    fn the_one_server_of_the_demo_is_allowed_and_nothing_beside_it() {
        let demo = AllowedAddresses::PublicAnd("127.0.0.1:3002".parse().unwrap());

        for good in ["http://127.0.0.1:3002/webhooks", "https://hooks.slack.com/services/T/B/x"] {
            assert!(demo.parse(good, 1_000).is_some(), "{good}");
        }
        for bad in [
            "http://127.0.0.1:3001/webhooks",
            "http://127.0.0.1/webhooks",
            "http://127.0.0.2:3002/webhooks",
            "https://127.0.0.1:3002/webhooks",
            "http://[::1]:3002/webhooks",
            "http://localhost:3002/webhooks",
            "http://10.0.0.1:3002/webhooks",
            "http://hooks.slack.com/services/T/B/x",
        ] {
            assert!(demo.parse(bad, 1_000).is_none(), "{bad}");
        }
        assert!(!demo.has("127.0.0.1".parse().unwrap()), "no name leads there");
    }

    #[tokio::test]
    async fn a_name_that_leads_into_the_own_network_is_not_dialled() {
        let resolve = async |allowed| {
            GuardedResolver(allowed)
                .resolve("localhost".parse().unwrap())
                .await
                .map(Iterator::count)
        };

        let refused = resolve(AllowedAddresses::Public).await.unwrap_err();
        assert!(refused.is::<PrivateAddress>(), "{refused}");
        assert!(resolve(AllowedAddresses::Private).await.unwrap() > 0);
    }
}
