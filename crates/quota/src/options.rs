//! What a person may turn, checked before anything is asked by it.

use crate::Source;
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;
use url::{Host, Url};

/// What is asked, how often, and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// The sources that are asked.
    pub sources: BTreeSet<Source>,
    /// How often it is looked whether something is due; 30 s at least. Vendors keep their own, longer distance.
    pub interval: Duration,
    /// Where the person's GitHub account lives.
    pub copilot_host: CopilotHost,
    /// Addresses to ask instead of the vendors' own: a whole address per source, for the simulator and tests.
    pub addresses: BTreeMap<Source, Url>,
    /// The Tacho server that this machine is signed in to.
    pub server: Option<ServerLogin>,
}

/// A Tacho server and the token it gave.
#[derive(Debug, Clone)]
pub struct ServerLogin {
    /// Its address.
    pub url: Url,
    /// The token of `tacho login`.
    pub token: SecretString,
}

/// A setting that cannot be worked with, in words that name what is expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadOption {
    /// A host that Copilot does not live on.
    #[error("`{0}` is no host of GitHub Copilot; expected github.com or NAME.ghe.com, without scheme, port and path")]
    Host(String),
    /// An address that must not be asked.
    #[error("the address of {origin} cannot be used; expected https, or http to this machine itself, without user name")]
    Address {
        /// Its scheme, host and port.
        origin: String,
    },
    /// Too often.
    #[error("an interval of {0} s is too short; 30 s is the shortest")]
    Interval(u64),
}

/// The shortest interval.
pub const SHORTEST_INTERVAL: Duration = Duration::from_secs(30);

impl Default for Options {
    /// Every source that needs no word of the person, looked at once a minute.
    fn default() -> Self {
        Self {
            sources: Source::ALL.into_iter().filter(|source| !source.is_opt_in()).collect(),
            interval: Duration::from_mins(1),
            copilot_host: CopilotHost::default(),
            addresses: BTreeMap::new(),
            server: None,
        }
    }
}

impl Options {
    /// Whether all of it can be worked with.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn check(&self) -> Result<(), BadOption> {
        if self.interval < SHORTEST_INTERVAL {
            return Err(BadOption::Interval(self.interval.as_secs()));
        }
        self.addresses.values().try_for_each(check_address)
    }

    /// The address that a source is asked at; `None` for those on this machine, and for a server nobody signed in to.
    #[must_use]
    pub fn address(&self, source: Source) -> Option<Url> {
        self.addresses.get(&source).cloned().or_else(|| self.own_address(source))
    }

    fn own_address(&self, source: Source) -> Option<Url> {
        let fixed = match source {
            Source::Copilot => return Url::parse(&format!("{}/copilot_internal/user", self.copilot_host.api())).ok(),
            Source::Server => return under(&self.server.as_ref()?.url, "api/v1/status"),
            Source::ClaudeUsage => "https://api.anthropic.com/api/oauth/usage",
            Source::CodexUsage => "https://chatgpt.com/backend-api/wham/usage",
            Source::Cursor => "https://cursor.com/api/usage-summary",
            Source::Opencode => "https://opencode.ai/zen/go/v1/usage",
            Source::ClaudeStatusLine | Source::CodexLogs => return None,
        };
        Url::parse(fixed).ok()
    }

    /// How far from its owner a source's token would go.
    pub(crate) fn reach(&self, source: Source) -> Reach {
        match self.addresses.get(&source) {
            None => Reach::Own,
            Some(address) if is_loopback(address) => Reach::ThisMachine,
            Some(_) => Reach::Elsewhere,
        }
    }
}

/// Where a source's address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the vendor.
    Own,
    /// To a program on this machine.
    ThisMachine,
    /// To a host of somebody's choice, which must not get the vendor's token unless it was meant for it.
    Elsewhere,
}

/// Whether an address may be asked at all: https, or http to this machine itself.
///
/// # Errors
/// When it may not.
pub fn check_address(address: &Url) -> Result<(), BadOption> {
    let is_bare = address.username().is_empty() && address.password().is_none();
    let is_safe = match address.scheme() {
        "https" => address.host().is_some(),
        "http" => is_loopback(address),
        _ => false,
    };
    if is_bare && is_safe { Ok(()) } else { Err(BadOption::Address { origin: address.origin().ascii_serialization() }) }
}

/// Whether an address is a number of this machine itself. A name, `localhost` included, could be led elsewhere.
pub(crate) fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(number)) => IpAddr::from(number).is_loopback(),
        Some(Host::Ipv6(number)) => IpAddr::from(number).is_loopback(),
        _ => false,
    }
}

/// An address below a server's, whether or not that ends with a slash.
fn under(server: &Url, path: &str) -> Option<Url> {
    let mut base = server.clone();
    base.set_query(None);
    base.set_fragment(None);
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", server.path()));
    }
    base.join(path).ok()
}

/// A host that GitHub accounts with Copilot live on: `github.com`, or a tenant of `ghe.com`. The tokens of one host are sent
/// to no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopilotHost(String);

impl Default for CopilotHost {
    fn default() -> Self {
        Self("github.com".to_owned())
    }
}

impl CopilotHost {
    /// The host of that name.
    ///
    /// # Errors
    /// When Copilot does not live there.
    pub fn parse(text: &str) -> Result<Self, BadOption> {
        let host = text.trim().to_ascii_lowercase();
        let is_label = |label: &str| {
            let is_made_of = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            (1..=63).contains(&label.len()) && is_made_of && !label.starts_with('-') && !label.ends_with('-')
        };
        let is_lawful = host == "github.com" || host.strip_suffix(".ghe.com").is_some_and(is_label);
        if is_lawful { Ok(Self(host)) } else { Err(BadOption::Host(text.chars().take(60).collect())) }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its programs are served.
    #[must_use]
    pub fn api(&self) -> String {
        format!("https://api.{}", self.0)
    }
}

impl fmt::Display for CopilotHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copilot_lives_on_github_and_on_tenants_and_nowhere_else() {
        for (text, api) in [("github.com", "https://api.github.com"), (" Octo-corp.GHE.com", "https://api.octo-corp.ghe.com")] {
            assert_eq!(CopilotHost::parse(text).unwrap().api(), api);
        }
        for wrong in [
            "",
            "ghe.com",
            ".ghe.com",
            "a.b.ghe.com",
            "-a.ghe.com",
            "github.com.evil.example",
            "evil.example/.ghe.com",
            "user@octo.ghe.com",
            "octo.ghe.com:8443",
            "https://octo.ghe.com",
            "octo.ghe.com/",
            "xgithub.com",
            "github.example",
        ] {
            assert_eq!(CopilotHost::parse(wrong), Err(BadOption::Host(wrong.to_owned())), "{wrong}");
        }
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        let check = |text: &str| check_address(&Url::parse(text).unwrap()).is_ok();
        assert!(check("https://example.com/x") && check("http://127.0.0.1:9/x") && check("http://[::1]/x"));
        for wrong in
            ["http://example.com", "http://localhost:9", "http://10.0.0.1", "https://me@example.com", "file:///etc/passwd"]
        {
            assert!(!check(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_server_is_asked_below_its_address() {
        let token = SecretString::from("t");
        for (server, asked) in [
            ("https://tacho.example.com", "https://tacho.example.com/api/v1/status"),
            ("https://example.com/tacho?x=1", "https://example.com/tacho/api/v1/status"),
        ] {
            let login = ServerLogin { url: Url::parse(server).unwrap(), token: token.clone() };
            let options = Options { server: Some(login), ..Options::default() };
            assert_eq!(options.address(Source::Server).unwrap().as_str(), asked);
        }
        assert_eq!(Options::default().address(Source::Server), None);
    }

    #[test]
    fn what_is_undocumented_is_not_asked_unasked() {
        let options = Options::default();
        assert!(options.sources.iter().all(|source| !source.is_opt_in()) && options.check().is_ok());
        let hasty = Options { interval: Duration::from_secs(29), ..options };
        assert_eq!(hasty.check(), Err(BadOption::Interval(29)));
    }
}
