//! The HTTP server, with the worker and the schedule beside it, until the wish to stop.

use crate::connections::EngineConnections;
use crate::failure::{Failure, Outcome};
use crate::sign_on::SignOns;
use crate::tls::Tls;
use crate::wiring::Installation;
use crate::{backups, metrics};
use axum::Router;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tacho_web::{App, Limits, Operations};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How long open requests may take to end once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Workers in one process: that many integrations are synced at the same time.
pub(crate) const WORKERS: usize = 3;

/// A server that listens but does not answer yet.
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
    metrics: PrometheusHandle,
}

impl Server {
    /// Takes the port.
    pub(crate) async fn bind(address: SocketAddr) -> Outcome<Self> {
        let taken = |error: std::io::Error| {
            let failure = Failure::configuration(format!("cannot listen on {address}: {error}"));
            match error.kind() {
                std::io::ErrorKind::AddrInUse => failure
                    .hint("another program listens there already; perhaps another Tacho")
                    .hint("choose another port (`tacho serve --listen 127.0.0.1:8788`, `tacho demo --port 8788`), or 0 for a free one"),
                std::io::ErrorKind::PermissionDenied => failure.hint("ports below 1024 need a privilege; choose a higher one behind a proxy"),
                _ => failure.hint("the address has to be one of this machine's; 127.0.0.1 is this machine only, 0.0.0.0 all of its addresses"),
            }
        };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { listener, address, tls: None, metrics: metrics::install()? })
    }

    /// The same, speaking HTTPS where there is a certificate with its key.
    pub(crate) async fn with_tls(self, files: Option<(PathBuf, PathBuf)>) -> Outcome<Self> {
        let tls = match files {
            Some((certificate, key)) => Some(Tls::read(certificate, key).await?),
            None => None,
        };
        Ok(Self { tls, ..self })
    }

    /// How browsers reach it, unless a proxy stands in front.
    pub(crate) fn url(&self) -> Outcome<Url> {
        super::command::sign_in::base_url(self.tls.is_some(), &self.address.to_string())
    }

    /// Answers until `stop`, then lets open requests end.
    pub(crate) async fn run(self, installation: &Installation, base: &Url, stop: CancellationToken) -> Outcome {
        let secure_cookies = base.scheme() == "https";
        let connections = EngineConnections {
            engine: installation.engine.clone(),
            store: installation.store.clone(),
            // Checked when the schedule began; a replica without one shows when another's is due.
            timetable: installation.configuration.schedule.as_deref().and_then(|text| text.parse().ok()),
            clock: Arc::clone(&installation.clock),
            stop: stop.clone(),
        };
        let configuration = &installation.configuration;
        let operations = Operations {
            trusted_proxies: configuration.trusted_proxies.clone(),
            metrics: Some(metrics::Page::new(self.metrics.clone(), installation.store.clone(), Arc::clone(&installation.clock))),
            metrics_token: configuration.metrics_token.clone(),
            public_url: configuration.public_url.clone(),
            stopping: Arc::default(),
        };
        let app = App {
            store: installation.store.clone(),
            connections: Arc::new(connections),
            sign_on: Arc::new(SignOns::new(installation, base.clone())?),
            vault: Arc::clone(&installation.vault),
            tools: tacho_connectors::tool_profiles(),
            clock: Arc::clone(&installation.clock),
            secure_cookies,
            operations: operations.clone(),
            limits: Limits::default()
                .allowing(installation.configuration.requests_per_minute, installation.configuration.connects_per_minute),
        };
        let service = tacho_web::router(app).into_make_service_with_connect_info::<SocketAddr>();
        // Told to stop, it says so on /ready for a while before it takes no more connections.
        let closing = CancellationToken::new();
        let mut beside = JoinSet::new();
        beside.spawn(metrics::upkeep(self.metrics, closing.clone()));
        beside.spawn(drain(stop, closing.clone(), operations, Duration::from_secs(configuration.drain_seconds.into())));
        let served = match self.tls {
            Some(tls) => {
                beside.spawn(tls.clone().keep_fresh(closing.clone()));
                serve_tls(self.listener, tls, service, closing.clone()).await
            }
            None => serve_plain(self.listener, service, closing.clone()).await,
        };
        closing.cancel();
        while beside.join_next().await.is_some() {}
        served
    }
}

type Service = IntoMakeServiceWithConnectInfo<Router, SocketAddr>;

/// Waits for the wish to stop, and then for the time that others need to see it.
async fn drain(stop: CancellationToken, closing: CancellationToken, operations: Operations, time: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = closing.cancelled() => return,
    }
    operations.stopping.store(true, Ordering::Relaxed);
    tracing::info!(drain_seconds = time.as_secs(), "stopping");
    tokio::time::sleep(time).await;
    closing.cancel();
}

async fn serve_plain(listener: TcpListener, service: Service, closing: CancellationToken) -> Outcome {
    let serving = axum::serve(listener, service).with_graceful_shutdown(closing.clone().cancelled_owned());
    let patience = async {
        closing.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = serving => ended.map_err(|error| failed(&error)),
        () = patience => {
            tracing::warn!("requests were still open and are cut off");
            Ok(())
        }
    }
}

async fn serve_tls(listener: TcpListener, tls: Tls, service: Service, closing: CancellationToken) -> Outcome {
    let handle = axum_server::Handle::new();
    let told = handle.clone();
    let watch = tokio::spawn(async move {
        closing.cancelled().await;
        told.graceful_shutdown(Some(GRACE));
    });
    let listener = listener.into_std().map_err(|error| failed(&error))?;
    let server = axum_server::from_tcp_rustls(listener, tls.config).map_err(|error| failed(&error))?;
    let served = server.handle(handle).serve(service).await;
    watch.abort();
    served.map_err(|error| failed(&error))
}

fn failed(error: &std::io::Error) -> Failure {
    Failure::failed(format!("the server failed: {error}"))
}

/// The workers, the daily backup and the schedule where they are wanted, as tasks that end after `stop`.
pub(crate) fn background(
    installation: &Installation,
    schedule: Option<tacho_sync::Timetable>,
    stop: &CancellationToken,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for number in 1..=WORKERS {
        // Unique among replicas too, since a lease belongs to a name.
        let name = format!("{}-{:08x}-{number}", std::process::id(), rand::random::<u32>());
        let (engine, stop) = (installation.engine.clone(), stop.clone());
        tasks.spawn(tacho_sync::worker::run(engine, name, stop));
    }
    let configuration = &installation.configuration;
    if let Some(path) = &configuration.backup_folder {
        let folder = backups::Folder { path: path.clone(), keep: configuration.backup_keep as usize };
        let (store, clock) = (installation.store.clone(), Arc::clone(&installation.clock));
        tasks.spawn(backups::run(store, clock, folder, stop.clone()));
    }
    if let Some(timetable) = schedule {
        let (engine, stop) = (installation.engine.clone(), stop.clone());
        tasks.spawn(tacho_sync::schedule::run(engine, timetable, stop));
    }
    tasks
}
