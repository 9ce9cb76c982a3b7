//! The one place that reads the process environment. The rest of the program gets what was found here as a value.

use secrecy::SecretString;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crate::failure::Failure;

/// The variables that Tacho may look at, as they were when the program started.
#[derive(Clone, Default)]
pub(crate) struct Environment(BTreeMap<String, String>);

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// Reads the environment once. Variables that are not text or are blank count as not set.
    pub(crate) fn read() -> Self {
        let text = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self(text.filter(|(_, value)| !value.trim().is_empty()).collect())
    }

    /// For tests: these variables and no others.
    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// A variable's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names that begin so.
    pub(crate) fn names<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.keys().map(String::as_str).filter(move |name| name.starts_with(prefix))
    }

    /// A secret from `name`, or from the file that `name` with `_FILE` points to.
    pub(crate) fn secret(&self, name: &str) -> Result<Option<SecretString>, Failure> {
        let by_file = format!("{name}_FILE");
        match (self.get(name), self.get(&by_file)) {
            (Some(_), Some(_)) => {
                Err(Failure::configuration(format!("{name} and {by_file} are both set")).hint("set one of the two"))
            }
            (Some(value), None) => Ok(Some(value.trim().to_owned().into())),
            (None, Some(path)) => read_secret_file(&by_file, Path::new(path)).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// Reads a secret from a file, without the blanks and line ends around it. `asked_by` is the key or variable that names the file.
pub(crate) fn read_secret_file(asked_by: &str, path: &Path) -> Result<SecretString, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::configuration(format!("{asked_by}: cannot read `{}`: {error}", path.display())))?;
    match text.trim() {
        "" => Err(Failure::configuration(format!("{asked_by}: `{}` is empty", path.display()))),
        secret => Ok(secret.to_owned().into()),
    }
}
