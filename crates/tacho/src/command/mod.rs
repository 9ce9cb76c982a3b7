//! The commands, one file each.

pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod connect;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod integrations;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod man;
pub(crate) mod organizations;
pub(crate) mod people;
pub(crate) mod reread;
pub(crate) mod serve;
pub(crate) mod sign_in;
pub(crate) mod simulator;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod token;
pub(crate) mod users;

use crate::cli::{Cli, Command};
use crate::config::{Configuration, Environment};
use crate::failure::Outcome;
use crate::wiring::Installation;
use crate::{log, reports};

/// Runs the command.
pub(crate) async fn run(cli: Cli, environment: &Environment) -> Outcome {
    // These work without any configuration.
    match &cli.command {
        Command::Completions(completions) => return completions.run(),
        Command::Man(man) => return man.run(),
        Command::Simulator(simulator) => return simulator.run().await,
        Command::Login(login) => return login.run(environment).await,
        Command::Logout(logout) => return logout.run(environment).await,
        Command::Whoami(who) => return who.run(environment).await,
        _ => {}
    }
    let configuration = Configuration::load(cli.config.as_deref(), cli.flags(), environment)?;
    let reports = log::start(&configuration, if matches!(cli.command, Command::Serve(_)) { "info" } else { "warn" })?;
    if matches!(cli.command, Command::Serve(_)) {
        reports::log_panics();
    }
    let outcome = run_configured(cli, configuration, environment).await;
    if let Some(reports) = reports {
        reports.finish().await;
    }
    outcome
}

async fn run_configured(cli: Cli, configuration: Configuration, environment: &Environment) -> Outcome {
    let command = match cli.command {
        Command::Demo(demo) => return demo.run(configuration, cli.data.is_some()).await,
        Command::Doctor(doctor) => return doctor.run(&configuration, environment).await,
        Command::Backup(backup) => return backup.run(&configuration).await,
        Command::Restore(restore) => return restore.run(&configuration).await,
        command => command,
    };
    let installation = Installation::open(configuration).await?;
    let outcome = match installation.ambiguous(command.is_about_one_organization()).await {
        Ok(()) => run_on(command, &installation, environment).await,
        Err(failure) => Err(failure),
    };
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
        Command::SignIn(sign_in) => sign_in.run(installation).await,
        Command::Users(users) => users.run(installation).await,
        Command::People(people) => people.run(installation).await,
        Command::Organizations(organizations) => organizations.run(installation).await,
        Command::Token(token) => token.run(installation).await,
        // Handled by `run`, before anything is opened.
        Command::Demo(_)
        | Command::Doctor(_)
        | Command::Backup(_)
        | Command::Restore(_)
        | Command::Login(_)
        | Command::Logout(_)
        | Command::Whoami(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Simulator(_)
        | Command::Status(_) => Ok(()),
    }
}
