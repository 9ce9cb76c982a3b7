//! Standard output: what a command was asked for, and nothing else. A reader that went away is not an error.

use crate::failure::{Failure, Outcome};
use secrecy::{ExposeSecret, SecretString};
use std::io::{ErrorKind, Write};

/// Writes text and a line end.
pub(crate) fn line(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    ignore_closed(out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()))
}

/// Writes bytes.
pub(crate) fn bytes(bytes: &[u8]) -> Outcome {
    let mut out = std::io::stdout().lock();
    ignore_closed(out.write_all(bytes).and_then(|()| out.flush()))
}

/// Tells the user something beside the output, on standard error.
pub(crate) fn note(text: &str) {
    let _ = std::io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// `head` and the like close the pipe when they have seen enough.
pub(crate) fn ignore_closed(written: std::io::Result<()>) -> Outcome {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::failed(format!("cannot write the output: {error}"))),
        _ => Ok(()),
    }
}

/// Shows a secret of ours, once, to whoever asked for it.
#[expect(clippy::disallowed_methods, reason = "a token or sign-in link is made to be shown once to the operator")]
pub(crate) fn secret(secret: &SecretString) -> Outcome {
    line(secret.expose_secret())
}
