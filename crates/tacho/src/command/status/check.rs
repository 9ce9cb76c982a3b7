//! `--check`: an exit code for scripts, as documented in docs/status.md.

use super::Status;
use super::scene::Scene;
use super::show;
use crate::output;
use std::process::ExitCode;
use tacho_quota::{Condition, Verdict, View, paint};

const WARNING: u8 = 10;
const REACHED: u8 = 11;
const UNKNOWN: u8 = 20;
/// As sysexits.h has it.
pub(super) const UNAVAILABLE: u8 = 69;
/// As sysexits.h has it.
pub(super) const CONFIGURATION: u8 = 78;

/// Paints, and gives the code.
pub(super) fn run(scene: &Scene, status: &Status) -> ExitCode {
    if !scene.remarks.is_empty() {
        for remark in &scene.remarks {
            output::note(&format!("error: {remark}"));
        }
        return ExitCode::from(CONFIGURATION);
    }
    let state = show::known(scene, status.refresh);
    let view = scene.view(&state);
    // A reader that went away wants the code all the same.
    let _ = output::bytes(paint(&view, status.format, &scene.look).as_bytes());
    super::refresher::send(scene, &state);
    ExitCode::from(code(&view, status.fail_open))
}

fn code(view: &View, fail_open: bool) -> u8 {
    let is_cut_off = |condition| matches!(condition, Condition::Offline | Condition::RateLimited | Condition::Error);
    match view.verdict() {
        Verdict::Fine => 0,
        Verdict::Warning => WARNING,
        Verdict::Reached => REACHED,
        Verdict::Unknown if fail_open => 0,
        Verdict::Unknown if view.tools.iter().any(|tool| is_cut_off(tool.condition)) => UNAVAILABLE,
        Verdict::Unknown => UNKNOWN,
    }
}
