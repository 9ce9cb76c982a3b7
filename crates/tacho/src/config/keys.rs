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
/// Proxies of ours, which tell clients' addresses.
pub(crate) const TRUSTED_PROXIES: &str = "trusted_proxies";
/// The server's certificate.
pub(crate) const TLS_CERTIFICATE: &str = "tls_certificate";
/// The certificate's key.
pub(crate) const TLS_KEY: &str = "tls_key";
/// How long a server that stops goes on answering.
pub(crate) const DRAIN_SECONDS: &str = "drain_seconds";
/// How often one client may ask.
pub(crate) const REQUESTS_PER_MINUTE: &str = "requests_per_minute";
/// How often one client may have a credential tried with its vendor.
pub(crate) const CONNECTS_PER_MINUTE: &str = "connects_per_minute";
/// Lets in whoever asks for metrics from elsewhere.
pub(crate) const METRICS_TOKEN: &str = "metrics_token";
/// Where failures are reported.
pub(crate) const SENTRY_DSN: &str = "sentry_dsn";
/// Where the server puts a backup every day.
pub(crate) const BACKUP_FOLDER: &str = "backup_folder";
/// How many of them are kept.
pub(crate) const BACKUP_KEEP: &str = "backup_keep";
/// When syncs are due.
pub(crate) const SCHEDULE: &str = "schedule";
/// How far a first sync reaches back.
pub(crate) const BACKFILL_DAYS: &str = "backfill_days";
/// Private hosts that connections may reach.
pub(crate) const ALLOW_HOSTS: &str = "allow_hosts";
/// The OAuth app at GitHub.
pub(crate) const GITHUB_CLIENT_ID: &str = "github_client_id";
/// Its secret.
pub(crate) const GITHUB_CLIENT_SECRET: &str = "github_client_secret";
/// Where GitHub is.
pub(crate) const GITHUB_URL: &str = "github_url";
/// Organizations at GitHub whose members get an account.
pub(crate) const GITHUB_ORGANIZATIONS: &str = "github_organizations";
/// The company's provider.
pub(crate) const OIDC_ISSUER: &str = "oidc_issuer";
/// The client there.
pub(crate) const OIDC_CLIENT_ID: &str = "oidc_client_id";
/// Its secret.
pub(crate) const OIDC_CLIENT_SECRET: &str = "oidc_client_secret";
/// What the sign-in page calls it.
pub(crate) const OIDC_LABEL: &str = "oidc_label";
/// What is asked for.
pub(crate) const OIDC_SCOPES: &str = "oidc_scopes";
/// Which claim lists groups.
pub(crate) const OIDC_GROUPS_CLAIM: &str = "oidc_groups_claim";
/// Which groups give which role.
pub(crate) const OIDC_ROLES: &str = "oidc_roles";
/// Whether addresses count that nobody calls verified.
pub(crate) const OIDC_TRUST_EMAIL: &str = "oidc_trust_email";
/// Domains whose addresses get an account.
pub(crate) const SIGN_ON_DOMAINS: &str = "sign_on_domains";
/// The role they get.
pub(crate) const SIGN_ON_ROLE: &str = "sign_on_role";
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
    plain(
        ORGANIZATION,
        "My organization",
        "The first organization's name, given when it is made; with several, the one a command is for (`--organization`).",
    ),
    plain(LISTEN, "127.0.0.1:8787", "Address and port of the server; port 0 takes a free one."),
    plain(
        PUBLIC_URL,
        "",
        "How browsers reach the server; by default `http://` and the address it listens on. With `https` cookies are marked secure.",
    ),
    plain(
        TRUSTED_PROXIES,
        "",
        "Addresses or networks of your own proxies, with commas: `10.0.0.0/8, 192.0.2.7`. What they say in `X-Forwarded-For` and `X-Forwarded-Proto` is believed.",
    ),
    plain(TLS_CERTIFICATE, "", "PEM file with the server's certificate and its chain: the server then speaks HTTPS itself."),
    plain(TLS_KEY, "", "PEM file with the certificate's private key. Both files are read again when they change, and on SIGHUP."),
    plain(
        DRAIN_SECONDS,
        "0",
        "How long a server that was told to stop goes on answering while `/ready` says 503, so that a load balancer looks elsewhere, 0 to 300.",
    ),
    plain(
        REQUESTS_PER_MINUTE,
        "600",
        "How many requests one client's address may send, 1 to 1000000; signing in has a narrower limit of its own.",
    ),
    plain(CONNECTS_PER_MINUTE, "10", "How many of them may have a credential tried with its vendor, 1 to 1000000."),
    secret(
        METRICS_TOKEN,
        "Opens `/metrics` to whoever sends `Authorization: Bearer <token>`; without it only this machine may ask.",
    ),
    secret(
        SENTRY_DSN,
        "Where failures are reported, `https://<key>@<host>/<project>` of a Sentry or what speaks its protocol; by default nowhere.",
    ),
    plain(BACKUP_FOLDER, "", "Folder in which `tacho serve` puts a verified backup every day; by default none is made."),
    plain(BACKUP_KEEP, "7", "How many of these backups are kept, 1 to 1000."),
    plain(SCHEDULE, "0 2 * * *", "Cron expression in UTC for the daily sync; `off` for none."),
    plain(BACKFILL_DAYS, "365", "How many days a first sync reaches back, 1 to 1100; vendors keep less."),
    plain(ALLOW_HOSTS, "", "Private or loopback hosts that connections may reach, with commas: `ghe.internal, 10.0.0.7:8443`."),
    plain(
        GITHUB_CLIENT_ID,
        "",
        "Client id of your OAuth app at GitHub: people then sign in with GitHub and connect it ([sign-in.md](sign-in.md)).",
    ),
    secret(
        GITHUB_CLIENT_SECRET,
        "The app's client secret; without it only the device flow works (`tacho connect github_copilot --device`).",
    ),
    plain(GITHUB_URL, "https://github.com", "Where GitHub is: `https://<name>.ghe.com`, or a server of your own."),
    plain(
        GITHUB_ORGANIZATIONS,
        "",
        "Organizations at GitHub, with commas: their members get an account when they sign in with GitHub.",
    ),
    plain(
        OIDC_ISSUER,
        "",
        "Your company's OpenID Connect provider, spelled as it spells its `issuer`: `https://login.example.com`.",
    ),
    plain(OIDC_CLIENT_ID, "", "Client id of Tacho there; its callback is `<public_url>/sign-in/callback/oidc`."),
    secret(OIDC_CLIENT_SECRET, "The client's secret; a public client has none."),
    plain(OIDC_LABEL, "company account", "What the sign-in page calls it, after `Sign in with`."),
    plain(OIDC_SCOPES, "email, profile", "What is asked for besides `openid`; some providers want `groups` to tell groups."),
    plain(OIDC_GROUPS_CLAIM, "groups", "The claim that lists a person's groups."),
    plain(
        OIDC_ROLES,
        "",
        "Which group gives which role, the first that fits: `tacho-admins=admin, staff=member`. With it the provider decides about roles at every sign-in, except about owners.",
    ),
    plain(
        OIDC_TRUST_EMAIL,
        "false",
        "`true` where the provider never sends `email_verified` and every address in it is checked: an address it calls unverified is refused all the same.",
    ),
    plain(
        SIGN_ON_DOMAINS,
        "",
        "Domains, with commas: whoever signs in with a provider and a verified address of one gets an account. Without any, only who is invited or has an account comes in.",
    ),
    plain(
        SIGN_ON_ROLE,
        "member",
        "The role of whoever gets an account that way, or fits no line of `oidc_roles`; `none` refuses them.",
    ),
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
