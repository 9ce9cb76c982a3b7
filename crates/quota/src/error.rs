//! What can go wrong when a source is asked.

use tacho_connectors::FailureKind;
use tacho_domain::Instant;
use tacho_transport::SendError;

/// A source that did not tell. No text here holds a secret or anything of a reply's body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// Which of the ten kinds.
    pub kind: FailureKind,
    /// The status, where there was an answer.
    pub status: Option<u16>,
    /// Whether the same question may succeed later without anybody doing anything.
    pub retryable: bool,
    /// How often it was asked; 0: it was not let out.
    pub tries: u32,
    /// Not before then, says the vendor.
    pub wait_until: Option<Instant>,
    /// Whether it ended because it was cancelled; nothing is wrong then.
    pub cancelled: bool,
    /// What happened, for a person.
    pub message: String,
}

impl ApiError {
    /// An answer that is not what the source tells, even tolerantly read: never retried, asking again gives the same.
    #[must_use]
    pub fn validation(message: impl Into<String>) -> Self {
        Self {
            kind: FailureKind::Validation,
            status: None,
            retryable: false,
            tries: 1,
            wait_until: None,
            cancelled: false,
            message: message.into(),
        }
    }
}

impl From<SendError> for ApiError {
    fn from(error: SendError) -> Self {
        Self {
            kind: error.kind,
            status: error.status,
            retryable: error.retryable,
            tries: error.tries,
            wait_until: error.wait_until,
            cancelled: error.cancelled,
            message: error.message,
        }
    }
}
