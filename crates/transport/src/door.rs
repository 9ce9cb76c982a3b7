//! Which addresses a lane may call: its vendor's, the vendor's download hosts, and nothing else. Every hop of a redirect is
//! held to it, since a reply is only a vendor's word.

use crate::address::is_public;
use crate::allowance::{Allowance, bare};
use url::{Host, Url};

/// The hosts of one lane.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    base: Url,
    downloads: &'static [&'static str],
    allowance: Allowance,
}

/// Why an address is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Closed {
    #[error("`{0}` is not an address that can be called: expected http(s) with a host and without a user name")]
    Unfit(String),
    #[error("`{0}` is not a host of this integration")]
    Foreign(String),
    #[error("`{0}` would be called without TLS; only a host in `allowed_private` may")]
    Plain(String),
    #[error("`{0}` is a private address; name it in `allowed_private` if it is meant")]
    Private(String),
}

impl Door {
    /// The door to a base address and to the hosts of downloads.
    pub(crate) fn new(base: Url, downloads: &'static [&'static str], allowance: Allowance) -> Self {
        Self { base, downloads, allowance }
    }

    /// Whether an address may be called. Names are checked once more when their addresses are known
    /// ([`crate::names`]), so that a name cannot change its mind in between.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Closed> {
        let shown = shown_host(url);
        let (Some(host), "http" | "https") = (url.host(), url.scheme()) else { return Err(Closed::Unfit(shown)) };
        // A user name would become a credential of the address's own making.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Closed::Unfit(shown));
        }
        let allowed = self.allowance.names(url);
        let lawful = self.is_base(url) || self.is_download(url) || (allowed && self.allowance.names(&self.base));
        if !lawful {
            return Err(Closed::Foreign(shown));
        }
        let private = match host {
            Host::Ipv4(address) => !is_public(address.into()),
            Host::Ipv6(address) => !is_public(address.into()),
            // The resolver lets every port of a mentioned name through; here its port is known.
            Host::Domain(name) => self.allowance.mentions(name),
        };
        if private && !allowed {
            return Err(Closed::Private(shown));
        }
        if url.scheme() == "http" && !allowed {
            return Err(Closed::Plain(shown));
        }
        Ok(())
    }

    fn is_base(&self, url: &Url) -> bool {
        let same_host = url.host_str().map(bare) == self.base.host_str().map(bare);
        same_host && url.port_or_known_default() == self.base.port_or_known_default()
    }

    fn is_download(&self, url: &Url) -> bool {
        let Some(Host::Domain(name)) = url.host() else { return false };
        url.scheme() == "https" && url.port().is_none() && self.downloads.iter().any(|pattern| matches(pattern, bare(name)))
    }
}

/// The host of an address as it may be shown, with its port where that is unusual.
pub(crate) fn shown_host(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => format!("{}:", url.scheme()),
    }
}

/// Whether a host fits a pattern in which each `*` stands for at least one character, dots included: whole labels or a part
/// of one. The last two labels have to be spelled out, or a pattern would be everyone's.
fn matches(pattern: &str, host: &str) -> bool {
    let fixed = pattern.rsplit('*').next().unwrap_or(pattern);
    if pattern.contains('*') && (fixed.matches('.').count() < 2 || host.contains("..")) {
        return false;
    }
    fits(pattern.as_bytes(), host.as_bytes())
}

fn fits(pattern: &[u8], host: &[u8]) -> bool {
    match pattern.split_first() {
        None => host.is_empty(),
        Some((b'*', rest)) => (1..=host.len()).any(|taken| fits(rest, &host[taken..])),
        Some((byte, rest)) => host.first().is_some_and(|first| first.eq_ignore_ascii_case(byte)) && fits(rest, &host[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWNLOADS: &[&str] =
        &["copilot-reports.github.com", "copilot-reports.*.ghe.com", "reports-*.b01.azurefd.net", "*.blob.core.windows.net"];

    fn door(base: &str, allowed: &[&str]) -> Door {
        let allowed: Vec<String> = allowed.iter().map(|&entry| entry.to_owned()).collect();
        Door::new(Url::parse(base).unwrap(), DOWNLOADS, Allowance::parse(&allowed).unwrap())
    }

    fn check(base: &str, allowed: &[&str], url: &str) -> Result<(), Closed> {
        door(base, allowed).check(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_star_stands_for_labels_or_parts_of_one_and_never_for_nothing() {
        for (pattern, host) in [
            ("*.blob.core.windows.net", "reports1.blob.core.windows.net"),
            ("*.blob.core.windows.net", "a.b.blob.core.windows.net"),
            ("reports-*.b01.azurefd.net", "reports-x7-y.b01.azurefd.net"),
            ("copilot-reports.*.ghe.com", "copilot-reports.acme.ghe.com"),
            ("a*b*.example.com", "axbx.example.com"),
        ] {
            assert!(matches(pattern, host), "{pattern} {host}");
        }
        for (pattern, host) in [
            ("*.blob.core.windows.net", "evilblob.core.windows.net"),
            ("*.blob.core.windows.net", "blob.core.windows.net"),
            ("*.blob.core.windows.net", ".blob.core.windows.net"),
            ("*.blob.core.windows.net", "x.blob.core.windows.net.evil.example"),
            ("reports-*.b01.azurefd.net", "reports-.b01.azurefd.net"),
            ("reports-*.b01.azurefd.net", "reports-x.b02.azurefd.net"),
            ("copilot-reports.*.ghe.com", "copilot-reports.ghe.com"),
            ("copilot-reports.*.ghe.com", "copilot-reports..ghe.com"),
            ("copilot-reports.github.com", "xcopilot-reports.github.com"),
            ("*", "evil.example"),
            ("*.com", "evil.com"),
            ("reports-*", "reports-x.evil.example"),
        ] {
            assert!(!matches(pattern, host), "{pattern} {host}");
        }
    }

    #[test]
    fn only_the_vendor_and_its_download_hosts_are_called() {
        let base = "https://api.github.com";
        for lawful in [
            "https://api.github.com/orgs/x",
            "https://API.github.com:443/",
            "https://api.github.com./",
            "https://copilot-reports.github.com/r?sig=1",
            "https://x.blob.core.windows.net/",
        ] {
            assert_eq!(check(base, &[], lawful), Ok(()), "{lawful}");
        }
        for foreign in [
            "https://evil.example/",
            "https://api.github.com.evil.example/",
            "https://api.github.com:8443/",
            "https://copilot-reports.github.com:8443/",
            "http://copilot-reports.github.com/",
            "https://evilblob.core.windows.net/",
            "https://127.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
        ] {
            assert!(matches!(check(base, &[], foreign), Err(Closed::Foreign(_))), "{foreign}");
        }
        for unfit in [
            "file:///etc/passwd",
            "https://user@api.github.com/",
            "https://:pw@api.github.com/",
            "archive:",
            "ftp://api.github.com/",
        ] {
            assert!(matches!(check(base, &[], unfit), Err(Closed::Unfit(_))), "{unfit}");
        }
        assert_eq!(check("http://api.github.com", &[], "http://api.github.com/"), Err(Closed::Plain("api.github.com".into())));
    }

    #[test]
    fn a_private_literal_is_refused_in_every_spelling_unless_listed() {
        for base in [
            "https://127.0.0.1",
            "https://2130706433",
            "https://0x7f.1",
            "https://0177.0.0.1",
            "https://127.1",
            "https://10.0.0.1",
            "https://172.16.3.4",
            "https://192.168.0.1",
            "https://169.254.169.254",
            "https://100.64.0.1",
            "https://224.0.0.1",
            "https://0.0.0.0",
            "https://[::1]",
            "https://[::ffff:127.0.0.1]",
            "https://[::ffff:7f00:1]",
            "https://[fc00::1]",
            "https://[fe80::1]",
            "https://[64:ff9b::10.0.0.1]",
        ] {
            assert!(matches!(check(base, &[], base), Err(Closed::Private(_))), "{base}");
            let host = Url::parse(base).unwrap().host_str().unwrap().to_owned();
            assert_eq!(check(base, &[&host], base), Ok(()), "{base} listed as {host}");
        }
    }

    #[test]
    fn an_allowance_holds_for_its_port_and_for_downloads_of_a_lane_that_is_itself_allowed() {
        let allowed = ["127.0.0.1:8080", "127.0.0.1:8081", "localhost:9000"];
        assert_eq!(check("http://127.0.0.1:8080", &allowed, "http://127.0.0.1:8080/"), Ok(()));
        assert_eq!(check("http://127.0.0.1:8080", &allowed, "http://127.0.0.1:8081/signed"), Ok(()));
        assert_eq!(check("http://127.0.0.1:8080", &allowed, "http://localhost:9000/signed"), Ok(()));
        assert!(matches!(check("http://127.0.0.1:8080", &allowed, "http://127.0.0.1:8082/"), Err(Closed::Foreign(_))));
        assert!(matches!(check("https://api.github.com", &allowed, "http://127.0.0.1:8080/"), Err(Closed::Foreign(_))));
        assert!(matches!(check("https://127.0.0.1:1", &allowed, "https://127.0.0.1:1/"), Err(Closed::Private(_))));
        assert!(matches!(check("https://localhost:1", &allowed, "https://localhost:1/"), Err(Closed::Private(_))));
    }
}
