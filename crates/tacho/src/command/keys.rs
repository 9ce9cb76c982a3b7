//! `tacho keys`: the master key, and sealing every credential anew.

use crate::failure::{Failure, Outcome};
use crate::wiring::Installation;
use crate::{door, master_key, output};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use tacho_domain::audit::Action;
use tacho_store::{MasterKey, Vault};

/// Manage the key that seals the credentials
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    Rotate(Rotate),
}

/// Make a new master key and seal every credential anew
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Where to write the new key, when the key in force comes from `TACHO_MASTER_KEY` or tacho.toml; must not exist yet
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

impl Keys {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        let Self::Rotate(rotate) = self;
        let configuration = &installation.configuration;
        let key = MasterKey::generate(&mut door::chance());
        let configured = configuration.master_key.is_some();
        let path = match &rotate.to {
            Some(path) if configured => path.clone(),
            Some(_) => {
                return Err(Failure::usage("--to is for a configured master key; this one lies in the data folder")
                    .hint("leave --to out: the file in the data folder is replaced"));
            }
            None if configured => {
                return Err(Failure::usage("the master key comes from the configuration, where this command cannot write")
                    .hint("give --to FILE: the new key is written there; then set TACHO_MASTER_KEY_FILE to it"));
            }
            None => master_key::next_path(configuration),
        };
        // First the key to disk, then the credentials under it: a cut in between leaves both keys and loses nothing.
        master_key::write(&path, &key)?;
        let rotated = installation.store.rotate_credentials(&installation.vault, &Vault::new(key), installation.now()).await?;
        if !configured {
            master_key::put_in_force(&path, &master_key::path(configuration))?;
        }
        for organization in installation.store.list_organizations().await? {
            let of = Installation { organization: organization.id, ..installation.clone() };
            of.note(Action::KeysRotated, "the master key", serde_json::json!({})).await?;
        }
        output::line(&format!("{rotated} credentials are sealed with a new master key."))?;
        if configured {
            output::note(&format!(
                "Set TACHO_MASTER_KEY_FILE to `{}` before the next start; the old key opens nothing any more.",
                path.display()
            ));
        }
        output::note("Restart running servers: they still hold the old key.");
        Ok(())
    }
}
