//! Where the master key comes from: the configuration, or a file of mode 0600 in the data folder, made on first start.

use crate::config::Configuration;
use crate::door;
use crate::failure::{Failure, Outcome};
use secrecy::{ExposeSecret, SecretString};
use std::io::Write;
use std::path::{Path, PathBuf};
use tacho_store::{MasterKey, Store, Vault};

/// The file in the data folder.
pub(crate) fn path(configuration: &Configuration) -> PathBuf {
    configuration.data.join("master.key")
}

/// Where a rotation puts the new key until the database is sealed with it.
pub(crate) fn next_path(configuration: &Configuration) -> PathBuf {
    configuration.data.join("master.key.next")
}

/// The vault of this installation; makes a key where there is none and nothing is sealed yet.
pub(crate) async fn vault(configuration: &Configuration, store: &Store) -> Outcome<Vault> {
    let (vault, place) = match &configuration.master_key {
        Some(text) => (parse(text, "TACHO_MASTER_KEY")?, "the configured master key".to_owned()),
        None => from_folder(configuration, store).await?,
    };
    if store.opens_with(&vault).await? {
        return Ok(vault);
    }
    Err(Failure::configuration(format!("{place} does not open the credentials in this database"))
        .hint(
            "give the key that they were sealed with (TACHO_MASTER_KEY, TACHO_MASTER_KEY_FILE or master.key in the data folder)",
        )
        .hint("if it is lost, remove the integrations and connect them again: usage data is not sealed"))
}

async fn from_folder(configuration: &Configuration, store: &Store) -> Outcome<(Vault, String)> {
    let (path, next) = (path(configuration), next_path(configuration));
    if next.exists() {
        // A rotation was cut off: whichever key opens the database is the one in force.
        let vault = read(&next)?;
        if store.opens_with(&vault).await? {
            put_in_force(&next, &path)?;
        } else {
            std::fs::remove_file(&next).map_err(|error| unusable(&next, &error))?;
        }
    }
    if !path.exists() {
        let key = MasterKey::generate(&mut door::chance());
        if !store.opens_with(&Vault::new(key.clone())).await? {
            return Err(Failure::configuration(format!(
                "no master key: `{}` is missing and TACHO_MASTER_KEY is not set",
                path.display()
            ))
            .hint("put the file back from your backup, or set TACHO_MASTER_KEY or TACHO_MASTER_KEY_FILE"));
        }
        write(&path, &key)?;
    }
    Ok((read(&path)?, format!("the master key in `{}`", path.display())))
}

fn parse(text: &SecretString, place: &str) -> Outcome<Vault> {
    let key = MasterKey::from_base64(text);
    let wrong = |_| {
        Failure::configuration(format!("{place} is not a master key"))
            .hint("expected: 32 bytes in Base64, as `head -c 32 /dev/urandom | base64` gives")
    };
    Ok(Vault::new(key.map_err(wrong)?))
}

/// Reads a key file.
pub(crate) fn read(path: &Path) -> Outcome<Vault> {
    let text = std::fs::read_to_string(path).map_err(|error| unusable(path, &error))?;
    parse(&text.trim().to_owned().into(), &format!("`{}`", path.display()))
}

/// Writes a new key file that only its owner can read. A file that is there is never overwritten.
#[expect(clippy::disallowed_methods, reason = "the master key is written to the one file that holds it")]
pub(crate) fn write(path: &Path, key: &MasterKey) -> Outcome {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let text = key.to_base64();
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.expose_secret().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    });
    written.map_err(|error| unusable(path, &error))
}

/// Puts a rotation's new key in the place of the old one.
pub(crate) fn put_in_force(next: &Path, path: &Path) -> Outcome {
    std::fs::rename(next, path).map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::configuration(format!("the master key file `{}` cannot be used: {error}", path.display()))
}
