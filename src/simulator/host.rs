//! Checks the host name of each request. The pages have no sign-in, so a site that claims to be on
//! this machine (DNS rebinding) must not reach them through a visitor's browser: its requests still
//! carry the site's own name.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{StatusCode, header::HOST, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Lets a request pass if its host name is this machine.
pub(super) async fn check(
    State(listening): State<IpAddr>,
    request: Request,
    next: Next,
) -> Response {
    let mut named = request.headers().get_all(HOST).iter();
    let header = named
        .next()
        .filter(|_| named.next().is_none())
        .and_then(|host| host.to_str().ok()?.parse().ok());
    let authority: Option<Authority> = request.uri().authority().cloned().or(header);
    if authority.is_some_and(|authority| is_ours(authority.host(), listening)) {
        return next.run(request).await;
    }
    let why =
        "This page answers to localhost and to the address it listens on, and to no other name.\n";
    (StatusCode::MISDIRECTED_REQUEST, why).into_response()
}

/// DNS rebinding needs a name, not an IP address, so every address is accepted if the page listens
/// on all addresses.
fn is_ours(host: &str, listening: IpAddr) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || address == listening || listening.is_unspecified(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_where_it_listens_is_ours() {
        for (listening, ours, foreign) in [
            (
                "127.0.0.1",
                &["localhost", "LOCALHOST", "demo.localhost", "127.0.0.1", "127.9.9.9", "[::1]"][..],
                &["192.168.1.5", "evil.example"][..],
            ),
            (
                "192.168.1.5",
                &["192.168.1.5", "localhost"],
                &["192.168.1.6", "localhost.evil.example"],
            ),
            (
                "0.0.0.0",
                &["192.168.1.6", "[fe80::1]", "localhost"],
                &["evil.example", "notlocalhost", "127.0.0.1.evil.example", ""],
            ),
        ] {
            let listening = listening.parse().unwrap();
            assert!(ours.iter().all(|host| is_ours(host, listening)), "{listening}: {ours:?}");
            assert!(
                !foreign.iter().any(|host| is_ours(host, listening)),
                "{listening}: {foreign:?}"
            );
        }
    }
}
