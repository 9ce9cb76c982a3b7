//! The doors to the world outside that the wiring hands out as values: the clock, chance, and the wish to stop.

use rand::SeedableRng;
use rand::rngs::StdRng;
use std::sync::Arc;
use tacho_domain::{Clock, Instant};
use tokio_util::sync::CancellationToken;

/// The real clock.
pub(crate) fn clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the door: everything else is handed the clock")]
    Arc::new(|| Instant(jiff::Timestamp::now().as_microsecond()))
}

/// Chance that nobody can guess, for keys and tokens.
pub(crate) fn chance() -> StdRng {
    StdRng::from_rng(&mut rand::rng())
}

/// A token that is cancelled by Ctrl-C or SIGTERM. A second Ctrl-C ends the program at once.
pub(crate) fn stop_wish() -> CancellationToken {
    let wish = CancellationToken::new();
    let told = wish.clone();
    tokio::spawn(async move {
        signal().await;
        told.cancel();
        signal().await;
        std::process::exit(crate::failure::Exit::Interrupted as i32);
    });
    wish
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
