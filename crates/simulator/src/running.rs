//! Starting the servers and taking them down.

use crate::faults::{Endpoint, Faults};
use crate::oauth::OAuthSwitches;
use crate::quota::QuotaSwitches;
use crate::secrets::{Keys, Secrets, Vendor};
use crate::site::{Asked, Site};
use crate::traffic::Calls;
use crate::truth::Truth;
use crate::world::World;
use crate::{Config, anthropic, cursor, github, quota};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The way in.
#[derive(Debug, Clone, Copy)]
pub struct Simulator;

impl Simulator {
    /// Starts the vendors' servers on free ports of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(config: Config) -> io::Result<Running> {
        let [github, downloads, anthropic, cursor] = [bind().await?, bind().await?, bind().await?, bind().await?];
        let personal = bind().await?;
        let url = |listener: &TcpListener| listener.local_addr().map(|address| format!("http://{address}"));
        let (github_url, downloads_url) = (url(&github)?, url(&downloads)?);
        let (anthropic_url, cursor_url) = (url(&anthropic)?, url(&cursor)?);
        let quota_url = url(&personal)?;
        let keys = Arc::new(Keys::new(config.seed));
        let world = Arc::new(World::new(config));
        let site = Arc::new(Site::new(world, keys, github_url.clone(), downloads_url.clone()));
        let stop = CancellationToken::new();
        let apps = [
            (github, Router::new().fallback(on_github)),
            (downloads, Router::new().fallback(on_downloads)),
            (anthropic, Router::new().fallback(on_anthropic)),
            (cursor, Router::new().fallback(on_cursor)),
            (personal, Router::new().fallback(on_quota)),
        ];
        let tasks = apps.map(|(listener, app)| serve(listener, app.with_state(Arc::clone(&site)), stop.clone()));
        Ok(Running { site, stop, tasks: tasks.into(), github_url, downloads_url, anthropic_url, cursor_url, quota_url })
    }

    /// The right answers without any server, for benches and tests of the readers' arithmetic.
    #[must_use]
    pub fn truth(config: Config) -> Truth {
        Truth(Arc::new(World::new(config)))
    }
}

async fn bind() -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0)).await
}

fn serve(listener: TcpListener, app: Router, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let ended = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await;
        if let Err(error) = ended {
            tracing::warn!(%error, "a simulated vendor stopped");
        }
    })
}

async fn on_github(State(site): State<Arc<Site>>, request: Request) -> Response {
    github::answer(&site, &Asked::of(request).await).await.into_response()
}

async fn on_downloads(State(site): State<Arc<Site>>, request: Request) -> Response {
    github::download(&site, &Asked::of(request).await).await.into_response()
}

async fn on_anthropic(State(site): State<Arc<Site>>, request: Request) -> Response {
    anthropic::answer(&site, &Asked::of(request).await).await.into_response()
}

async fn on_cursor(State(site): State<Arc<Site>>, request: Request) -> Response {
    cursor::answer(&site, &Asked::of(request).await).await.into_response()
}

async fn on_quota(State(site): State<Arc<Site>>, request: Request) -> Response {
    quota::answer(&site, &Asked::of(request).await).await.into_response()
}

/// The servers, for as long as this lives.
#[derive(Debug)]
pub struct Running {
    site: Arc<Site>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    github_url: String,
    downloads_url: String,
    anthropic_url: String,
    cursor_url: String,
    quota_url: String,
}

impl Running {
    /// Where the vendor speaks: the value of the setting `base_url`.
    #[must_use]
    pub fn base_url(&self, vendor: Vendor) -> &str {
        match vendor {
            Vendor::Github => &self.github_url,
            Vendor::Anthropic => &self.anthropic_url,
            Vendor::Cursor => &self.cursor_url,
        }
    }

    /// Host and port that GitHub's signed links lead to.
    #[must_use]
    pub fn download_host(&self) -> &str {
        self.downloads_url.trim_start_matches("http://")
    }

    /// Host and port of all servers: what an operator allows when private addresses are refused.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        let urls = [&self.github_url, &self.downloads_url, &self.anthropic_url, &self.cursor_url];
        urls.map(|url| url.trim_start_matches("http://").to_owned()).into()
    }

    /// The GitHub organization's login.
    #[must_use]
    pub fn organization(&self) -> &str {
        &self.site.world.config.organization
    }

    /// The repositories, as `owner/name`.
    #[must_use]
    pub fn repositories(&self) -> Vec<String> {
        self.site.world.delivery.places.iter().map(|place| place.name.to_string()).collect()
    }

    /// The GitHub enterprise's slug.
    #[must_use]
    pub fn enterprise(&self) -> &str {
        &self.site.world.config.enterprise
    }

    /// The credentials valid now.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        self.site.keys.all()
    }

    /// The switches of GitHub's sign-in side.
    #[must_use]
    pub const fn oauth(&self) -> OAuthSwitches<'_> {
        OAuthSwitches(self)
    }

    /// The switches of what the vendors tell one person of their own use.
    #[must_use]
    pub const fn quota(&self) -> QuotaSwitches<'_> {
        QuotaSwitches(self)
    }

    pub(crate) fn quota_url(&self) -> &str {
        &self.quota_url
    }

    pub(crate) fn quota_accounts(&self) -> &quota::Accounts {
        &self.site.quota
    }

    pub(crate) fn oauth_side(&self) -> &github::oauth::OAuth {
        &self.site.oauth
    }

    pub(crate) fn logins(&self) -> Vec<String> {
        github::oauth::logins(&self.site)
    }

    /// The credential of a GitHub App that is installed on the organization: its numbers and its private key as JSON.
    #[must_use]
    pub fn app_credential(&self) -> String {
        github::app::credential()
    }

    /// Takes back every token that the app's installation was given.
    pub fn revoke_app_tokens(&self) {
        self.site.app_tokens.revoke();
    }

    /// The right answers; the handle follows what the faults change.
    #[must_use]
    pub fn truth(&self) -> Truth {
        Truth(Arc::clone(&self.site.world))
    }

    /// The switchboard of faults.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.site.faults.clone()
    }

    /// What was asked so far.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<Endpoint, Calls> {
        self.site.traffic.all()
    }

    /// Stops listening, lets slow answers go and waits until the ports are free.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        self.site.faults.release();
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            // Aborted on purpose; how it ended says nothing.
            let _ = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.site.faults.release();
        for task in &self.tasks {
            task.abort();
        }
    }
}
