//! The command line. Each command's arguments stand with the command.

use crate::command::{
    backup, completions, connect, demo, doctor, export, import, integrations, keys, login, man, organizations, people, reread,
    serve, sign_in, simulator, status, sync, token, users,
};
use crate::config::{Flags, keys as key};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Configuration: flags, then TACHO_* variables, then tacho.toml, then defaults (docs/configuration.md).

Exit codes:
  0 done                      4 a vendor refused          7 `tacho doctor` found something
  1 failed                    5 a vendor is unavailable   130 interrupted
  2 wrong command line        6 the database failed
  3 wrong configuration";

/// Self-hosted analytics for AI coding tools.
#[derive(Debug, Parser)]
#[command(name = "tacho", version, about, after_help = AFTER_HELP, arg_required_else_help = true, max_term_width = 120)]
pub(crate) struct Cli {
    /// Configuration file [default: tacho.toml in this folder, where there is one]
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Data folder [default: ./tacho-data]
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "FOLDER")]
    pub(crate) data: Option<String>,

    /// Which organization the command is for [default: the only one]
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "NAME")]
    pub(crate) organization: Option<String>,

    /// What to log: error, warn, info, debug, or a filter
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "FILTER")]
    pub(crate) log: Option<String>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(demo::Demo),
    Serve(serve::Serve),
    Connect(connect::Connect),
    Integrations(integrations::Integrations),
    Sync(sync::Sync),
    Import(import::Import),
    Reread(reread::Reread),
    #[command(subcommand)]
    Export(export::Export),
    Doctor(doctor::Doctor),
    Backup(backup::Backup),
    Restore(backup::Restore),
    #[command(subcommand)]
    Keys(keys::Keys),
    SignIn(sign_in::SignIn),
    #[command(subcommand)]
    Users(users::Users),
    #[command(subcommand)]
    People(people::People),
    #[command(subcommand)]
    Token(token::Token),
    #[command(subcommand)]
    Organizations(organizations::Organizations),
    Login(login::LogIn),
    Logout(login::LogOut),
    Whoami(login::WhoAmI),
    Status(status::Status),
    Completions(completions::Completions),
    Man(man::Man),
    Simulator(simulator::Simulator),
}

impl Command {
    /// Whether it is for one organization and not for the installation.
    pub(crate) fn is_about_one_organization(&self) -> bool {
        match self {
            Self::Connect(_)
            | Self::Integrations(_)
            | Self::Sync(_)
            | Self::Import(_)
            | Self::Reread(_)
            | Self::Export(_)
            | Self::SignIn(_)
            | Self::Users(_)
            | Self::People(_)
            | Self::Token(_) => true,
            Self::Organizations(organizations) => organizations.is_about_one(),
            Self::Demo(_)
            | Self::Serve(_)
            | Self::Doctor(_)
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Keys(_)
            | Self::Login(_)
            | Self::Logout(_)
            | Self::Whoami(_)
            | Self::Status(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Simulator(_) => false,
        }
    }
}

impl Cli {
    /// The flags that set configuration keys.
    pub(crate) fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        let mut set = |name: &'static str, value: Option<&String>| {
            if let Some(value) = value {
                flags.insert(name, value.clone());
            }
        };
        set(key::DATA, self.data.as_ref());
        set(key::ORGANIZATION, self.organization.as_ref());
        set(key::LOG, self.log.as_ref());
        if let Command::Serve(serve) = &self.command {
            set(key::LISTEN, serve.listen.as_ref());
            set(key::PUBLIC_URL, serve.public_url.as_ref());
            set(key::SCHEDULE, serve.schedule.as_ref());
        }
        flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
