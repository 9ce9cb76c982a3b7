//! Why a provider did not vouch for somebody: what happened and what to do, in words that hold no secret.

use std::fmt;

/// What sort of refusal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The person, or the provider for them, said no.
    Denied,
    /// A code that was used before, or is too old.
    Spent,
    /// The address is not verified, or there is none.
    Unverified,
    /// The groups give no role.
    NotAdmitted,
    /// An answer that is not for us, not from them, or not of now.
    Forged,
    /// The configuration is wrong, here or at the provider.
    Configuration,
    /// The provider does not answer.
    Unreachable,
    /// The provider answers what it should not.
    Unexpected,
    /// The time to confirm a device is over.
    Expired,
}

impl Kind {
    /// Whether the operator has to act; else it is the person who signs in.
    #[must_use]
    pub const fn is_for_operator(self) -> bool {
        matches!(self, Self::Configuration | Self::Unreachable | Self::Unexpected)
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its sort.
    pub kind: Kind,
    /// What happened.
    pub cause: String,
    /// What to do about it.
    pub fix: String,
}

impl Refusal {
    pub(crate) fn new(kind: Kind, cause: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { kind, cause: cause.into(), fix: fix.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.cause, self.fix)
    }
}

impl std::error::Error for Refusal {}
