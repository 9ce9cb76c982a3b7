//! What an operator may turn: times, sizes, and which private addresses may be called.

use secrecy::SecretString;
use std::path::PathBuf;
use std::time::Duration;

/// The rules of one transport.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Sent with every call, as `Product/1.2.3 (+https://...)`.
    pub user_agent: String,
    /// How long one try of an API call may take, from connecting to the last byte. For a download, which carries no
    /// credential and may be hundreds of megabytes, it is the longest silence: until the headers, and between two reads.
    pub timeout: Duration,
    /// How long connecting may take, TLS included.
    pub connect_timeout: Duration,
    /// How long a whole download may take. A signed link lives about an hour.
    pub download_timeout: Duration,
    /// How often a call is tried again after its first try.
    pub retries: u32,
    /// The backoff before the first retry; it doubles from then on. Half of it to all of it is waited.
    pub base_delay: Duration,
    /// The longest backoff.
    pub max_delay: Duration,
    /// The longest wait that a vendor may ask for inside a send; a longer one is an error with `wait_until`.
    pub max_wait: Duration,
    /// How long a vendor is left alone that answers 429 without saying until when, or says 0; `None`: the usual backoff.
    pub unsaid_wait: Option<Duration>,
    /// The most bytes of a reply after decompression.
    pub body_limit: u64,
    /// The most bytes of a reply that stay in memory; a longer one goes to an unlinked temporary file.
    pub memory_limit: usize,
    /// Where that file is made; `None`: the system's folder for temporary files.
    pub spool_folder: Option<PathBuf>,
    /// Hosts (`ghe.corp.example`, `10.0.0.7`) or hosts with a port (`127.0.0.1:8443`) that may be called although their
    /// address is private, and without TLS: the operator's explicit allowance. Empty means none.
    pub allowed_private: Vec<String>,
    /// A proxy for every call. The environment's proxy variables are not read, so that nobody is sent through one
    /// unknowingly. Names are then looked up by the proxy, which has to keep private addresses away itself. Its address may
    /// hold a password.
    pub proxy: Option<SecretString>,
    /// The seed of the backoff's jitter; `None`: another one for every send.
    pub jitter_seed: Option<u64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            user_agent: concat!("Tacho/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")").to_owned(),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            download_timeout: Duration::from_hours(1),
            retries: 3,
            base_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(30),
            max_wait: Duration::from_mins(2),
            unsaid_wait: None,
            body_limit: 4 << 30,
            memory_limit: 8 << 20,
            spool_folder: None,
            allowed_private: Vec::new(),
            proxy: None,
            jitter_seed: None,
        }
    }
}

/// A policy that cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// An allowed private host that is none.
    #[error("allowed private host `{entry}`: expected a host or host:port, without scheme and path")]
    Allowance {
        /// The entry.
        entry: String,
    },
    /// A proxy that cannot be used.
    #[error("the proxy's address cannot be used: {why}")]
    Proxy {
        /// What is wrong; without the address, which may hold a password.
        why: String,
    },
    /// The HTTP client cannot be made, in practice because the system has no certificates of authorities.
    #[error("the HTTP client cannot start: {0}; on Linux install the package ca-certificates or set SSL_CERT_FILE")]
    Client(String),
}
