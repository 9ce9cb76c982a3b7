//! The line to providers: one HTTP client that follows no redirect, reads no more than a provider has to say, and connects to
//! no private address that the operator did not name.

use crate::refusal::{Kind, Refusal};
use crate::telling::plain;
use http::{HeaderMap, Request, Response};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tacho_domain::Clock;
use url::{Host, Url};

/// Waits that long.
pub type Rest = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Looks up the addresses of a name.
pub type Lookup = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> + Send + Sync>;

/// The most that is read of an answer.
const BODY_LIMIT: usize = 1 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(20);

/// What this room takes from the world. Tests hand over their own.
#[derive(Clone)]
pub struct Around {
    /// What time it is.
    pub clock: Clock,
    /// How to wait between two polls.
    pub rest: Rest,
    /// How to look up names.
    pub lookup: Lookup,
    /// Whether an address is of the public internet.
    pub is_public: fn(IpAddr) -> bool,
    /// Hosts, or hosts with a port, that may be private and without TLS: the operator's explicit allowance.
    pub allowed: Vec<String>,
}

impl fmt::Debug for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Around").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

/// The line. A clone is the same one.
#[derive(Debug, Clone)]
pub struct Line {
    client: reqwest::Client,
    around: Arc<Around>,
}

/// An answer, read completely.
pub type Answer = Response<Vec<u8>>;

impl Line {
    /// A line to the world.
    ///
    /// # Errors
    /// When the system has no certificates of authorities.
    pub fn new(around: Around) -> Result<Self, Refusal> {
        // The client takes the process's provider; another part of the process may have installed the same one before.
        rustls::crypto::ring::default_provider().install_default().ok();
        let around = Arc::new(around);
        #[expect(clippy::disallowed_methods, reason = "sign-in has a client of its own: no vendor's credential passes here")]
        let builder = reqwest::Client::builder();
        let client = builder
            .user_agent(concat!("Tacho/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .dns_resolver(Names(Arc::clone(&around)))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .build();
        let unfit = |error: reqwest::Error| {
            let fix = "On Linux install the package `ca-certificates`, or set `SSL_CERT_FILE`.";
            Refusal::new(Kind::Configuration, format!("The HTTP client cannot start: {}.", error.without_url()), fix)
        };
        Ok(Self { client: client.map_err(unfit)?, around })
    }

    pub(crate) fn around(&self) -> &Around {
        &self.around
    }

    /// Sends a request and reads the whole answer, whatever its status.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Answer, Refusal> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| unfit("an address that is none"))?;
        self.check(&url)?;
        let host = shown_host(&url);
        let (parts, body) = request.into_parts();
        let sent = self.client.request(parts.method, url).headers(parts.headers).body(body).send().await;
        let mut response = sent.map_err(|error| unreachable(&host, error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&host, error))? {
            if bytes.len() + chunk.len() > BODY_LIMIT {
                let fix = "Check the configured address: a sign-in provider does not answer so much.";
                return Err(Refusal::new(Kind::Unexpected, format!("`{host}` answered more than 1 MiB."), fix));
            }
            bytes.extend_from_slice(&chunk);
        }
        let mut answer = Response::new(bytes);
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }

    /// Whether an address may be called. Names are checked once more when their addresses are known.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Refusal> {
        let (Some(host), "http" | "https") = (url.host(), url.scheme()) else { return Err(unfit(&shown_host(url))) };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unfit(&shown_host(url)));
        }
        if names(&self.around.allowed, url) {
            return Ok(());
        }
        let private = match host {
            Host::Ipv4(address) => !(self.around.is_public)(address.into()),
            Host::Ipv6(address) => !(self.around.is_public)(address.into()),
            // The resolver lets every port of a mentioned name through; here its port is known.
            Host::Domain(name) => mentions(&self.around.allowed, name),
        };
        let shown = shown_host(url);
        let refuse = |what: &str| {
            let fix = format!("Name `{shown}` in `allow_hosts` if it is meant.");
            Err(Refusal::new(Kind::Configuration, format!("`{shown}` {what}."), fix))
        };
        match url.scheme() {
            _ if private => refuse("is a private address"),
            "http" => refuse("would be called without TLS"),
            _ => Ok(()),
        }
    }
}

/// The resolver: private addresses are dropped at the very moment of connecting.
struct Names(Arc<Around>);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        let (free, is_public) = (mentions(&self.0.allowed, &name), self.0.is_public);
        let found = (self.0.lookup)(name.clone());
        Box::pin(async move {
            let open: Vec<SocketAddr> = found
                .await?
                .into_iter()
                .filter(|&address| free || is_public(address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if open.is_empty() {
                return Err(
                    io::Error::other(format!("`{name}` has no public address; name it in `allow_hosts` if it is meant")).into()
                );
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

/// A name without the dot that only says it is complete.
fn bare(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

/// The allowed hosts with their ports, as the parser of addresses spells them.
fn entries(allowed: &[String]) -> impl Iterator<Item = (String, Option<u16>)> {
    allowed.iter().filter_map(|entry| {
        let entry = entry.trim();
        let bracketed = if entry.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{entry}]") } else { entry.to_owned() };
        // A scheme whose usual port nobody names keeps the port that is written, 80 and 443 too.
        let url = Url::parse(&format!("ftp://{bracketed}")).ok()?;
        Some((bare(url.host_str()?).to_owned(), url.port()))
    })
}

fn names(allowed: &[String], url: &Url) -> bool {
    let Some(host) = url.host_str().map(bare) else { return false };
    let port = url.port_or_known_default();
    entries(allowed).any(|(name, only)| name == host && only.is_none_or(|only| Some(only) == port))
}

fn mentions(allowed: &[String], host: &str) -> bool {
    entries(allowed).any(|(name, _)| name == bare(host))
}

/// The host of an address, with its port where that is unusual.
pub(crate) fn shown_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("an address without a host");
    plain(&url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

fn unfit(shown: &str) -> Refusal {
    let fix = "Expected `https://` with a host and without a user name.";
    Refusal::new(Kind::Configuration, format!("`{shown}` is not an address that can be called."), fix)
}

fn unreachable(host: &str, error: reqwest::Error) -> Refusal {
    let why = if error.is_timeout() {
        "it took too long".to_owned()
    } else {
        let error = error.without_url();
        let causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
        causes.last().map_or_else(|| error.to_string(), ToString::to_string)
    };
    let fix = "Check the address, this machine's way to it, and whether it is up; then try again.";
    Refusal::new(Kind::Unreachable, format!("`{host}` does not answer: {why}."), fix)
}

/// A header's text.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(allowed: &[&str]) -> Line {
        let lookup: Lookup = Arc::new(|_| Box::pin(async { Ok(vec![IpAddr::from([10, 0, 0, 1])]) }));
        let rest: Rest = Arc::new(|_| Box::pin(async {}));
        let is_public = |address: IpAddr| address == IpAddr::from([1, 1, 1, 1]);
        let allowed = allowed.iter().map(|&host| host.to_owned()).collect();
        Line::new(Around { clock: Arc::new(|| tacho_domain::Instant(0)), rest, lookup, is_public, allowed }).unwrap()
    }

    fn check(allowed: &[&str], url: &str) -> bool {
        line(allowed).check(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn private_and_plain_addresses_are_called_only_where_the_operator_names_them() {
        assert!(check(&[], "https://github.com/login"));
        assert!(check(&[], "https://1.1.1.1/"));
        for closed in ["http://github.com", "https://10.0.0.1", "https://[::1]/", "ftp://github.com", "https://u@github.com"] {
            assert!(!check(&[], closed), "{closed}");
        }
        assert!(check(&["10.0.0.1:8443"], "http://10.0.0.1:8443/x") && check(&["::1"], "http://[::1]:9/"));
        assert!(check(&["127.0.0.1:80"], "http://127.0.0.1/"));
        assert!(!check(&["10.0.0.1:8443"], "http://10.0.0.1:8444/"));
        assert!(!check(&["idp.internal:8443"], "https://idp.internal/"), "another port of a named host is not named");
        assert!(!check(&["idp.internal"], "http://idp.internal.evil.example/"));
    }

    #[tokio::test]
    async fn a_public_name_that_leads_inside_is_not_connected_to() {
        let request = Request::builder().uri("https://idp.example/").body(Vec::new()).unwrap();
        let refusal = line(&[]).send(request).await.unwrap_err();
        assert_eq!(refusal.kind, Kind::Unreachable);
        assert!(refusal.cause.contains("no public address"), "{refusal}");
    }
}
