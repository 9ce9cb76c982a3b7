//! Every configuration key, in one list: the file's keys, the environment's variables and docs/configuration.md follow it.

/// One configuration key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    /// Its name in `tacho.toml`.
    pub(crate) name: &'static str,
    /// Whether it is a secret: it can then also be given as a file, by `<name>_file`, and never as a flag.
    pub(crate) secret: bool,
    /// Its default as text; empty where it has none of its own.
    pub(crate) default: &'static str,
    /// What it is for, in a sentence.
    #[cfg_attr(not(test), expect(dead_code, reason = "the test of docs/configuration.md reads it"))]
    pub(crate) help: &'static str,
}

/// The data folder.
pub(crate) const DATA: &str = "data";
/// The database.
pub(crate) const DATABASE_URL: &str = "database_url";
/// Connections for reading.
pub(crate) const DATABASE_READERS: &str = "database_readers";
/// The key that seals every other secret.
pub(crate) const MASTER_KEY: &str = "master_key";
/// The organization's name.
pub(crate) const ORGANIZATION: &str = "organization";
/// Where the server listens.
pub(crate) const LISTEN: &str = "listen";
/// How browsers reach it.
pub(crate) const PUBLIC_URL: &str = "public_url";
/// Whether a proxy of ours tells clients' addresses.
pub(crate) const TRUST_PROXY: &str = "trust_proxy";
/// When syncs are due.
pub(crate) const SCHEDULE: &str = "schedule";
/// How far a first sync reaches back.
pub(crate) const BACKFILL_DAYS: &str = "backfill_days";
/// Private hosts that connections may reach.
pub(crate) const ALLOW_HOSTS: &str = "allow_hosts";
/// What is logged.
pub(crate) const LOG: &str = "log";
/// How it is logged.
pub(crate) const LOG_FORMAT: &str = "log_format";

const fn plain(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key { name, secret: false, default, help }
}

const fn secret(name: &'static str, help: &'static str) -> Key {
    Key { name, secret: true, default: "", help }
}

/// All keys, in the order of the documentation.
pub(crate) const KEYS: &[Key] = &[
    plain(DATA, "./tacho-data", "Folder for the SQLite database and the master key; made with mode 0700."),
    secret(DATABASE_URL, "`sqlite:<path>` or `postgres://...`; by default SQLite in the data folder."),
    plain(DATABASE_READERS, "4", "Database connections for reading, 1 to 64."),
    secret(
        MASTER_KEY,
        "32 bytes in Base64 that seal every credential; by default `master.key` in the data folder, made on first start.",
    ),
    plain(ORGANIZATION, "My organization", "The organization's name, given when it is made."),
    plain(LISTEN, "127.0.0.1:8787", "Address and port of the server; port 0 takes a free one."),
    plain(
        PUBLIC_URL,
        "",
        "How browsers reach the server; by default `http://` and the address it listens on. With `https` cookies are marked secure.",
    ),
    plain(
        TRUST_PROXY,
        "false",
        "`true` where every request comes through a proxy of yours that sets `X-Forwarded-For`: limits then count by client.",
    ),
    plain(SCHEDULE, "0 2 * * *", "Cron expression in UTC for the daily sync; `off` for none."),
    plain(BACKFILL_DAYS, "365", "How many days a first sync reaches back, 1 to 1100; vendors keep less."),
    plain(ALLOW_HOSTS, "", "Private or loopback hosts that connections may reach, with commas: `ghe.internal, 10.0.0.7:8443`."),
    plain(
        LOG,
        "",
        "What is logged: `error`, `warn`, `info`, `debug`, or a filter such as `info,tacho_sync=debug`; by default `info` for `tacho serve` and `warn` elsewhere.",
    ),
    plain(LOG_FORMAT, "text", "`text` or `json`; logs go to standard error."),
];

/// The key of that name.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

impl Key {
    /// Its environment variable.
    pub(crate) fn variable(&self) -> String {
        format!("TACHO_{}", self.name.to_uppercase())
    }
}

/// Every name that may stand in `tacho.toml`.
pub(crate) fn names() -> Vec<String> {
    let spellings = |key: &Key| {
        let file = key.secret.then(|| format!("{}_file", key.name));
        std::iter::once(key.name.to_owned()).chain(file)
    };
    KEYS.iter().flat_map(spellings).collect()
}
