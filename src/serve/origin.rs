//! Where a request comes from: the other end of its connection, or where that is a proxy the site trusts, whom the proxy says it speaks
//! for. What anybody else says of it is not believed. Used by `guard` for `auth`.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::config::Network;

/// The other end of a request's connection.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin(pub IpAddr);

impl Origin {
    /// Of a request: the last address the trusted proxies did not write for one another.
    #[must_use]
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let is_trusted = |at: &IpAddr| trusted.iter().any(|net| net.contains(at));
        let mut at = peer.to_canonical();
        let said = headers.get_all("x-forwarded-for").iter().filter_map(|said| said.to_str().ok());
        let said: Vec<&str> = said.flat_map(|said| said.split(',')).collect();
        for said in said.iter().rev() {
            if !is_trusted(&at) {
                break;
            }
            // What is no address was not written by a proxy that can be understood: its own address stands.
            let Ok(before) = said.trim().parse::<IpAddr>() else { break };
            at = before.to_canonical();
        }
        Self(at)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<Network> = ["10.0.0.0/8", "::1"].map(|net| Network::try_from(net.to_owned()).unwrap()).into();
        let of = |peer: &str, said: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for said in said {
                headers.append("x-forwarded-for", HeaderValue::from_static(said));
            }
            Origin::of(peer.parse().unwrap(), &headers, &trusted).0.to_string()
        };
        for (peer, said, origin) in [
            ("192.0.2.7", &["198.51.100.1"] as &[_], "192.0.2.7"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            // Whoever is in front of the proxy wrote the first one.
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9", "198.51.100.1 , 10.9.9.9"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
            ("::1", &["x, 10.0.0.2"], "10.0.0.2"),
        ] {
            assert_eq!(of(peer, said), origin, "{peer} {said:?}");
        }
    }
}
