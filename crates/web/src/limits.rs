//! How often one client may ask. Signing in and connecting are guessed at by machines, so their gates are narrow.

use crate::access;
use crate::app::Site;
use crate::asking::Asking;
use crate::peer::Peer;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::{Method, StatusCode};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;
use tacho_domain::{IntegrationId, OrganizationId};

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

impl Limits {
    /// With another number of ordinary requests and of connections that are tried; 0 counts as 1.
    #[must_use]
    pub fn allowing(self, requests_per_minute: u32, connect_per_minute: u32) -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self { requests_per_minute: number(requests_per_minute), connect_per_minute: number(connect_per_minute), ..self }
    }
}

type Gate = DefaultKeyedRateLimiter<IpAddr>;

/// Genuine webhooks per minute and integration: a large organization merges a few pull requests a minute.
const DELIVERIES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(600).unwrap();

/// One gate per kind of request.
pub(crate) struct Gates {
    sign_in: Gate,
    connect: Gate,
    requests: Gate,
    hooks: Gate,
    deliveries: DefaultKeyedRateLimiter<(i64, i64)>,
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
            hooks: gate(limits.requests_per_minute),
            deliveries: RateLimiter::keyed(Quota::per_minute(DELIVERIES_PER_MINUTE)),
        }
    }

    /// Counts a webhook that is genuine; refuses it where there were too many.
    pub(crate) fn pass_delivery(&self, organization: OrganizationId, integration: IntegrationId) -> Result<(), Problem> {
        let passed = self.deliveries.check_key(&(organization.0, integration.0));
        passed.map_err(|full| too_many(full.wait_time_from(DefaultClock::default().now()), "for this integration"))
    }

    /// The gate for a request; probes and assets have none.
    fn of(&self, method: &Method, path: &str) -> Option<&Gate> {
        match path {
            "/health" | "/ready" => None,
            path if path.starts_with("/assets/") => None,
            // A gate of their own: a flood of them keeps nobody from the pages, nor the other way round.
            path if path.starts_with("/hooks/") => Some(&self.hooks),
            path if method == Method::POST && access::door(path).is_some() => Some(&self.sign_in),
            // A device's code is guessed at like a password; each round trip to a provider makes a row here and a call there.
            "/device" | "/api/v1/device/code" if method == Method::POST => Some(&self.sign_in),
            path if path.starts_with("/sign-in/with/") || path.starts_with("/sign-in/callback/") => Some(&self.sign_in),
            "/api/ai-usage/connect" => Some(&self.connect),
            path if method == Method::POST && asks_a_vendor(path) => Some(&self.connect),
            _ => Some(&self.requests),
        }
    }
}

/// Whether the request has a vendor asked with a credential that was just given, or with a stored one, several times.
fn asks_a_vendor(path: &str) -> bool {
    path == "/api/v1/integrations"
        || path.starts_with("/settings/integrations/connect/")
        || path.starts_with("/settings/tools/connect/")
        || (path.starts_with("/settings/integrations/") && (path.ends_with("/credential") || path.ends_with("/probe")))
        || (path.starts_with("/api/v1/integrations/") && path.ends_with("/probe"))
}

pub(crate) async fn limit(State(site): State<Site>, mut request: Request, next: Next) -> Result<Response, Problem> {
    let client = client(&request);
    let asking = Asking::of(request.headers(), client);
    request.extensions_mut().insert(asking);
    if let Some(gate) = site.gates().of(request.method(), request.uri().path()) {
        if gate.len() > MANY {
            gate.retain_recent();
        }
        if let Err(full) = gate.check_key(&client) {
            return Err(too_many(full.wait_time_from(DefaultClock::default().now()), "from your address"));
        }
    }
    Ok(next.run(request).await)
}

fn too_many(wait: Duration, whose: &str) -> Problem {
    let seconds = wait.as_secs() + 1;
    let detail = format!("Too many requests {whose}. Try again in {seconds} s.");
    Problem { retry_after_seconds: Some(seconds), ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail) }
}

/// The client's address. One IPv6 customer holds a /64 of them, so that is what counts as one.
fn client(request: &Request) -> IpAddr {
    match request.extensions().get::<Peer>().map(|peer| peer.client) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Some(address) => address,
        None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn all_addresses_of_one_customer_count_as_one() {
        let mut request = Request::new(Body::empty());
        for (address, counted) in [("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")] {
            let peer = Peer { client: address.parse().unwrap(), is_local: false, is_secure: false };
            request.extensions_mut().insert(peer);
            assert_eq!(client(&request).to_string(), counted);
        }
    }
}
