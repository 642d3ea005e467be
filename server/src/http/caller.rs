//! Where a request comes from: the other end of its line, or who a trusted proxy says it is.
//!
//! A proxy appends the address that it sees. Only what a trusted proxy appended is believed: read from the right, the
//! first address that is no trusted proxy's. Without a setting, a line from this machine is a proxy's that nobody named:
//! then the address is unknown, and nobody is counted by it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::state::State;

/// The other end of a request's line.
#[derive(Debug, Clone, Copy)]
pub struct Line(pub IpAddr);

/// Whose request it is, as far as addresses tell; `None` where they do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller(pub Option<IpAddr>);

impl FromRequestParts<Arc<State>> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Infallible> {
        let line = parts.extensions.get::<Line>();
        Ok(Self(line.and_then(|Line(peer)| caller(*peer, &parts.headers, &state.trusted_proxies))))
    }
}

fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    let trusts = |address: &IpAddr| trusted.contains(address);
    let found = if trusts(&peer) {
        told(headers).into_iter().rev().find(|address| address.is_none_or(|it| !trusts(&it))).flatten()?
    } else if peer.is_loopback() {
        return None;
    } else {
        peer
    };
    Some(whole(found))
}

/// The addresses that proxies told, in their order; `None` for one that is hidden or cannot be read.
fn told(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = |name: &str| -> Vec<String> {
        let all = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        all.flat_map(|line| line.split(',')).map(|part| part.trim().to_owned()).collect()
    };
    let forwarded = lines("forwarded");
    if forwarded.is_empty() {
        return lines("x-forwarded-for").iter().map(|word| address(word)).collect();
    }
    let of = |element: &String| {
        let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
        let (_, node) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
        address(node.trim().trim_matches('"'))
    };
    forwarded.iter().map(of).collect()
}

/// An address as proxies write it: bare, in brackets, with a port or without.
fn address(word: &str) -> Option<IpAddr> {
    if let Ok(bare) = word.parse::<IpAddr>() {
        return Some(bare.to_canonical());
    }
    let host = match word.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => word.split(':').next().unwrap_or_default(),
    };
    host.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Whoever has one IPv6 address has the 2⁶⁴ of its network: they count as one.
fn whole(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Goal: only what a trusted proxy appended is believed, in both headers. Method: a table of lines.
    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let proxies: [IpAddr; 2] = ["127.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        for (peer, header, value, expected) in [
            ("198.51.100.7", "x-forwarded-for", "1.2.3.4", Some("198.51.100.7")),
            ("::ffff:198.51.100.7", "x-forwarded-for", "", Some("198.51.100.7")),
            ("127.0.0.1", "x-forwarded-for", "1.2.3.4", Some("1.2.3.4")),
            ("127.0.0.1", "x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.0.0.2", Some("1.2.3.4")),
            ("127.0.0.1", "x-forwarded-for", "1.2.3.4:4711", Some("1.2.3.4")),
            ("127.0.0.1", "x-forwarded-for", "unknown", None),
            ("127.0.0.1", "x-forwarded-for", "10.0.0.2", None),
            ("127.0.0.1", "x-real-ip", "1.2.3.4", None),
            ("127.0.0.1", "forwarded", "for=6.6.6.6, For=1.2.3.4;proto=https", Some("1.2.3.4")),
            (
                "127.0.0.1",
                "forwarded",
                "proto=https;for=\"[2001:db8:1:2:3:4:5:6]:80\"",
                Some("2001:db8:1:2::"),
            ),
            ("127.0.0.1", "forwarded", "for=_hidden", None),
            ("2001:db8:1:2:3:4:5:6", "forwarded", "for=1.2.3.4", Some("2001:db8:1:2::")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header, value.parse().unwrap());
            let expected = expected.map(|it| it.parse::<IpAddr>().unwrap());
            assert_eq!(
                caller(peer.parse().unwrap(), &headers, &proxies),
                expected,
                "{peer} {header} {value}"
            );
        }
        assert_eq!(
            caller("127.0.0.1".parse().unwrap(), &HeaderMap::new(), &[]),
            None,
            "a proxy nobody named"
        );
    }
}
