//! `tacho man`: the manual pages.

use crate::cli::Cli;
use crate::failure::{Failure, Outcome};
use crate::output;
use clap::{Args, CommandFactory};
use std::path::PathBuf;

/// Print the manual page, or write one per command
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write `tacho.1`, `tacho-sync.1` ... into this folder instead
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self) -> Outcome {
        if let Some(folder) = &self.output {
            return clap_mangen::generate_to(Cli::command(), folder)
                .map_err(|error| Failure::failed(format!("cannot write manual pages into `{}`: {error}", folder.display())));
        }
        let mut page = Vec::new();
        let drawn = clap_mangen::Man::new(Cli::command()).render(&mut page);
        drawn.map_err(|error| Failure::failed(format!("cannot make the manual page: {error}")))?;
        output::bytes(&page)
    }
}
