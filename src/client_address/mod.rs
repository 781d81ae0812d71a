//! The client's address: the peer's own or, behind trusted proxies, the one that these proxies
//! report.
//!
//! The addresses are read from the right, over all lines of the header, because each proxy adds the
//! address of its own peer there. Reading stops at the first address that is no trusted proxy, and
//! at a word that is no address: what a client wrote further to the left does not count.

mod forms;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderName, header::FORWARDED};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
/// The largest number of hops; no installation has more proxies in a row.
const MOST_HOPS: usize = 32;
/// IPv6 clients are counted by their network, because a single customer has all of its addresses.
const IPV6_NETWORK: u8 = 64;
const WIDE_IPV6_NETWORK: u8 = 48;

/// The trusted proxies. By default there are none, so the peer is the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    hops: Option<usize>,
    header: Option<HeaderName>,
}

impl TrustedProxies {
    /// Parses networks (`10.0.0.0/8`), addresses, at most one number of hops, and at most one name
    /// of a header, with commas or blanks between them. The error is read after the setting's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut proxies = Self::default();
        let words = text.split(|c: char| c == ',' || c.is_whitespace());
        for word in words.filter(|word| !word.is_empty()) {
            proxies.add(word)?;
        }
        if proxies.networks.is_empty() && proxies.hops.is_none() {
            return Err("names no network and no number of hops.".to_owned());
        }
        Ok(proxies)
    }

    fn add(&mut self, word: &str) -> Result<(), String> {
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            let hops = word.parse().ok().filter(|hops| (1..=MOST_HOPS).contains(hops));
            let hops = hops
                .ok_or_else(|| format!("has “{word}”: hops are a number from 1 to {MOST_HOPS}."))?;
            return only_one(&mut self.hops, hops, "two numbers of hops");
        }
        let known = [X_FORWARDED_FOR, FORWARDED, X_REAL_IP];
        if let Some(header) =
            known.into_iter().find(|name| word.eq_ignore_ascii_case(name.as_str()))
        {
            return only_one(&mut self.header, header, "two names of headers");
        }
        let network = network(word).ok_or_else(|| {
            format!("has “{word}”, which is no network, no number of hops, and none of x-forwarded-for, forwarded, x-real-ip.")
        })?;
        self.networks.push(network);
        Ok(())
    }

    /// The client of a request that came from `peer` with these headers.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        match &self.header {
            Some(header) if *header == X_REAL_IP => self.real_ip(peer, headers),
            Some(header) if *header == FORWARDED => self.walk(peer, forms::forwarded(headers)),
            Some(_) => self.walk(peer, forms::x_forwarded_for(headers)),
            None => self.whichever(peer, headers),
        }
    }

    /// A proxy that sets one of the two headers passes the other one on as the client wrote it. If
    /// the two contradict each other, nothing shows which one is the client's, so neither is
    /// trusted.
    fn whichever(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let listed = headers
            .contains_key(X_FORWARDED_FOR)
            .then(|| self.walk(peer, forms::x_forwarded_for(headers)));
        let forwarded =
            headers.contains_key(FORWARDED).then(|| self.walk(peer, forms::forwarded(headers)));
        match (listed, forwarded) {
            (Some(one), Some(other)) if one != other => peer,
            (Some(client), _) | (None, Some(client)) => client,
            (None, None) => peer,
        }
    }

    /// A client with the proxy's own address does not count as a second proxy, unless a number of
    /// hops says so: otherwise a client on the proxy's machine could choose its address.
    fn walk(&self, peer: IpAddr, from_the_right: impl Iterator<Item = Option<IpAddr>>) -> IpAddr {
        let (mut client, mut previous) = (peer, None);
        for (hop, said) in from_the_right.enumerate() {
            let is_itself = self.hops.is_none() && previous == Some(client);
            match said {
                Some(address) if !is_itself && self.trusts(hop, client) => {
                    previous = Some(client);
                    client = address;
                }
                _ => break,
            }
        }
        client
    }

    /// The one address that the nearest proxy sets; two lines contradict each other.
    fn real_ip(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut lines = headers.get_all(X_REAL_IP).iter();
        match (lines.next(), lines.next()) {
            (Some(line), None) if self.trusts(0, peer) => {
                line.to_str().ok().and_then(forms::address).unwrap_or(peer)
            }
            _ => peer,
        }
    }

    /// Whether `address` is a trusted proxy; `hop` 0 is the peer. With both networks and hops, both
    /// must match.
    fn trusts(&self, hop: usize, address: IpAddr) -> bool {
        let near = self.hops.is_none_or(|hops| hop < hops);
        let known = self.networks.is_empty()
            || self.networks.iter().any(|network| network.contains(&address));
        (self.hops.is_some() || !self.networks.is_empty()) && near && known
    }
}

/// The network that an address is counted under.
pub fn source_network(address: IpAddr) -> IpNet {
    match address.to_canonical() {
        v4 @ IpAddr::V4(_) => IpNet::from(v4),
        v6 @ IpAddr::V6(_) => first_bits(v6, IPV6_NETWORK),
    }
}

/// The larger network that a single IPv6 customer may have, with many networks inside; `None` for
/// IPv4.
pub fn wide_network(address: IpAddr) -> Option<IpNet> {
    let address = address.to_canonical();
    address.is_ipv6().then(|| first_bits(address, WIDE_IPV6_NETWORK))
}

fn first_bits(address: IpAddr, bits: u8) -> IpNet {
    IpNet::new(address, bits).map_or_else(|_| IpNet::from(address), |network| network.trunc())
}

fn only_one<T>(slot: &mut Option<T>, value: T, otherwise: &str) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("has {otherwise}.")),
    }
}

/// A network or a single address. One inside `::ffff:0:0/96` is the IPv4 network that it stands
/// for.
fn network(word: &str) -> Option<IpNet> {
    let network = word
        .parse()
        .ok()
        .or_else(|| word.parse().ok().map(|address: IpAddr| IpNet::from(address)))?;
    let IpNet::V6(v6) = network else { return Some(network.trunc()) };
    let mapped: Option<Ipv4Addr> = v6.addr().to_ipv4_mapped().filter(|_| v6.prefix_len() >= 96);
    match mapped {
        Some(v4) => {
            IpNet::new(IpAddr::V4(v4), v6.prefix_len() - 96).ok().map(|network| network.trunc())
        }
        None => Some(network.trunc()),
    }
}
