//! Where this machine remembers which server it is signed in to: one file that only its owner can read.

use crate::config::Environment;
use crate::failure::{Failure, Outcome};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use tacho_quota::write_own_file;
use url::Url;

/// A server and the token it gave.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) server: Url,
    pub(crate) token: SecretString,
}

/// The file's content.
#[derive(Serialize, Deserialize)]
struct Stored {
    server: Url,
    token: String,
}

/// The file, in the person's configuration folder.
#[derive(Debug)]
pub(crate) struct LoginFile(PathBuf);

impl LoginFile {
    pub(crate) fn of(environment: &Environment) -> Outcome<Self> {
        let folder = ["XDG_CONFIG_HOME", "APPDATA"].into_iter().find_map(|name| environment.get(name)).map(PathBuf::from);
        let folder = folder.or_else(|| environment.get("HOME").map(|home| Path::new(home).join(".config")));
        let folder = folder.ok_or_else(|| {
            Failure::configuration("there is no folder for this person's settings").hint("set HOME or XDG_CONFIG_HOME")
        })?;
        Ok(Self(folder.join("tacho").join("login.json")))
    }

    pub(crate) fn read(&self) -> Outcome<Option<Login>> {
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("read", &error)),
        };
        let stored: Stored = serde_json::from_str(&text).map_err(|_| {
            Failure::configuration(format!("`{}` is not what `tacho login` writes", self.0.display()))
                .hint("remove it and sign in again")
        })?;
        Ok(Some(Login { server: stored.server, token: stored.token.into() }))
    }

    /// Writes it for its owner alone.
    pub(crate) fn write(&self, login: &Login) -> Outcome {
        #[expect(clippy::disallowed_methods, reason = "the token is kept in a file that only its owner can read")]
        let token = login.token.expose_secret().to_owned();
        let text = serde_json::to_vec_pretty(&Stored { server: login.server.clone(), token }).unwrap_or_default();
        write_own_file(&self.0, &text).map_err(|error| self.failed("write", &error))
    }

    pub(crate) fn remove(&self) -> Outcome {
        std::fs::remove_file(&self.0).map_err(|error| self.failed("remove", &error))
    }

    fn failed(&self, what: &str, error: &std::io::Error) -> Failure {
        Failure::configuration(format!("cannot {what} `{}`: {error}", self.0.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_reads_back_and_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment::of(&[("XDG_CONFIG_HOME", folder.path().to_str().unwrap())]);
        let file = LoginFile::of(&environment).unwrap();
        assert!(file.read().unwrap().is_none());
        let login = Login { server: "https://tacho.example.com/".parse().unwrap(), token: "tacho_x".into() };
        file.write(&login).unwrap();
        file.write(&login).unwrap();
        assert_eq!(file.read().unwrap().unwrap().server, login.server);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file.0).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&file.0, "{\"token\": \"tacho_hidden\"}").unwrap();
        assert!(!file.read().unwrap_err().to_string().contains("hidden"));
        file.remove().unwrap();
        assert!(file.read().unwrap().is_none());
        assert!(LoginFile::of(&Environment::of(&[])).is_err());
    }
}
