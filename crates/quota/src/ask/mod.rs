//! Asking a source: over the network through the one transport, or in files on this machine.

mod codex_logs;
mod network;
mod question;
mod words;

pub use network::Network;

use crate::{ApiError, Options, Source, Token, UsageData};
use async_trait::async_trait;
use tacho_domain::Instant;
use tokio_util::sync::CancellationToken;

/// Whoever can ask a source.
#[async_trait]
pub trait Ask: Send + Sync {
    /// Asks a source once, with as many tries as that takes; `token` is missing for sources on this machine. Cancelling
    /// ends it at once.
    ///
    /// # Errors
    /// Whatever did not come to an answer that could be read.
    async fn ask(
        &self,
        source: Source,
        token: Option<&Token>,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<UsageData, ApiError>;

    /// Learns of other options.
    fn configure(&self, _options: &Options) {}
}

/// A question that was not let out.
fn unusable(message: impl Into<String>) -> ApiError {
    ApiError { tries: 0, ..ApiError::validation(message) }
}
