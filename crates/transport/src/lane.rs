//! An integration's way out: one call at a time, at the vendor's pace, to the vendor's hosts.

use crate::app::{App, Token};
use crate::door::Door;
use crate::pace::Turns;
use secrecy::SecretString;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use tacho_connectors::Call;
use tacho_domain::Instant;
use tokio::sync::Mutex;
use url::Url;

/// What all calls of one integration share. Make one per integration and keep it: a second lane would not know of the
/// calls of the first. A clone is the same lane.
#[derive(Clone)]
pub struct Lane(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) connector: &'static str,
    pub(crate) door: Door,
    pub(crate) secret: SecretString,
    /// The app that signs for itself, where the secret is an app's; in words, why it cannot.
    pub(crate) app: Option<Result<App, String>>,
    /// Held for a whole send, its waits included: that is what makes it one at a time, and whoever waits is served in turn.
    pub(crate) state: Mutex<State>,
}

/// What a lane remembers from call to call.
pub(crate) struct State {
    pub(crate) turns: Turns,
    /// Until when an origin wants to be left alone. Calling on regardless can get an application banned by GitHub.
    pub(crate) blocked: HashMap<String, Instant>,
    /// The `ETag` of the last 200 by address, verbatim with its `W/`.
    pub(crate) tags: HashMap<Url, String>,
    /// The token the app was last given.
    pub(crate) token: Option<Token>,
}

impl Lane {
    /// Forgets that a reply to this call was ever received, so that the next one is whole again and no 304: for a reply
    /// that could not be stored after all.
    pub async fn forget(&self, call: &Call) {
        self.0.state.lock().await.tags.remove(&call.url);
    }
}

impl Lane {
    /// Leaves the host of this call alone until then: for a vendor that says so in a reply whose status is 200.
    pub async fn hold(&self, call: &Call, until: Instant) {
        self.0.state.lock().await.blocked.insert(call.url.origin().ascii_serialization(), until);
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane").field("connector", &self.0.connector).finish_non_exhaustive()
    }
}
