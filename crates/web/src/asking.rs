//! Where a request comes from, for the audit log and the list of sessions. The limits' layer makes it, since it knows which
//! proxies are believed; handlers take it as `Extension<Asking>`, and a `Caller` carries it.

use http::{HeaderMap, header};
use std::net::IpAddr;

/// The longest agent that is kept.
const AGENT_LENGTH: usize = 200;

/// Where a request comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asking {
    /// What the log calls the request.
    pub(crate) request_id: String,
    /// The client's address; of IPv6 only the half that names a customer. Empty where nobody knows.
    pub(crate) address: String,
    /// What the client calls itself.
    pub(crate) agent: String,
}

impl Asking {
    pub(crate) fn of(headers: &HeaderMap, client: IpAddr) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
        Self {
            request_id: text("x-request-id").to_owned(),
            address: if client.is_unspecified() { String::new() } else { client.to_string() },
            agent: text(header::USER_AGENT.as_str()).chars().take(AGENT_LENGTH).collect(),
        }
    }
}
