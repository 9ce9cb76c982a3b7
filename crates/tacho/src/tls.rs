//! HTTPS without a proxy: certificate and key from two files, which are read again when they change or on SIGHUP.

use crate::failure::{Failure, Outcome};
use axum_server::tls_rustls::RustlsConfig;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

/// How often the files' dates are looked at.
const LOOK: Duration = Duration::from_mins(1);

/// A certificate that new connections are served with.
#[derive(Clone)]
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    pub(crate) config: RustlsConfig,
}

impl Tls {
    /// Reads certificate and key.
    pub(crate) async fn read(certificate: PathBuf, key: PathBuf) -> Outcome<Self> {
        let config = RustlsConfig::from_pem_file(&certificate, &key).await.map_err(|error| {
            let (certificate, key) = (certificate.display(), key.display());
            Failure::configuration(format!("the certificate `{certificate}` with the key `{key}` cannot be used: {error}")).hint(
                "both are PEM files; the certificate's file holds its chain as well, and the key has to be the certificate's",
            )
        })?;
        Ok(Self { certificate, key, config })
    }

    /// Reads both again when they change, until `stop`. What cannot be read leaves the old certificate in force.
    pub(crate) async fn keep_fresh(self, stop: CancellationToken) {
        let mut dates = self.dates();
        let mut hang_up = HangUp::listen();
        while !stop.is_cancelled() {
            let asked = tokio::select! {
                () = stop.cancelled() => return,
                () = hang_up.heard() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            let found = self.dates();
            if !asked && found == dates {
                continue;
            }
            dates = found;
            match self.config.reload_from_pem_file(&self.certificate, &self.key).await {
                Ok(()) => tracing::info!("the certificate was read again"),
                Err(error) => tracing::warn!(%error, "the certificate could not be read again; the old one stays in force"),
            }
        }
    }

    fn dates(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.key].map(|path| path.metadata().and_then(|metadata| metadata.modified()).ok())
    }
}

/// SIGHUP, where there is such a thing.
struct HangUp {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl HangUp {
    fn listen() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn heard(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
