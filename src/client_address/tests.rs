use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::*;
use crate::property::cases;

const PEER: &str = "10.0.0.1";

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

fn client(setting: &str, peer: &str, lines: &[(&'static str, &str)]) -> String {
    let proxies = if setting.is_empty() {
        TrustedProxies::default()
    } else {
        TrustedProxies::parse(setting).unwrap()
    };
    proxies.client(peer.parse().unwrap(), &headers(lines)).to_string()
}

fn listed(value: &str) -> String {
    client("10.0.0.0/8", PEER, &[("x-forwarded-for", value)])
}

fn forwarded(value: &str) -> String {
    client("10.0.0.0/8", PEER, &[("forwarded", value)])
}

#[test]
fn without_the_setting_the_peer_is_the_client() {
    for peer in ["127.0.0.1", "10.0.0.1", "::1", "203.0.113.9"] {
        let lines = [
            ("x-forwarded-for", "198.51.100.7"),
            ("forwarded", "for=198.51.100.7"),
            ("x-real-ip", "198.51.100.7"),
        ];
        assert_eq!(client("", peer, &lines), peer);
    }
    assert_eq!(client("", "::ffff:203.0.113.9", &[]), "203.0.113.9");
}

#[test]
fn a_peer_that_is_no_trusted_proxy_says_nothing() {
    assert_eq!(
        client("10.0.0.0/8", "203.0.113.9", &[("x-forwarded-for", "198.51.100.7")]),
        "203.0.113.9"
    );
    assert_eq!(
        client("10.0.0.0/8", "203.0.113.9", &[("forwarded", "for=198.51.100.7")]),
        "203.0.113.9"
    );
    assert_eq!(
        client("10.0.0.0/8 x-real-ip", "203.0.113.9", &[("x-real-ip", "198.51.100.7")]),
        "203.0.113.9"
    );
}

#[test]
fn every_form_of_an_address_is_understood() {
    for (word, address) in [
        ("198.51.100.7", "198.51.100.7"),
        (" 198.51.100.7 ", "198.51.100.7"),
        ("198.51.100.7:4711", "198.51.100.7"),
        ("\"198.51.100.7:4711\"", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("\"[2001:db8::1]:4711\"", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("[::ffff:c633:6407]:443", "198.51.100.7"),
    ] {
        assert_eq!(listed(word), address, "{word}");
    }
}

#[test]
fn a_word_that_is_no_address_ends_the_walk_at_the_last_trusted_address() {
    for word in [
        "unknown",
        "_hidden",
        "198.51.100",
        "198.51.100.7.9",
        "198.51.100.07",
        "198.51.100.7:",
        "198.51.100.7:99999",
        "198.51.100.7:x",
        "[2001:db8::1",
        "2001:db8::1]",
        "[2001:db8::1]4711",
        "[198.51.100.7]",
        "\"198.51.100.7",
        "fe80::1%",
        "fe80::1%a b",
        "<script>",
        "\u{ff11}98.51.100.7",
        "localhost",
        "1",
    ] {
        assert_eq!(listed(word), PEER, "{word}");
        assert_eq!(listed(&format!("198.51.100.7, {word}, 10.0.0.2")), "10.0.0.2", "{word}");
        assert_eq!(listed(&format!("{word}, 198.51.100.7")), "198.51.100.7", "{word}");
    }
}

#[test]
fn addresses_are_counted_from_the_right_over_all_lines() {
    let two = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "198.51.100.7")];
    assert_eq!(client("10.0.0.0/8", PEER, &two), "198.51.100.7");
    assert_eq!(listed("192.0.2.1, 198.51.100.7"), "198.51.100.7");
    assert_eq!(listed("192.0.2.1,198.51.100.7,10.9.9.9, 10.8.8.8"), "198.51.100.7");
    assert_eq!(listed("198.51.100.7, ,"), "198.51.100.7");
    assert_eq!(listed(""), PEER);
    assert_eq!(listed("10.0.0.3"), "10.0.0.3", "a client may be inside the network of the proxies");
}

#[test]
fn a_number_of_hops_counts_the_peer_as_the_first() {
    let list = [("x-forwarded-for", "192.0.2.1, 198.51.100.7, 203.0.113.5")];
    assert_eq!(client("1", "203.0.113.9", &list), "203.0.113.5");
    assert_eq!(client("2", "203.0.113.9", &list), "198.51.100.7");
    assert_eq!(client("9", "203.0.113.9", &list), "192.0.2.1");
    assert_eq!(client("2 203.0.113.0/24", "203.0.113.9", &list), "198.51.100.7");
    assert_eq!(client("1, 203.0.113.0/24", "203.0.113.9", &list), "203.0.113.5");
    assert_eq!(client("2, 10.0.0.0/8", "203.0.113.9", &list), "203.0.113.9");
}

#[test]
fn a_client_on_the_proxys_own_machine_cannot_choose_its_address() {
    let list = [("x-forwarded-for", "192.0.2.1, 127.0.0.1")];
    assert_eq!(client("127.0.0.1", "127.0.0.1", &list), "127.0.0.1");
    assert_eq!(client("127.0.0.1", "::ffff:127.0.0.1", &list), "127.0.0.1");
    assert_eq!(
        client("127.0.0.1 2", "127.0.0.1", &list),
        "192.0.2.1",
        "two proxies on one machine"
    );
    assert_eq!(
        client("127.0.0.1, 10.0.0.1", "127.0.0.1", &[("x-forwarded-for", "192.0.2.1, 10.0.0.1")]),
        "192.0.2.1"
    );
}

#[test]
fn the_standard_header_is_understood_in_all_its_forms() {
    for (value, address) in [
        ("for=198.51.100.7", "198.51.100.7"),
        ("For=\"198.51.100.7:4711\"", "198.51.100.7"),
        ("for=198.51.100.7:_port", "198.51.100.7"),
        ("for=\"[2001:db8::1]\"", "2001:db8::1"),
        ("for=\"[2001:db8::1]:4711\";proto=https;by=10.0.0.1", "2001:db8::1"),
        ("proto=http ; FOR = 198.51.100.7 ;host=seats.test", "198.51.100.7"),
        ("for=\"198.51.100\\.7\"", "198.51.100.7"),
        ("for=192.0.2.1, for=198.51.100.7;by=\"a,b;c\\\"d\", for=10.2.2.2", "198.51.100.7"),
        ("for=192.0.2.1;host=\"a, for=192.0.2.2\", for=198.51.100.7", "198.51.100.7"),
        ("for=unknown", PEER),
        ("for=_hidden", PEER),
        ("for=\"_hidden\", for=198.51.100.7", "198.51.100.7"),
        ("for=198.51.100.7, for=unknown", PEER),
        ("for=198.51.100.7, proto=https", PEER),
        ("for=198.51.100.7;for=198.51.100.8", PEER),
        ("198.51.100.7", PEER),
        ("for=\"198.51.100.7", PEER),
        ("for=192.0.2.1;x=\", for=\"198.51.100.7\"", PEER),
        ("", PEER),
    ] {
        assert_eq!(forwarded(value), address, "{value}");
    }
    let two = [("forwarded", "for=192.0.2.1"), ("forwarded", "for=198.51.100.7")];
    assert_eq!(client("10.0.0.0/8", PEER, &two), "198.51.100.7");
}

#[test]
fn of_two_headers_that_contradict_each_other_none_is_believed() {
    let both = |one, other| [("x-forwarded-for", one), ("forwarded", other)];
    assert_eq!(client("10.0.0.0/8", PEER, &both("198.51.100.7", "for=192.0.2.1")), PEER);
    assert_eq!(
        client("10.0.0.0/8", PEER, &both("198.51.100.7:80", "for=198.51.100.7")),
        "198.51.100.7"
    );
    assert_eq!(
        client("10.0.0.0/8 x-forwarded-for", PEER, &both("198.51.100.7", "for=192.0.2.1")),
        "198.51.100.7"
    );
    assert_eq!(
        client("10.0.0.0/8 Forwarded", PEER, &both("198.51.100.7", "for=192.0.2.1")),
        "192.0.2.1"
    );
}

#[test]
fn one_real_ip_counts_only_where_the_setting_names_it() {
    assert_eq!(client("10.0.0.0/8", PEER, &[("x-real-ip", "198.51.100.7")]), PEER);
    assert_eq!(
        client("10.0.0.0/8 x-real-ip", PEER, &[("x-real-ip", "198.51.100.7")]),
        "198.51.100.7"
    );
    assert_eq!(client("1 x-real-ip", PEER, &[("x-real-ip", "nonsense")]), PEER);
    assert_eq!(
        client("1 x-real-ip", PEER, &[("x-real-ip", "192.0.2.1"), ("x-real-ip", "198.51.100.7")]),
        PEER
    );
    assert_eq!(client("1 x-real-ip", PEER, &[("x-forwarded-for", "192.0.2.1")]), PEER);
}

#[test]
fn an_ipv4_proxy_is_the_same_one_on_an_ipv6_socket() {
    let list = [("x-forwarded-for", "198.51.100.7")];
    assert_eq!(client("127.0.0.1", "::ffff:127.0.0.1", &list), "198.51.100.7");
    assert_eq!(client("::ffff:127.0.0.0/104", "127.0.0.1", &list), "198.51.100.7");
    assert_eq!(client("::1", "::1", &list), "198.51.100.7");
    assert_eq!(
        client("10.1.2.3/8", PEER, &list),
        "198.51.100.7",
        "bits behind the prefix do not matter"
    );
    assert_eq!(client("2001:db8::/32", "2001:db8:1::9", &list), "198.51.100.7");
}

#[test]
fn a_setting_that_cannot_be_read_is_refused() {
    for (text, message) in [
        ("", "names no network and no number of hops."),
        ("forwarded", "names no network and no number of hops."),
        ("0", "has “0”: hops are a number from 1 to 32."),
        ("99", "has “99”: hops are a number from 1 to 32."),
        ("1 2", "has two numbers of hops."),
        ("1 forwarded x-real-ip", "has two names of headers."),
        (
            "nginx",
            "has “nginx”, which is no network, no number of hops, and none of x-forwarded-for, forwarded, x-real-ip.",
        ),
    ] {
        assert_eq!(TrustedProxies::parse(text), Err(message.to_owned()), "{text}");
    }
    assert!(TrustedProxies::parse("10.0.0.0/33").is_err());
    assert!(TrustedProxies::parse("127.0.0.1, ::1 10.0.0.0/8,2,X-Forwarded-For").is_ok());
}

#[test]
fn an_ipv6_client_is_counted_by_its_network() {
    let network = |text: &str| source_network(text.parse().unwrap()).to_string();
    assert_eq!(network("198.51.100.7"), "198.51.100.7/32");
    assert_eq!(network("::ffff:198.51.100.7"), "198.51.100.7/32");
    assert_eq!(network("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
    assert_eq!(network("2001:db8:1:2:ffff:ffff:ffff:ffff"), "2001:db8:1:2::/64");
}

/// Header values that a client may send: words that look like addresses, and bytes that look like
/// nothing.
fn said() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let word = prop_oneof![
        any::<IpAddr>().prop_map(|address| address.to_string().into_bytes()),
        "[ -~]{0,40}".prop_map(String::into_bytes),
        "for=[\"\\[]{0,2}[0-9a-f:.]{0,20}[\\]\"\\\\]{0,2}[;,]?".prop_map(String::into_bytes),
        prop::collection::vec(prop_oneof![0x80_u8..=0xff, Just(b'"'), Just(b',')], 0..20),
    ];
    prop::collection::vec(word, 0..6)
}

fn outside() -> impl Strategy<Value = IpAddr> {
    any::<IpAddr>()
        .prop_map(|address| address.to_canonical())
        .prop_filter("no proxy of ours", |address| {
            !TrustedProxies::parse("10.0.0.0/8").unwrap().trusts(0, *address)
        })
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_client_cannot_choose_its_address(
        said in said(),
        client in outside(),
        name in prop::sample::select(vec!["x-forwarded-for", "forwarded"]),
    ) {
        let proxies = TrustedProxies::parse("10.0.0.0/8").unwrap();
        let seen = match (name, client) {
            ("forwarded", IpAddr::V6(v6)) => format!("for=\"[{v6}]\""),
            ("forwarded", v4) => format!("for={v4}"),
            (_, address) => address.to_string(),
        };
        let (mut lines, mut joined) = (HeaderMap::new(), Vec::new());
        for word in &said {
            lines.append(name, HeaderValue::from_bytes(word).unwrap());
            joined.extend_from_slice(word);
            joined.extend_from_slice(b", ");
        }
        lines.append(name, HeaderValue::from_str(&seen).unwrap());
        joined.extend_from_slice(seen.as_bytes());
        let mut one_line = HeaderMap::new();
        one_line.append(name, HeaderValue::from_bytes(&joined).unwrap());
        let peer: IpAddr = PEER.parse().unwrap();

        prop_assert_eq!(proxies.client(peer, &lines), client);
        let found = proxies.client(peer, &one_line);
        prop_assert!(found == client || found == peer && name == "forwarded", "{found}");
    }

    #[test]
    fn without_trust_nothing_that_is_sent_matters(said in said(), peer in any::<IpAddr>()) {
        let mut headers = HeaderMap::new();
        for word in &said {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(word).unwrap());
            headers.append("forwarded", HeaderValue::from_bytes(word).unwrap());
            headers.append("x-real-ip", HeaderValue::from_bytes(word).unwrap());
        }

        prop_assert_eq!(TrustedProxies::default().client(peer, &headers), peer.to_canonical());
    }

    #[test]
    fn two_addresses_of_one_network_are_one_source(bits: u128, host: u64) {
        let one = std::net::Ipv6Addr::from_bits(bits);
        let other = std::net::Ipv6Addr::from_bits(bits & (!0 << 64) | u128::from(host));
        let is_mapped = one.to_ipv4_mapped().is_some() || other.to_ipv4_mapped().is_some();
        prop_assert!(is_mapped || source_network(one.into()) == source_network(other.into()));
    }
}
