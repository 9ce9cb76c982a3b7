//! The `tacho` program: command line, configuration, and the wiring of the rooms. One file per command.

mod backups;
mod bars;
mod cli;
mod command;
mod config;
mod connections;
mod device;
mod door;
mod failure;
mod log;
mod login_file;
mod master_key;
mod metrics;
mod output;
mod reports;
mod secret;
mod server;
mod sign_on;
mod tls;
mod wiring;

use clap::Parser;
use cli::{Cli, Command};
use config::Environment;
use failure::{Exit, Failure, colour_wanted};
use std::ffi::OsString;
use std::process::ExitCode;

/// A page of a large organization is tens of thousands of small texts that live for one answer: a quarter of such an answer was
/// the system allocator's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let environment = Environment::read();
    match start(std::env::args_os().collect(), &environment) {
        Ok(code) => code,
        Err(failure) => {
            failure.show(colour_wanted(environment.get("NO_COLOR")));
            ExitCode::from(failure.exit() as u8)
        }
    }
}

fn start(arguments: Vec<OsString>, environment: &Environment) -> Result<ExitCode, Failure> {
    // Before anything could repeat an argument in a message.
    secret::refuse_in_arguments(&arguments)?;
    let usage_exit = command::status::usage_exit(&arguments);
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version end here as well, with exit code 0; a wrong command line ends with 2.
            let _ = error.print();
            std::process::exit(usage_exit.filter(|_| error.use_stderr()).unwrap_or_else(|| error.exit_code()));
        }
    };
    // A bar is painted every few seconds: nothing that only the other commands need is made for it.
    if let Command::Status(status) = &cli.command {
        return Ok(status.run(environment));
    }
    // A second installation could only be refused because there is a first one, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(command::run(cli, environment));
    // Blocking work that is still under way (a spooled download, a file being read) is not waited for.
    runtime.shutdown_background();
    outcome.map(|()| ExitCode::SUCCESS)
}
