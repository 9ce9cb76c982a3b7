//! The commands, one file each.

pub(crate) mod completions;
pub(crate) mod connect;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod integrations;
pub(crate) mod keys;
pub(crate) mod man;
pub(crate) mod reread;
pub(crate) mod serve;
pub(crate) mod sign_in;
pub(crate) mod sync;
pub(crate) mod token;

use crate::cli::{Cli, Command};
use crate::config::{Configuration, Environment};
use crate::failure::Outcome;
use crate::log;
use crate::wiring::Installation;

/// Runs the command.
pub(crate) async fn run(cli: Cli, environment: &Environment) -> Outcome {
    // These two work without any configuration.
    match &cli.command {
        Command::Completions(completions) => return completions.run(),
        Command::Man(man) => return man.run(),
        _ => {}
    }
    let configuration = Configuration::load(cli.config.as_deref(), cli.flags(), environment)?;
    log::start(&configuration, if matches!(cli.command, Command::Serve(_)) { "info" } else { "warn" })?;
    let command = match cli.command {
        Command::Demo(demo) => return demo.run(configuration, cli.data.is_some()).await,
        Command::Doctor(doctor) => return doctor.run(&configuration, environment).await,
        command => command,
    };
    let installation = Installation::open(configuration).await?;
    let outcome = run_on(command, &installation, environment).await;
    installation.store.close().await;
    outcome
}

async fn run_on(command: Command, installation: &Installation, environment: &Environment) -> Outcome {
    match command {
        Command::Serve(serve) => serve.run(installation).await,
        Command::Connect(connect) => connect.run(installation, environment).await,
        Command::Integrations(integrations) => integrations.run(installation).await,
        Command::Sync(sync) => sync.run(installation).await,
        Command::Import(import) => import.run(installation).await,
        Command::Reread(reread) => reread.run(installation).await,
        Command::Export(export) => export.run(installation).await,
        Command::Keys(keys) => keys.run(installation).await,
        Command::SignIn => sign_in::run(installation).await,
        Command::Token(token) => token.run(installation).await,
        // Handled by `run`, before anything is opened.
        Command::Demo(_) | Command::Doctor(_) | Command::Completions(_) | Command::Man(_) => Ok(()),
    }
}
