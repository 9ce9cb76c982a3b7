//! The private hosts an operator allows by name, and nothing that only looks like them.

use crate::BuildError;
use url::{Host, Url};

/// The parsed `allowed_private` of a policy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowance(Vec<(String, Option<u16>)>);

impl Allowance {
    /// Reads hosts and hosts with ports.
    pub(crate) fn parse(entries: &[String]) -> Result<Self, BuildError> {
        let parsed = entries.iter().map(|entry| parse_entry(entry).ok_or_else(|| BuildError::Allowance { entry: entry.clone() }));
        parsed.collect::<Result<_, _>>().map(Self)
    }

    /// Allows one more host, on any port: the proxy's.
    pub(crate) fn with_host(mut self, host: &str) -> Self {
        self.0.push((bare(host).to_owned(), None));
        self
    }

    /// Whether an address may be private and without TLS: its host is named, on this port or on any.
    pub(crate) fn names(&self, url: &Url) -> bool {
        let (Some(host), port) = (url.host_str(), url.port_or_known_default()) else { return false };
        self.0.iter().any(|(name, only)| name == bare(host) && only.is_none_or(|only| Some(only) == port))
    }

    /// Whether a host is named at all. A name is looked up without its port, so this is what the resolver asks.
    pub(crate) fn mentions(&self, host: &str) -> bool {
        self.0.iter().any(|(name, _)| name == bare(host))
    }
}

/// A name without the dot that only says it is complete: `localhost.` is `localhost`.
pub(crate) fn bare(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

fn parse_entry(entry: &str) -> Option<(String, Option<u16>)> {
    let entry = entry.trim();
    if entry.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some((format!("[{entry}]"), None)).map(|(host, port)| (host.to_ascii_lowercase(), port));
    }
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse::<u16>().ok()?)),
        _ => (entry, None),
    };
    if host.contains('*') {
        return None;
    }
    let host: Host = Host::parse(host).ok()?;
    Some((bare(&host.to_string()).to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowance(entries: &[&str]) -> Result<Allowance, BuildError> {
        Allowance::parse(&entries.iter().map(|&entry| entry.to_owned()).collect::<Vec<_>>())
    }

    fn names(entry: &str, url: &str) -> bool {
        allowance(&[entry]).unwrap().names(&Url::parse(url).unwrap())
    }

    #[test]
    fn an_entry_names_its_host_and_port_only() {
        assert!(names("127.0.0.1:8080", "http://127.0.0.1:8080/x"));
        assert!(names("127.0.0.1:80", "http://127.0.0.1/"));
        assert!(names("127.0.0.1:8080", "http://0x7f000001:8080/"), "the same address in other clothes");
        assert!(names("10.0.0.7", "https://10.0.0.7:1234/"));
        assert!(names("GHE.Corp.example", "https://ghe.corp.example/api/v3"));
        assert!(names("ghe.corp.example", "https://ghe.corp.example./"));
        assert!(names("[::1]:8080", "http://[::1]:8080/"));
        assert!(names("::1", "http://[0:0::1]:9/"));
        assert!(!names("127.0.0.1:8080", "http://127.0.0.1:8081/"));
        assert!(!names("127.0.0.1:8080", "http://127.0.0.1/"));
        assert!(!names("corp.example", "https://ghe.corp.example/"));
        assert!(!names("ghe.corp.example", "https://ghe.corp.example.evil.example/"));
    }

    #[test]
    fn an_entry_that_is_no_host_is_refused_by_name() {
        for wrong in ["", "http://127.0.0.1", "*", "*.corp.example", "127.0.0.1:", "127.0.0.1:99999", "a b", "10.0.0.0/8"] {
            let error = allowance(&["10.0.0.1", wrong]).unwrap_err();
            assert!(error.to_string().contains(&format!("`{wrong}`")), "{error}");
        }
    }

    #[test]
    fn a_name_is_mentioned_whatever_its_port() {
        let allowance = allowance(&["localhost:8080"]).unwrap().with_host("proxy.example");
        assert!(allowance.mentions("localhost") && allowance.mentions("localhost.") && allowance.mentions("proxy.example"));
        assert!(!allowance.mentions("example"));
    }
}
