//! Who asks: the address at the other end, or what proxies that we trust say stands behind them. What anybody else writes into
//! those headers is their own word and counts for nothing.

use axum::extract::{ConnectInfo, Request};
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that only a proxy writes.
const WRITTEN_BY_PROXIES: [HeaderName; 6] = [
    FORWARDED_FOR,
    FORWARDED_PROTO,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("via"),
];

/// The other end of a request. The edge makes it; layers and handlers find it in the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The client, behind as many trusted proxies as there are.
    pub(crate) client: IpAddr,
    /// Whether the request begins on this machine and no proxy has touched it.
    pub(crate) is_local: bool,
    /// Whether a trusted proxy says that the client speaks HTTPS with it.
    pub(crate) is_secure: bool,
}

impl Peer {
    pub(crate) fn of(request: &Request, trusted: &[IpNet]) -> Self {
        let nobody = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        let near = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(nobody, |info| info.0.ip().to_canonical());
        let headers = request.headers();
        let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
        Self {
            client: if is_trusted(near) { behind(near, headers, is_trusted) } else { near },
            is_local: near.is_loopback() && !WRITTEN_BY_PROXIES.iter().any(|name| headers.contains_key(name)),
            is_secure: is_trusted(near) && last(headers).is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
        }
    }
}

/// Walks `X-Forwarded-For` from its end, where the nearest proxy wrote, over trusted hops to the first that is not: each entry
/// is as good as the hop that wrote it.
fn behind(near: IpAddr, headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let values: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    let hops = values.iter().rev().flat_map(|value| value.rsplit(','));
    let mut client = near;
    for hop in hops {
        let Some(address) = address(hop.trim()) else { break };
        client = address;
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let found = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    found.map(|address| address.to_canonical())
}

/// What the nearest proxy says of the protocol.
fn last(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get_all(FORWARDED_PROTO).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn peer(near: [u8; 4], headers: &[(HeaderName, &str)]) -> Peer {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((near, 9))));
        for (name, value) in headers {
            request.headers_mut().append(name.clone(), value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8", "fd00::/8", "127.0.0.1/32"].map(|net| net.parse().unwrap());
        Peer::of(&request, &trusted)
    }

    fn client(near: [u8; 4], told: &[&str]) -> String {
        let headers: Vec<_> = told.iter().map(|value| (FORWARDED_FOR, *value)).collect();
        peer(near, &headers).client.to_string()
    }

    #[test]
    fn a_stranger_is_believed_nothing() {
        assert_eq!(client([203, 0, 113, 1], &["6.6.6.6"]), "203.0.113.1");
        let secure = peer([203, 0, 113, 1], &[(FORWARDED_PROTO, "https")]);
        assert!(!secure.is_secure);
    }

    #[test]
    fn the_way_leads_from_the_nearest_proxy_to_the_first_that_is_not_ours() {
        let proxy = [10, 0, 0, 1];
        assert_eq!(client(proxy, &["6.6.6.6, 203.0.113.9"]), "203.0.113.9", "what stands before is the client's own word");
        assert_eq!(client(proxy, &["6.6.6.6, 203.0.113.9, 10.0.0.7, 10.0.0.8"]), "203.0.113.9");
        assert_eq!(client(proxy, &["6.6.6.6, 203.0.113.9", "10.0.0.7"]), "203.0.113.9", "several headers are one list");
        assert_eq!(client(proxy, &["10.0.0.9, 10.0.0.7"]), "10.0.0.9", "all of them ours");
        assert_eq!(client(proxy, &["203.0.113.9, unknown, 10.0.0.7"]), "10.0.0.7", "the way ends where nothing can be read");
        assert_eq!(client(proxy, &[]), "10.0.0.1");
    }

    #[test]
    fn addresses_are_read_in_every_form_that_proxies_write() {
        let proxy = [10, 0, 0, 1];
        for (told, found) in [
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(client(proxy, &[told]), found);
        }
    }

    #[test]
    fn https_is_the_nearest_trusted_proxys_word() {
        assert!(peer([10, 0, 0, 1], &[(FORWARDED_PROTO, "http, https")]).is_secure);
        assert!(!peer([10, 0, 0, 1], &[(FORWARDED_PROTO, "https, http")]).is_secure);
        assert!(!peer([10, 0, 0, 1], &[]).is_secure);
    }

    #[test]
    fn only_what_begins_here_and_met_no_proxy_is_local() {
        assert!(peer([127, 0, 0, 1], &[]).is_local);
        assert!(!peer([10, 0, 0, 1], &[]).is_local);
        for name in WRITTEN_BY_PROXIES {
            assert!(!peer([127, 0, 0, 1], &[(name.clone(), "127.0.0.1")]).is_local, "{name}");
        }
    }
}
