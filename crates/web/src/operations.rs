//! What whoever runs the server sets up around it: proxies that are believed, metrics, and the wish to stop.

use async_trait::async_trait;
use ipnet::IpNet;
use secrecy::SecretString;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use url::Url;

/// Gives the metrics as text for Prometheus. The binary has the recorder; pages only show what it says.
#[async_trait]
pub trait Metrics: Send + Sync {
    /// The text, as of now.
    ///
    /// # Errors
    /// When what is read at the moment of asking cannot be read: the database fails.
    async fn render(&self) -> Result<String, Box<dyn Error + Send + Sync>>;
}

/// The operator's part of a server. By default nobody is believed and there are no metrics.
#[derive(Clone, Default)]
pub struct Operations {
    /// Addresses of our own proxies, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where `/metrics` comes from; `None`: there is no such page.
    pub metrics: Option<Arc<dyn Metrics>>,
    /// Lets in whoever asks for metrics from elsewhere than this machine.
    pub metrics_token: Option<SecretString>,
    /// The address by which others know the server, where one is configured: what public links begin with.
    pub public_url: Option<Url>,
    /// True once the server was told to stop: `/ready` says so.
    pub stopping: Arc<AtomicBool>,
}

impl Operations {
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operations").field("trusted_proxies", &self.trusted_proxies).finish_non_exhaustive()
    }
}
