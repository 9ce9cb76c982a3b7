//! What a refusal means in words, and what to do about it. The same words stand on the page, in `doctor` and in errors.

use crate::Headers;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The ten kinds of failure, the same for every vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The vendor could not be reached.
    Network,
    /// 401: the credential is wrong, expired or revoked.
    Auth,
    /// 403: the credential is good but may not do this.
    Forbidden,
    /// The plan, or the number of licences, does not include it.
    Plan,
    /// 404: not there, or not visible to the credential.
    NotFound,
    /// 429, or a 403 that says so.
    RateLimit,
    /// 5xx.
    Server,
    /// No answer in time.
    Timeout,
    /// The answer, or what we sent, is not as documented.
    Validation,
    /// Anything else.
    Unknown,
}

impl FailureKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Network,
        Self::Auth,
        Self::Forbidden,
        Self::Plan,
        Self::NotFound,
        Self::RateLimit,
        Self::Server,
        Self::Timeout,
        Self::Validation,
        Self::Unknown,
    ];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Auth => "auth",
            Self::Forbidden => "forbidden",
            Self::Plan => "plan",
            Self::NotFound => "not_found",
            Self::RateLimit => "rate_limit",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Validation => "validation",
            Self::Unknown => "unknown",
        }
    }

    /// The kind of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The kind an HTTP status stands for, before a connector looks closer.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Auth,
            403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            408 => Self::Timeout,
            429 => Self::RateLimit,
            400 | 409 | 413 | 422 => Self::Validation,
            500..=599 => Self::Server,
            _ => Self::Unknown,
        }
    }

    /// Whether trying again later can help without anybody doing anything.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Network | Self::RateLimit | Self::Server | Self::Timeout)
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A reply with a status that is not 2xx.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    /// The status.
    pub status: u16,
    /// Its headers.
    pub headers: &'a Headers,
    /// The beginning of its body (64 KiB at most), as text.
    pub body: &'a str,
    /// Whether not the call itself was refused, but the short-lived token that an app asked for before it.
    pub signing_in: bool,
}

/// What a refusal means for the sync that met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The whole connection is broken until someone acts: stop.
    Broken,
    /// This stream is not available with this credential or plan; the others go on.
    StreamUnavailable,
    /// There is nothing for these days; not an error.
    NoData,
    /// It may pass: try again later.
    Later,
}

/// Cause and exact fix, in words a person can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// What kind of failure.
    pub kind: FailureKind,
    /// What it means for the sync.
    pub verdict: Verdict,
    /// What happened: one sentence, no secret, no body.
    pub cause: String,
    /// What to do: one or two sentences naming the setting, scope or page.
    pub fix: String,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.cause, self.fix)
    }
}
