//! Sends a process of its own to ask whatever is due, and does not wait for it.

use super::scene::Scene;
use std::process::{Command, Stdio};
use tacho_quota::{RefreshLock, State, is_due};

/// Starts one where something is due and nobody is at it. What goes wrong here shows in the age of the numbers.
pub(super) fn send(scene: &Scene, state: &State) {
    if !is_due(state, &scene.options, scene.now()) {
        return;
    }
    // Without a place for what it would find out there would be one with every line.
    let Some(folder) = &scene.places.state else { return };
    let Some(lock) = RefreshLock::try_take(folder) else { return };
    let Ok(program) = std::env::current_exe() else { return };
    let mut command = Command::new(program);
    command.args(["status", "--refresh-quietly"]);
    for tool in &scene.choice.tools {
        command.args(["--tool", tool.as_str()]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    detach(&mut command);
    // It takes the lock itself.
    drop(lock);
    let _ = command.spawn();
}

/// In a group of its own, so that what ends the bar's command does not end it.
#[cfg(unix)]
fn detach(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

/// `CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP`:
/// <https://learn.microsoft.com/windows/win32/procthread/process-creation-flags>, read 2026-11-21.
#[cfg(windows)]
fn detach(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    command.creation_flags(0x0800_0000 | 0x0000_0200);
}
