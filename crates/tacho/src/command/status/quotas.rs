//! The engine for the modes that ask: made only there, since a bar's line does without.

use super::scene::Scene;
use std::sync::Arc;
use std::time::Duration;
use tacho_quota::{Network, Quotas, State, Trigger};
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

/// Whoever asks in the background for longer hangs.
const LONGEST_ROUND: Duration = Duration::from_mins(5);

/// The engine, asking for real.
pub(super) fn open(scene: &Scene) -> Quotas {
    // A second installation could only be refused because there is a first one, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let network = Network::new(scene.places.clone(), scene.options.clone(), scene.clock.clone());
    Quotas::open(scene.places.clone(), scene.options.clone(), Arc::new(network), scene.tokens(), scene.clock.clone())
}

/// One thread is enough: one question at a time. `None`: the system gives none.
pub(super) fn runtime() -> Option<Runtime> {
    Builder::new_current_thread().enable_all().build().ok()
}

/// What is known after a person's refresh.
pub(super) fn refreshed(scene: &Scene) -> State {
    let Some(runtime) = runtime() else { return scene.state().0 };
    let quotas = open(scene);
    let change = runtime.block_on(quotas.refresh(Trigger::Person, &CancellationToken::new()));
    runtime.shutdown_background();
    State::clone(&change.state)
}

/// Asks whatever is due, for the bars.
pub(super) fn refresh_quietly(scene: &Scene) {
    let Some(runtime) = runtime() else { return };
    let quotas = open(scene);
    let cancel = CancellationToken::new();
    // Whether it ended by itself or was ended: what was learned stands in the file.
    let _ = runtime.block_on(async { tokio::time::timeout(LONGEST_ROUND, quotas.refresh(Trigger::Tick, &cancel)).await });
    runtime.shutdown_background();
}
