//! The HTTP server, with the worker and the schedule beside it, until the wish to stop.

use crate::connections::EngineConnections;
use crate::failure::{Failure, Outcome};
use crate::wiring::Installation;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tacho_web::{App, Limits};
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
        Ok(Self { listener, address })
    }

    /// How browsers reach it, unless a proxy stands in front.
    pub(crate) fn url(&self) -> Outcome<Url> {
        super::command::sign_in::base_url(&self.address.to_string())
    }

    /// Answers until `stop`, then lets open requests end.
    pub(crate) async fn run(self, installation: &Installation, secure_cookies: bool, stop: CancellationToken) -> Outcome {
        let connections =
            EngineConnections { engine: installation.engine.clone(), store: installation.store.clone(), stop: stop.clone() };
        let app = App {
            store: installation.store.clone(),
            connections: Arc::new(connections),
            tools: tacho_connectors::tool_profiles(),
            clock: Arc::clone(&installation.clock),
            secure_cookies,
            trust_proxy: installation.configuration.trust_proxy,
            limits: Limits::default(),
        };
        let service = tacho_web::router(app).into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(self.listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
        let patience = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            ended = serving => ended.map_err(|error| Failure::failed(format!("the server failed: {error}"))),
            () = patience => {
                tracing::warn!("requests were still open and are cut off");
                Ok(())
            }
        }
    }
}

/// The workers, and the schedule where one is wanted, as tasks that end after `stop`.
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
    if let Some(timetable) = schedule {
        let (engine, stop) = (installation.engine.clone(), stop.clone());
        tasks.spawn(tacho_sync::schedule::run(engine, timetable, stop));
    }
    tasks
}
