//! A line at once from what is known, and then somebody is sent to ask whatever is due.

use super::scene::Scene;
use super::told::Told;
use super::{quotas, refresher};
use crate::output;
use std::io::{IsTerminal, Read};
use std::sync::mpsc;
use std::time::Duration;
use tacho_quota::{Format, State, paint, paint_status_line, status_line};

/// Claude Code's JSON is a few kilobytes.
const LARGEST_INPUT: u64 = 256 << 10;
/// It is there when the program starts; whoever never ends it is not waited for.
const INPUT_WAIT: Duration = Duration::from_millis(250);

/// Paints. With `refresh` the sources are asked first.
pub(super) fn run(scene: &Scene, format: Format, refresh: bool) {
    let state = known(scene, refresh);
    if format == Format::ClaudeStatusline {
        in_claude(scene, state);
    } else {
        write(&paint(&scene.view(&state), format, &scene.look));
        refresher::send(scene, &state);
    }
}

/// What is known, after asking where that is wished.
pub(super) fn known(scene: &Scene, refresh: bool) -> State {
    if refresh { quotas::refreshed(scene) } else { scene.state().0 }
}

/// What Claude Code tells of its limits is for all bars: it goes through to the state file.
fn in_claude(scene: &Scene, mut state: State) {
    let body = input();
    let told = Told::of(scene, &state, &body);
    if let Some(told) = &told {
        told.learn(&mut state, scene.now());
    }
    write(&paint_status_line(&scene.view(&state), &status_line(&body), &scene.look));
    if let Some(told) = told {
        told.keep(scene);
    }
    refresher::send(scene, &state);
}

/// Standard input as far as it is there; a terminal has nothing to say.
fn input() -> Vec<u8> {
    if std::io::stdin().is_terminal() {
        return Vec::new();
    }
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut body = Vec::new();
        // What was read before it failed is no whole JSON and will count as nothing.
        let _ = std::io::stdin().lock().take(LARGEST_INPUT).read_to_end(&mut body);
        let _ = sender.send(body);
    });
    receiver.recv_timeout(INPUT_WAIT).unwrap_or_default()
}

/// Where standard output is closed or full there is nobody left to tell.
fn write(text: &str) {
    let _ = output::bytes(text.as_bytes());
}
