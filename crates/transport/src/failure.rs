//! What can go wrong with a call, sorted into the ten kinds and worded for a person. No text here holds a secret, a signed
//! link or anything of a body.

use crate::names::{LeadsInside, Unknown};
use crate::retry::Again;
use std::error::Error;
use std::io::{self, ErrorKind};
use tacho_connectors::{FailureKind, Headers, Refusal};
use tacho_domain::Instant;

/// A call that did not come to a reply with 2xx or 304.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct SendError {
    /// Which of the ten kinds.
    pub kind: FailureKind,
    /// The status, where the vendor answered.
    pub status: Option<u16>,
    /// Whether the same call may succeed later without anybody doing anything.
    pub retryable: bool,
    /// How many times it was tried; 0 when it was not let out at all.
    pub tries: u32,
    /// Not before then, says the vendor.
    pub wait_until: Option<Instant>,
    /// Whether it ended because it was cancelled; nothing is wrong then.
    pub cancelled: bool,
    /// What happened, for a person.
    pub message: String,
    /// The vendor's refusal, for a connector to diagnose.
    pub refusal: Option<Refused>,
}

/// A reply that is neither 2xx nor an expected 304.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its status.
    pub status: u16,
    /// Its headers, without cookies.
    pub headers: Headers,
    /// The beginning of its body, 64 KiB at most, with the secret cut out if the vendor echoed it.
    pub body: String,
    /// Whether it was not the call that was refused, but the app that asked for a token to make it with.
    pub signing_in: bool,
}

impl Refused {
    /// As a connector takes it.
    #[must_use]
    pub fn as_refusal(&self) -> Refusal<'_> {
        Refusal { status: self.status, headers: &self.headers, body: &self.body, signing_in: self.signing_in }
    }
}

/// One try that failed, and whether another is worth it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) again: Again,
    pub(crate) message: String,
    pub(crate) refusal: Option<Refused>,
}

impl Failure {
    /// One that no other try can mend.
    pub(crate) fn lasting(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, again: Again::Never, message: message.into(), refusal: None }
    }

    /// One that may pass.
    pub(crate) fn passing(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, again: Again::Backoff, message: message.into(), refusal: None }
    }

    /// Whether the vendor may have been asked for too much at once: a gateway gave up, or no answer came in time.
    pub(crate) fn is_too_heavy(&self) -> bool {
        match &self.refusal {
            Some(refusal) => matches!(refusal.status, 502 | 504),
            None => self.kind == FailureKind::Timeout,
        }
    }

    /// The error that the sender sees.
    pub(crate) fn into_error(self, tries: u32, wait_until: Option<Instant>) -> SendError {
        SendError {
            kind: self.kind,
            status: self.refusal.as_ref().map(|refusal| refusal.status),
            retryable: self.again != Again::Never && self.kind.is_retryable(),
            tries,
            wait_until,
            cancelled: false,
            message: self.message,
            refusal: self.refusal,
        }
    }
}

/// How far a try had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Until the headers.
    Asking,
    /// In the body.
    Reading,
}

/// No answer, or no more of it, in time.
pub(crate) fn too_slow(host: &str, phase: Phase, seconds: f64) -> Failure {
    let message = match phase {
        Phase::Asking => format!("{host} did not answer within {seconds} s"),
        Phase::Reading => format!("{host} began to answer but did not finish within {seconds} s"),
    };
    Failure::passing(FailureKind::Timeout, message)
}

/// Sorts a failure of the connection by its innermost cause. The client's own text is not used: it shows addresses.
pub(crate) fn connection(error: &reqwest::Error, host: &str, phase: Phase) -> Failure {
    let causes = causes(error);
    if let Some(inside) = find::<LeadsInside>(&causes) {
        return Failure::lasting(FailureKind::Validation, inside.to_string());
    }
    if let Some(unknown) = find::<Unknown>(&causes) {
        return Failure::passing(FailureKind::Network, format!("could not connect to {host}: {unknown}"));
    }
    if let Some(error) = find::<rustls::Error>(&causes) {
        return tls(error, host);
    }
    let io_error = causes.iter().rev().find_map(|cause| cause.downcast_ref::<io::Error>());
    if error.is_timeout() || io_error.is_some_and(|error| error.kind() == ErrorKind::TimedOut) {
        let phrase = if error.is_connect() { "could not connect to" } else { "lost the connection to" };
        return Failure::passing(FailureKind::Timeout, format!("{phrase} {host}: no answer in time"));
    }
    let reason = io_error.map_or_else(|| "connection closed early".to_owned(), reason);
    let message = match phase {
        _ if error.is_connect() => format!("could not connect to {host}: {reason}"),
        Phase::Asking => format!("{host} gave no answer: {reason}"),
        Phase::Reading => format!("the reply of {host} broke off: {reason}"),
    };
    Failure::passing(FailureKind::Network, message)
}

fn tls(error: &rustls::Error, host: &str) -> Failure {
    let message = format!("could not connect to {host}: TLS failed: {error}");
    match error {
        // A certificate does not become right by asking again.
        rustls::Error::InvalidCertificate(_) => Failure::lasting(FailureKind::Network, message),
        _ => Failure::passing(FailureKind::Network, message),
    }
}

fn reason(error: &io::Error) -> String {
    let known = match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => "connection reset",
        ErrorKind::UnexpectedEof => "connection closed early",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "network unreachable",
        ErrorKind::InvalidData | ErrorKind::InvalidInput => "its compressed body is damaged",
        _ if error.raw_os_error().is_some() => return error.to_string(),
        _ => "connection broken",
    };
    known.to_owned()
}

/// An error and everything below it. An `io::Error` hides the error it wraps from `source`.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let below = |error: &'a (dyn Error + 'static)| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner as &(dyn Error + 'static)),
        None => error.source(),
    };
    std::iter::successors(Some(error), |error| below(*error)).collect()
}

fn find<'a, E: Error + 'static>(causes: &[&'a (dyn Error + 'static)]) -> Option<&'a E> {
    causes.iter().find_map(|cause| cause.downcast_ref::<E>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_certificate_is_not_asked_for_again_and_a_broken_handshake_is() {
        let wrong = tls(&rustls::Error::InvalidCertificate(rustls::CertificateError::Expired), "api.vendor.test");
        let broken = tls(&rustls::Error::DecryptError, "api.vendor.test");
        assert_eq!((wrong.kind, wrong.again), (FailureKind::Network, Again::Never));
        assert_eq!((broken.kind, broken.again), (FailureKind::Network, Again::Backoff));
        assert!(wrong.message.starts_with("could not connect to api.vendor.test: TLS failed: "), "{}", wrong.message);
        assert!(!wrong.into_error(1, None).retryable && broken.into_error(4, None).retryable);
    }

    #[test]
    fn a_cause_inside_an_io_error_is_found() {
        let wrapped = io::Error::other(io::Error::new(ErrorKind::InvalidData, rustls::Error::DecryptError));
        assert!(find::<rustls::Error>(&causes(&wrapped)).is_some());
    }
}
