//! What the binary hands over, and what every handler may reach.

use crate::connections::Connections;
use crate::limits::{Gates, Limits};
use std::sync::Arc;
use tacho_domain::{Clock, Day, Instant, ToolProfile};
use tacho_store::Store;

/// A server, as the binary sets it up.
#[derive(Clone)]
pub struct App {
    /// Where the data is.
    pub store: Store,
    /// How integrations are connected and synced.
    pub connections: Arc<dyn Connections>,
    /// What is known of the tools.
    pub tools: Vec<ToolProfile>,
    /// What time it is.
    pub clock: Clock,
    /// Whether people reach the server by HTTPS: cookies are then bound to it.
    pub secure_cookies: bool,
    /// Whether the nearest peer is a proxy of ours whose `X-Forwarded-For` tells the client's address.
    pub trust_proxy: bool,
    /// How often a client may ask.
    pub limits: Limits,
}

/// The app, shared by every handler.
#[derive(Clone)]
pub(crate) struct Site(Arc<Inner>);

struct Inner {
    app: App,
    gates: Gates,
}

impl Site {
    pub(crate) fn new(app: App) -> Self {
        let gates = Gates::new(app.limits);
        Self(Arc::new(Inner { app, gates }))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.app.store
    }

    pub(crate) fn connections(&self) -> &dyn Connections {
        self.0.app.connections.as_ref()
    }

    pub(crate) fn tools(&self) -> &[ToolProfile] {
        &self.0.app.tools
    }

    pub(crate) fn now(&self) -> Instant {
        (self.0.app.clock)()
    }

    /// The last day that is over, where windows end unless told otherwise.
    pub(crate) fn yesterday(&self) -> Day {
        self.now().day().minus(1)
    }

    pub(crate) fn secure_cookies(&self) -> bool {
        self.0.app.secure_cookies
    }

    pub(crate) fn trust_proxy(&self) -> bool {
        self.0.app.trust_proxy
    }

    pub(crate) fn gates(&self) -> &Gates {
        &self.0.gates
    }
}
