//! `tacho backup` and `tacho restore`: everything in the database as one file, and back into either engine.

use crate::config::Configuration;
use crate::failure::{Exit, Failure, Outcome};
use crate::wiring::{database_url, open_store, prepare_folder};
use crate::{door, master_key, output};
use clap::Args;
use std::path::PathBuf;
use tacho_store::{Backup as Made, StoreError, back_up, restore, verify_backup};

/// Write everything in the database into one file, while the server goes on
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file to write; must not exist yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Do not restore the file into a temporary database to see that it can be restored
    #[arg(long)]
    no_verify: bool,
}

/// Put a backup into the configured database, of either engine; stop every server on it before
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace what the database holds: all of it goes
    #[arg(long)]
    force: bool,
    /// Only look whether the file can be restored; the configured database is not touched
    #[arg(long, conflicts_with = "force")]
    check: bool,
}

impl Backup {
    pub(crate) async fn run(&self, configuration: &Configuration) -> Outcome {
        if self.file.exists() {
            return Err(Failure::usage(format!("`{}` exists already", self.file.display()))
                .hint("a backup replaces no file; give another name"));
        }
        let store = open_store(configuration).await?;
        let made = back_up(&store, &self.file, door::clock()(), !self.no_verify).await;
        store.close().await;
        let made = made.map_err(|error| failure(error, &self.file))?;
        output::line(&format!("`{}`: {}", self.file.display(), told(&made)))?;
        if self.no_verify {
            output::note("It was not verified: --no-verify.");
        } else {
            output::note("Verified: it was restored into a temporary database, and every table came out as it went in.");
        }
        output::note(&format!("The master key is not in it: {}", where_the_key_is(configuration)));
        Ok(())
    }
}

impl Restore {
    pub(crate) async fn run(&self, configuration: &Configuration) -> Outcome {
        if !self.file.is_file() {
            return Err(
                Failure::usage(format!("there is no file `{}`", self.file.display())).hint("`tacho backup FILE` writes one")
            );
        }
        if self.check {
            let found = verify_backup(&self.file).await.map_err(|error| failure(error, &self.file))?;
            return output::line(&format!("`{}` can be restored: {}", self.file.display(), told(&found)));
        }
        prepare_folder(&configuration.data)?;
        let restored = restore(&database_url(configuration), &self.file, self.force).await;
        let restored = restored.map_err(|error| failure(error, &self.file))?;
        output::line(&format!("Restored: {}", told(&restored)))?;
        output::note(&format!("The master key was not in the backup: {}", where_the_key_is(configuration)));
        Ok(())
    }
}

fn told(backup: &Made) -> String {
    let Made { rows, tables, created_at, version, file_bytes, .. } = backup;
    let size = match file_bytes {
        ..1_000_000 => format!("{} kB", file_bytes.div_ceil(1_000)),
        _ => format!("{} MB", file_bytes.div_ceil(1_000_000)),
    };
    format!("{rows} rows of {tables} tables, {size}, as of {created_at}, written by Tacho {version}")
}

fn where_the_key_is(configuration: &Configuration) -> String {
    let path = master_key::path(configuration);
    let file = match &configuration.master_key {
        Some(_) => "it comes from your configuration".to_owned(),
        None if path.exists() => format!("it lies in `{}`", path.display()),
        None => format!("put it into `{}` before you start the server", path.display()),
    };
    format!("{file}. Keep a copy of it elsewhere: without it the stored credentials cannot be opened, the usage data can.")
}

/// A file that is refused is not the database's fault.
fn failure(error: StoreError, file: &std::path::Path) -> Failure {
    if error.is_migration() {
        return Failure::new(Exit::Failed, format!("`{}`: {error}", file.display()));
    }
    if !error.is_invalid() {
        return error.into();
    }
    let text = error.to_string();
    let failure = Failure::new(Exit::Failed, format!("`{}`: {text}", file.display()));
    if text.contains("not empty") {
        failure.hint("name another database with TACHO_DATABASE_URL or --data, or give --force to lose what is there")
    } else {
        failure.hint("the database was not touched; take another backup")
    }
}
