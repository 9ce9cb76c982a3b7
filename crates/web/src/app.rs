//! What the binary hands over, and what every handler may reach.

use crate::connections::Connections;
use crate::limits::{Gates, Limits};
use crate::operations::Operations;
use crate::pages::share::Pictures;
use crate::password::Passwords;
use crate::signon::SignOn;
use crate::throttle::Throttle;
use std::sync::Arc;
use tacho_domain::{Clock, Day, Instant, ToolProfile};
use tacho_store::{Store, Vault};

/// A server, as the binary sets it up.
#[derive(Clone)]
pub struct App {
    /// Where the data is.
    pub store: Store,
    /// How integrations are connected and synced.
    pub connections: Arc<dyn Connections>,
    /// Who vouches for people.
    pub sign_on: Arc<dyn SignOn>,
    /// What seals second factors and round trips.
    pub vault: Arc<Vault>,
    /// What is known of the tools.
    pub tools: Vec<ToolProfile>,
    /// What time it is.
    pub clock: Clock,
    /// Whether people reach the server by HTTPS: cookies are then bound to it.
    pub secure_cookies: bool,
    /// What whoever runs it sets up around it.
    pub operations: Operations,
    /// How often a client may ask.
    pub limits: Limits,
}

/// The app, shared by every handler.
#[derive(Clone)]
pub(crate) struct Site(Arc<Inner>);

struct Inner {
    app: App,
    gates: Gates,
    passwords: Passwords,
    throttle: Throttle,
    pictures: Pictures,
}

impl Site {
    pub(crate) fn new(app: App) -> Self {
        let gates = Gates::new(app.limits);
        Self(Arc::new(Inner {
            app,
            gates,
            passwords: Passwords::default(),
            throttle: Throttle::default(),
            pictures: Pictures::default(),
        }))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.app.store
    }

    pub(crate) fn connections(&self) -> &dyn Connections {
        self.0.app.connections.as_ref()
    }

    pub(crate) fn sign_on(&self) -> &dyn SignOn {
        self.0.app.sign_on.as_ref()
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.app.vault
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

    pub(crate) fn operations(&self) -> &Operations {
        &self.0.app.operations
    }

    pub(crate) fn gates(&self) -> &Gates {
        &self.0.gates
    }
    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// The pictures of share cards that were asked for lately.
    pub(crate) fn pictures(&self) -> &Pictures {
        &self.0.pictures
    }
}
