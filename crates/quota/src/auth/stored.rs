//! The token of `tacho status sign-in`: one file that only its owner can read.

use super::small_file;
use crate::{CopilotHost, write_own_file};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

const NAME: &str = "status-token.json";

/// The file, in the person's configuration folder.
#[derive(Debug, Clone)]
pub struct StoredToken(PathBuf);

#[derive(Deserialize)]
struct Stored {
    host: String,
    token: SecretString,
}

#[derive(Serialize)]
struct Storing<'a> {
    host: &'a str,
    token: &'a str,
}

impl StoredToken {
    /// The file of a configuration folder, which need not exist.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join(NAME))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The token of a host; `None` where nobody signed in, or at another host.
    #[must_use]
    pub fn read(&self, host: &CopilotHost) -> Option<SecretString> {
        let stored: Stored = serde_json::from_slice(&small_file(&self.0)?).ok()?;
        (stored.host == host.as_str()).then_some(stored.token)
    }

    /// Writes it for its owner alone.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub fn write(&self, host: &CopilotHost, token: &SecretString) -> io::Result<()> {
        #[expect(clippy::disallowed_methods, reason = "the token is kept in a file that only its owner can read")]
        let text = serde_json::to_vec_pretty(&Storing { host: host.as_str(), token: token.expose_secret() })?;
        write_own_file(&self.0, &text)
    }

    /// Removes it. Gives whether there was one.
    ///
    /// # Errors
    /// When there is one and it cannot be removed.
    pub fn remove(&self) -> io::Result<bool> {
        match std::fs::remove_file(&self.0) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
