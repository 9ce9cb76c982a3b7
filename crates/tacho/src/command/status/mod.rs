//! `tacho status`: how much of one's own included use is left, for a terminal, a bar or an editor.
//!
//! The way of a bar is short: the state file and the settings are read, the line is painted, and whatever is due is left to
//! a process of its own. No runtime is started for it, no certificate read and nobody asked.

mod check;
mod explain;
mod input;
mod quotas;
mod refresher;
mod scene;
mod settings;
mod show;
mod sign_in;
mod told;
mod watch;

use crate::config::Environment;
use crate::failure::{Exit, Failure, colour_wanted};
use clap::{Args, Subcommand};
use scene::Scene;
use std::process::ExitCode;
use tacho_quota::{Display, Format, Tool};

const AFTER_HELP: &str = "\
Exit codes with --check (without it always 0, so that no bar goes blank):
  0   below --warn             64  wrong command line
  10  at --warn or above       69  not known: the source cannot be reached
  11  at --crit or above       78  wrong settings
  20  not known, or too old
With --fail-open, 20 and 69 are 0. Formats, settings and recipes: docs/status.md";

/// A command line that is wrong, as sysexits.h has it.
const USAGE: u8 = 64;

/// Show how much of your own included use is left, in a terminal, a bar or an editor
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub(crate) struct Status {
    #[command(subcommand)]
    what: Option<What>,
    /// For which bar: line, json, waybar, tmux, starship, i3blocks, polybar, xbar, claude-statusline, vscode
    #[arg(long, value_name = "FORMAT", default_value = "line", value_parser = format_of)]
    format: Format,
    /// A tool to show: copilot, claude, codex, cursor, opencode, team; can be given several times [default: all that are known]
    #[arg(long, value_name = "TOOL", value_parser = tool_of)]
    tool: Vec<Tool>,
    /// Go on, with a line for every change
    #[arg(long, conflicts_with = "check")]
    watch: bool,
    /// Ask first, where the vendors allow one more question, and wait for the answer
    #[arg(long)]
    refresh: bool,
    /// End with an exit code that tells how near the end it is
    #[arg(long)]
    check: bool,
    /// The share that is warned of, in per cent [default: 75]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(1..=100))]
    warn: Option<u64>,
    /// The share that is critical, in per cent [default: 90]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(1..=100))]
    crit: Option<u64>,
    /// With --check: not knowing counts as good
    #[arg(long, requires = "check")]
    fail_open: bool,
    /// No characters but ASCII
    #[arg(long)]
    ascii: bool,
    /// In what terms: used (50/100), percent (50%), left (50 left)
    #[arg(long, value_name = "TERMS", value_parser = display_of)]
    display: Option<Display>,
    /// What a bar leaves to a process of its own: ask whatever is due, and say nothing
    #[arg(long, hide = true)]
    refresh_quietly: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Tell where every number comes from, how old it is, and what else could be asked
    Explain,
    /// Sign in to GitHub with a code that you confirm in a browser, for Copilot's numbers
    SignIn,
    /// Forget that sign-in, and Copilot's numbers
    SignOut,
}

fn format_of(name: &str) -> Result<Format, String> {
    Format::parse(name).ok_or_else(|| known(&Format::ALL.map(Format::as_str)))
}

fn tool_of(name: &str) -> Result<Tool, String> {
    Tool::parse(name).ok_or_else(|| known(&Tool::ALL.map(Tool::as_str)))
}

fn display_of(name: &str) -> Result<Display, String> {
    Display::parse(name).ok_or_else(|| known(&Display::ALL.map(Display::as_str)))
}

fn known(names: &[&str]) -> String {
    format!("known: {}", names.join(", "))
}

/// The exit code of a command line that is wrong, where it is one of `tacho status`; scripts tell it from the others by it.
pub(crate) fn usage_exit(arguments: &[std::ffi::OsString]) -> Option<i32> {
    (arguments.get(1)?.to_str()? == "status").then_some(i32::from(USAGE))
}

impl Status {
    /// Does it, and gives the exit code.
    pub(crate) fn run(&self, environment: &Environment) -> ExitCode {
        let outcome = match &self.what {
            Some(What::Explain) => explain::run(&Scene::of(self, environment)),
            Some(What::SignIn) => sign_in::sign_in(&Scene::of(self, environment)),
            Some(What::SignOut) => sign_in::sign_out(&Scene::of(self, environment)),
            None => return self.show(&Scene::of(self, environment)),
        };
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                failure.show(colour_wanted(environment.get("NO_COLOR")));
                ExitCode::from(sysexit(&failure))
            }
        }
    }

    fn show(&self, scene: &Scene) -> ExitCode {
        match () {
            () if self.refresh_quietly => quotas::refresh_quietly(scene),
            () if self.watch => watch::run(scene, self.format),
            () if self.check => return check::run(scene, self),
            () => show::run(scene, self.format, self.refresh),
        }
        // Whatever happened, the bar has its line: a code that is not 0 would blank it.
        ExitCode::SUCCESS
    }
}

/// The same failure as sysexits.h numbers it.
fn sysexit(failure: &Failure) -> u8 {
    match failure.exit() {
        Exit::Usage => USAGE,
        Exit::Configuration => check::CONFIGURATION,
        Exit::Unavailable => check::UNAVAILABLE,
        other => other as u8,
    }
}
