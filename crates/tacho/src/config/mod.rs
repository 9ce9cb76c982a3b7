//! The configuration: flags over `TACHO_*` variables over `tacho.toml` over defaults. Reads: every key of [`keys::KEYS`],
//! secrets also as `*_FILE`, and `TACHO_CONFIG` for the file's place.

mod environment;
pub(crate) mod keys;
mod sign_on;

pub(crate) use environment::Environment;
pub(crate) use sign_on::SignOnConfiguration;

use crate::failure::{Failure, Outcome};
use environment::read_secret_file;
use ipnet::IpNet;
use keys::{KEYS, Key};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use url::Url;

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Default,
    /// By the environment or the file.
    Configuration,
    Flag,
}

/// Everything that can be configured, checked.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    pub(crate) data: PathBuf,
    /// As given; `None` means SQLite in the data folder.
    pub(crate) database_url: Option<SecretString>,
    pub(crate) database_readers: u32,
    /// As given; `None` means the file in the data folder.
    pub(crate) master_key: Option<SecretString>,
    pub(crate) organization: String,
    pub(crate) organization_named: Named,
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<Url>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Certificate and key, where the server speaks HTTPS itself.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    pub(crate) drain_seconds: u32,
    pub(crate) requests_per_minute: u32,
    pub(crate) connects_per_minute: u32,
    pub(crate) metrics_token: Option<SecretString>,
    pub(crate) sentry_dsn: Option<SecretString>,
    pub(crate) backup_folder: Option<PathBuf>,
    pub(crate) backup_keep: u32,
    /// A cron expression; `None` means off.
    pub(crate) schedule: Option<String>,
    pub(crate) backfill_days: u32,
    pub(crate) allow_hosts: Vec<String>,
    pub(crate) sign_on: SignOnConfiguration,
    pub(crate) log: String,
    pub(crate) log_format: LogFormat,
    /// Whether colour is welcome: `NO_COLOR` is not set.
    pub(crate) colour: bool,
    /// The file that was read, if any.
    pub(crate) file: Option<PathBuf>,
}

/// What the command line says, by key.
pub(crate) type Flags = BTreeMap<&'static str, String>;

/// The values of all keys, and where each came from.
struct Layers {
    merged: config::Config,
    flags: Flags,
    environment: Environment,
    file: Option<PathBuf>,
    in_file: BTreeMap<String, config::Value>,
}

impl Configuration {
    /// Reads and checks everything. `file` is the flag `--config`.
    pub(crate) fn load(file: Option<&Path>, flags: Flags, environment: &Environment) -> Outcome<Self> {
        let named = file.map(Path::to_owned).or_else(|| environment.get("TACHO_CONFIG").map(PathBuf::from));
        let path = named.clone().unwrap_or_else(|| PathBuf::from("tacho.toml"));
        let present = path.exists();
        if named.is_some() && !present {
            return Err(Failure::configuration(format!("no configuration file `{}`", path.display())));
        }
        Layers::new(present.then_some(path), flags, environment.clone())?.configuration()
    }
}

impl Layers {
    fn new(file: Option<PathBuf>, flags: Flags, environment: Environment) -> Outcome<Self> {
        let mut in_file = BTreeMap::new();
        let mut builder = config::Config::builder();
        for key in KEYS.iter().filter(|key| !key.default.is_empty()) {
            builder = builder.set_default(key.name, key.default).map_err(|error| unusable(&error))?;
        }
        if let Some(path) = &file {
            let source = config::File::from(path.as_path()).format(config::FileFormat::Toml);
            let found = config::Source::collect(&source).map_err(|error| unreadable(path, &error))?;
            in_file = found.into_iter().collect();
            check_names(path, in_file.keys())?;
            builder = builder.add_source(source);
        }
        for key in KEYS {
            builder =
                builder.set_override_option(key.name, environment.get(&key.variable())).map_err(|error| unusable(&error))?;
        }
        for (name, value) in &flags {
            builder = builder.set_override(*name, value.as_str()).map_err(|error| unusable(&error))?;
        }
        let merged = builder.build().map_err(|error| unusable(&error))?;
        Ok(Self { merged, flags, environment, file, in_file })
    }

    fn configuration(&self) -> Outcome<Configuration> {
        Ok(Configuration {
            data: self.in_folder_of_file(keys::DATA)?,
            database_url: self.secret(keys::DATABASE_URL)?,
            database_readers: self.number(keys::DATABASE_READERS, 1..=64)?,
            master_key: self.secret(keys::MASTER_KEY)?,
            organization: self.text(keys::ORGANIZATION)?,
            organization_named: self.named(keys::ORGANIZATION),
            listen: self.parsed(keys::LISTEN, "an address with a port, such as `127.0.0.1:8787` or `[::]:80`")?,
            public_url: self.public_url()?,
            trusted_proxies: self.networks()?,
            tls: self.tls()?,
            drain_seconds: self.number(keys::DRAIN_SECONDS, 0..=300)?,
            requests_per_minute: self.number(keys::REQUESTS_PER_MINUTE, 1..=1_000_000)?,
            connects_per_minute: self.number(keys::CONNECTS_PER_MINUTE, 1..=1_000_000)?,
            metrics_token: self.secret(keys::METRICS_TOKEN)?,
            sentry_dsn: self.secret(keys::SENTRY_DSN)?,
            backup_folder: self.maybe_path(keys::BACKUP_FOLDER)?,
            backup_keep: self.number(keys::BACKUP_KEEP, 1..=1000)?,
            schedule: Some(self.text(keys::SCHEDULE)?).filter(|schedule| schedule != "off"),
            backfill_days: self.number(keys::BACKFILL_DAYS, 1..=1100)?,
            allow_hosts: self.list(keys::ALLOW_HOSTS)?,
            sign_on: self.sign_on()?,
            log: self.text(keys::LOG)?,
            log_format: match self.text(keys::LOG_FORMAT)?.as_str() {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                other => return Err(self.wrong(keys::LOG_FORMAT, other, "`text` or `json`")),
            },
            colour: self.environment.get("NO_COLOR").is_none(),
            file: self.file.clone(),
        })
    }

    fn named(&self, name: &str) -> Named {
        if self.flags.contains_key(name) {
            Named::Flag
        } else if self.in_file.contains_key(name) || self.environment.get(&variable(name)).is_some() {
            Named::Configuration
        } else {
            Named::Default
        }
    }

    /// A value as text; empty where it is not set.
    fn text(&self, name: &str) -> Outcome<String> {
        match self.merged.get_string(name) {
            Ok(text) => Ok(text.trim().to_owned()),
            Err(config::ConfigError::NotFound(_)) => Ok(String::new()),
            Err(_) => Err(Failure::configuration(format!("{}: a single value is expected", self.origin(name)))),
        }
    }

    fn parsed<T: std::str::FromStr>(&self, name: &str, expected: &str) -> Outcome<T> {
        let text = self.text(name)?;
        text.parse().map_err(|_| self.wrong(name, &text, expected))
    }

    fn number(&self, name: &str, range: std::ops::RangeInclusive<u32>) -> Outcome<u32> {
        let text = self.text(name)?;
        let expected = || format!("a whole number from {} to {}", range.start(), range.end());
        match text.parse::<u32>() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => Err(self.wrong(name, &text, &expected())),
        }
    }

    /// A list: an array in the file, commas elsewhere.
    fn list(&self, name: &str) -> Outcome<Vec<String>> {
        let parts = match self.merged.get_array(name) {
            Ok(values) => values.into_iter().filter_map(|value| value.into_string().ok()).collect(),
            Err(_) => self.text(name)?.split(',').map(str::to_owned).collect::<Vec<_>>(),
        };
        Ok(parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect())
    }

    fn public_url(&self) -> Outcome<Option<Url>> {
        let text = self.text(keys::PUBLIC_URL)?;
        if text.is_empty() {
            return Ok(None);
        }
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.path() == "/" => Ok(Some(url)),
            _ => Err(self.wrong(keys::PUBLIC_URL, &text, "an address such as `https://tacho.example.com`, without a path")),
        }
    }

    fn networks(&self) -> Outcome<Vec<IpNet>> {
        let network = |text: &String| {
            let found = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
            found.ok_or_else(|| self.wrong(keys::TRUSTED_PROXIES, text, "an address or a network such as `10.0.0.0/8`"))
        };
        self.list(keys::TRUSTED_PROXIES)?.iter().map(network).collect()
    }

    fn tls(&self) -> Outcome<Option<(PathBuf, PathBuf)>> {
        match (self.maybe_path(keys::TLS_CERTIFICATE)?, self.maybe_path(keys::TLS_KEY)?) {
            (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
            (None, None) => Ok(None),
            (Some(_), None) | (None, Some(_)) => {
                Err(Failure::configuration("`tls_certificate` and `tls_key` belong together, and one of them is missing")
                    .hint("set both, or none where a proxy in front speaks HTTPS"))
            }
        }
    }

    fn maybe_path(&self, name: &str) -> Outcome<Option<PathBuf>> {
        Ok(Some(self.in_folder_of_file(name)?).filter(|path| !path.as_os_str().is_empty()))
    }

    /// A path; one that stands in the file is meant from the file's folder.
    fn in_folder_of_file(&self, name: &str) -> Outcome<PathBuf> {
        let path = PathBuf::from(self.text(name)?);
        let from_file = !self.flags.contains_key(name) && self.environment.get(&variable(name)).is_none();
        match &self.file {
            Some(file) if from_file && self.in_file.contains_key(name) => Ok(beside(file, &path)),
            _ => Ok(path),
        }
    }

    /// A secret: from its variable or the file that its `_FILE` variable names, else the same from `tacho.toml`.
    fn secret(&self, name: &str) -> Outcome<Option<SecretString>> {
        if let Some(secret) = self.environment.secret(&variable(name))? {
            return Ok(Some(secret));
        }
        let by_file = format!("{name}_file");
        let in_file = |name: &str| self.in_file.get(name).and_then(|value| value.clone().into_string().ok());
        match (in_file(name), in_file(&by_file)) {
            (Some(_), Some(_)) => Err(Failure::configuration(format!("{} and `{by_file}` are both set", self.origin(name)))),
            (Some(text), None) => Ok(Some(text.trim().to_owned().into())),
            (None, Some(path)) => {
                let path = self.file.as_deref().map_or_else(|| PathBuf::from(&path), |file| beside(file, Path::new(&path)));
                read_secret_file(&self.origin(&by_file), &path).map(Some)
            }
            (None, None) => Ok(None),
        }
    }

    /// Where the value in force came from, as a person would look for it.
    fn origin(&self, name: &str) -> String {
        if self.flags.contains_key(name) {
            return format!("--{}", name.replace('_', "-"));
        }
        if keys::find(name).is_some_and(|key| self.environment.get(&key.variable()).is_some()) {
            return variable(name);
        }
        match &self.file {
            Some(file) if self.in_file.contains_key(name) => format!("`{name}` in {}", file.display()),
            _ => format!("the default of `{name}`"),
        }
    }

    fn wrong(&self, name: &str, value: &str, expected: &str) -> Failure {
        Failure::configuration(format!("{}: `{value}` is not {expected}", self.origin(name)))
    }
}

fn variable(name: &str) -> String {
    keys::find(name).map(Key::variable).unwrap_or_default()
}

fn beside(file: &Path, path: &Path) -> PathBuf {
    file.parent().map_or_else(|| path.to_owned(), |folder| folder.join(path))
}

fn check_names<'a>(path: &Path, names: impl Iterator<Item = &'a String>) -> Outcome {
    let known = keys::names();
    for name in names {
        if !known.contains(name) {
            return Err(Failure::configuration(format!("unknown key `{name}` in {}", path.display()))
                .hint(format!("known keys: {}", known.join(", "))));
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &config::ConfigError) -> Failure {
    Failure::configuration(format!("cannot read the configuration `{}`: {error}", path.display()))
}

fn unusable(error: &config::ConfigError) -> Failure {
    Failure::configuration(format!("the configuration cannot be put together: {error}"))
}

#[cfg(test)]
mod tests;
