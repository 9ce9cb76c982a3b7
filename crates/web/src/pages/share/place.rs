//! Where a link leads, and whether anybody outside can follow it.

use crate::app::Site;
use crate::device;
use http::HeaderMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Endings of names that only an inner network knows.
const INNER: [&str; 9] = [".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".test", ".home.arpa"];

/// The server's address as others know it: the one that is configured, else the one by which the browser reached us.
pub(in crate::pages) fn base(site: &Site, headers: &HeaderMap) -> Option<Url> {
    match &site.operations().public_url {
        Some(url) => Some(url.clone()),
        None => Url::parse(&device::origin(site, headers)).ok(),
    }
}

/// An address below the base.
pub(in crate::pages) fn absolute(base: Option<&Url>, path: &str) -> String {
    base.and_then(|base| base.join(path).ok()).map_or_else(|| path.to_owned(), String::from)
}

/// Whether an address can lead anybody from outside here. A name that means something can still be closed to the world: that
/// nobody can tell from here.
pub(in crate::pages) fn is_reachable(base: Option<&Url>) -> bool {
    match base.and_then(Url::host) {
        None => false,
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name.contains('.') && !INNER.iter().any(|ending| name.ends_with(ending))
        }
        Some(Host::Ipv4(address)) => is_public_v4(address),
        Some(Host::Ipv6(address)) => address.to_ipv4_mapped().map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    !(first == 0
        || is_shared
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let unusable = address.is_loopback() || address.is_unspecified() || address.is_multicast();
    !(unusable || address.is_unique_local() || address.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_and_of_inner_networks_are_not_reachable_from_outside() {
        let reachable = |text: &str| is_reachable(Some(&Url::parse(text).unwrap()));
        for outside in ["https://tacho.example.com", "https://a.b:8443", "http://203.0.113.9", "https://[2001:db8::1]"] {
            assert!(reachable(outside), "{outside}");
        }
        for inside in [
            "http://localhost:8080",
            "http://tacho",
            "http://tacho.local.",
            "https://tacho.corp",
            "https://x.home.arpa",
            "http://127.0.0.1",
            "http://0.0.0.0:80",
            "http://10.1.2.3",
            "http://172.16.0.1",
            "http://192.168.1.4",
            "http://169.254.1.1",
            "http://100.64.0.1",
            "http://[::1]:8080",
            "http://[fd00::1]",
            "http://[fe80::1]",
            "http://[::ffff:10.0.0.1]",
        ] {
            assert!(!reachable(inside), "{inside}");
        }
        assert!(!is_reachable(None));
    }

    #[test]
    fn an_address_is_made_below_the_base() {
        let base = Url::parse("https://tacho.example.com").unwrap();
        assert_eq!(absolute(Some(&base), "/s/abc"), "https://tacho.example.com/s/abc");
        assert_eq!(absolute(None, "/s/abc"), "/s/abc");
    }
}
