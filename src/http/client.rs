//! Adds the client's address to every request.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::map_request,
};
use ipnet::IpNet;

use crate::client_address::{TrustedProxies, source_network};

/// The address of the request's client, as an extension. It is missing if a request has no peer, as
/// in tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The network that the limits for one client are counted under.
    pub fn network(self) -> IpNet {
        source_network(self.0)
    }
}

pub fn with_client_address(router: Router, proxies: TrustedProxies) -> Router {
    router.layer(map_request(move |mut request: Request| {
        let proxies = proxies.clone();
        async move {
            let peer =
                request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
            if let Some(peer) = peer {
                let client = proxies.client(peer, request.headers());
                request.extensions_mut().insert(ClientAddress(client));
            }
            request
        }
    }))
}
