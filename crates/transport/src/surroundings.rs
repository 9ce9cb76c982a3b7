//! What transport takes from the world besides the network: the time, rest, and the addresses of names. Tests hand over
//! their own, so that no backoff takes real time and no test asks a name server.

use futures_util::future::BoxFuture;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tacho_domain::Clock;

/// Waits that long.
pub type Rest = Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>;

/// Looks up the addresses of a name.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The clock, the rest and the names a transport works with.
#[derive(Clone)]
pub struct Surroundings {
    /// What time it is, for waits that a vendor gives as an instant.
    pub clock: Clock,
    /// How to wait before a call.
    pub rest: Rest,
    /// How to look up names.
    pub lookup: Lookup,
}

impl Surroundings {
    /// The real ones: tokio's timer, the system's resolver.
    #[must_use]
    pub fn real(clock: Clock) -> Self {
        let rest: Rest = Arc::new(|duration| Box::pin(tokio::time::sleep(duration)));
        let lookup: Lookup = Arc::new(|name| {
            Box::pin(async move {
                let found = tokio::net::lookup_host((name, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            })
        });
        Self { clock, rest, lookup }
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings")
    }
}
