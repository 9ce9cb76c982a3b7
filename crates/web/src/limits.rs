//! How often one client may ask. Signing in and connecting are guessed at by machines, so their gates are narrow.

use crate::app::Site;
use crate::problem::Problem;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::{HeaderMap, Method, StatusCode};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;

/// Requests per minute and client; bursts may take a whole minute's at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sign-ins.
    pub sign_in_per_minute: NonZeroU32,
    /// Connections tried with a vendor.
    pub connect_per_minute: NonZeroU32,
    /// Everything else.
    pub requests_per_minute: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        let per_minute = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self { sign_in_per_minute: per_minute(10), connect_per_minute: per_minute(10), requests_per_minute: per_minute(600) }
    }
}

type Gate = DefaultKeyedRateLimiter<IpAddr>;

/// One gate per kind of request.
pub(crate) struct Gates {
    sign_in: Gate,
    connect: Gate,
    requests: Gate,
}

/// Clients remembered before those that have been quiet are forgotten.
const MANY: usize = 10_000;

impl Gates {
    pub(crate) fn new(limits: Limits) -> Self {
        let gate = |per_minute| RateLimiter::keyed(Quota::per_minute(per_minute));
        Self {
            sign_in: gate(limits.sign_in_per_minute),
            connect: gate(limits.connect_per_minute),
            requests: gate(limits.requests_per_minute),
        }
    }

    /// The gate for a request; probes and assets have none.
    fn of(&self, method: &Method, path: &str) -> Option<&Gate> {
        match path {
            "/health" | "/ready" => None,
            path if path.starts_with("/assets/") => None,
            path if method == Method::POST && path.starts_with("/sign-in") => Some(&self.sign_in),
            "/api/ai-usage/connect" => Some(&self.connect),
            _ => Some(&self.requests),
        }
    }
}

pub(crate) async fn limit(State(site): State<Site>, request: Request, next: Next) -> Result<Response, Problem> {
    if let Some(gate) = site.gates().of(request.method(), request.uri().path()) {
        let client = client(&request, site.trust_proxy());
        if gate.len() > MANY {
            gate.retain_recent();
        }
        if let Err(full) = gate.check_key(&client) {
            let seconds = full.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
            let detail = format!("Too many requests from your address. Try again in {seconds} s.");
            return Err(Problem {
                retry_after_seconds: Some(seconds),
                ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail)
            });
        }
    }
    Ok(next.run(request).await)
}

/// The client's address. One IPv6 customer holds a /64 of them, so that is what counts as one.
fn client(request: &Request, trust_proxy: bool) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let told = if trust_proxy { forwarded(request.headers()) } else { None };
    match told.or(peer) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            address.to_ipv4_mapped().map_or(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)), IpAddr::V4)
        }
        Some(address) => address,
        None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

/// The last address of `X-Forwarded-For`: the one our own proxy wrote; those before it are the client's say.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let value = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn a_proxy_is_believed_only_when_trusted_and_only_its_own_word() {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 9))));
        request.headers_mut().insert("x-forwarded-for", "6.6.6.6, 203.0.113.9".parse().unwrap());
        assert_eq!(client(&request, false).to_string(), "10.0.0.1");
        assert_eq!(client(&request, true).to_string(), "203.0.113.9");
        request.headers_mut().insert("x-forwarded-for", "2001:db8:1:2:3:4:5:6".parse().unwrap());
        assert_eq!(client(&request, true).to_string(), "2001:db8:1:2::");
    }
}
