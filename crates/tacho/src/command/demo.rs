//! `tacho demo`: the vendors' APIs in a box, and an ordinary server that reads them over HTTP by the ordinary path.

mod answers;

use crate::bars::Bars;
use crate::command::sign_in;
use crate::config::{Configuration, SignOnConfiguration};
use crate::failure::{Failure, Outcome};
use crate::server::{Server, background};
use crate::wiring::{Installation, prepare_folder};
use crate::{door, output};
use clap::Args;
use secrecy::ExposeSecret;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use tacho_domain::report::Question;
use tacho_domain::{IntegrationId, Role, UserId, Window};
use tacho_signon::{GitHubSettings, Newcomers};
use tacho_simulator::{Config, Delivery, Running, Simulator, Vendor};
use tacho_store::NewUser;
use tacho_sync::{Connect, Event, Happening};
use tacho_transport::Surroundings;
use tacho_web::TokenWanted;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// Show an invented organization: the vendors' APIs in a box, connected as real ones are, on a temporary folder unless --data names one
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// People in the organization
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    members: u32,
    /// Days of history
    #[arg(long, default_value_t = 180, value_parser = clap::value_parser!(u32).range(7..=1_000))]
    days: u32,
    /// What chance begins with: the same seed gives the same organization
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Port to listen on, on this machine only; 0 takes a free one
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Print one line of JSON (`url`, `sign_in_url`, `api_token`) once the data is in
    #[arg(long)]
    json: bool,
}

/// The simulated repositories' environment that counts.
const DEPLOYMENTS: &str = "environment:production";

/// What `--json` prints.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    sign_in_url: &'a str,
    api_token: &'a str,
}

impl Demo {
    /// Runs on the data folder that was named, else on a temporary one that goes when the demonstration ends.
    pub(crate) async fn run(&self, mut configuration: Configuration, folder_named: bool) -> Outcome {
        let temporary = if folder_named { None } else { Some(temporary_folder()?) };
        if let Some(folder) = &temporary {
            configuration.data = folder.path().to_owned();
        }
        // Never a database or key that belongs to something real.
        configuration.database_url = None;
        configuration.master_key = None;
        "Octo Demo".clone_into(&mut configuration.organization);
        configuration.backfill_days = self.days;
        configuration.listen = std::net::SocketAddr::from(([127, 0, 0, 1], self.port));
        configuration.public_url = None;
        // The demonstration's days do not go on, so nothing becomes due.
        configuration.schedule = None;
        configuration.tls = None;
        configuration.backup_folder = None;
        let server = Server::bind(configuration.listen).await?;
        let stop = door::stop_wish();

        let clock = door::clock();
        let today = clock().day();
        let config = Config { members: self.members, days: self.days, delivery: delivery(), ..Config::new(self.seed, today) };
        let simulator =
            Simulator::start(config).await.map_err(|error| Failure::failed(format!("the simulator cannot start: {error}")))?;
        configuration.allow_hosts = simulator.hosts();
        configuration.sign_on = sign_on(&simulator)?;
        // The simulator is patient: the waits that real vendors ask for would make a demonstration of minutes.
        let surroundings = Surroundings { rest: Arc::new(|_| Box::pin(tokio::task::yield_now())), ..Surroundings::real(clock) };
        let installation = Installation::open_with(configuration, surroundings).await?;
        write_truth(&simulator, &installation.configuration.data)?;

        let names = connect(&installation, &simulator, &stop).await?;
        let mut events = installation.engine.events();
        let bars = Bars::follow(&installation.engine, names.clone());
        let mut tasks = background(&installation, None, &stop);
        let read = tokio::select! {
            read = all_read(&mut events, &names) => read,
            () = stop.cancelled() => return Ok(()),
        };
        bars.finish().await;
        read?;

        answers::ask(&installation, &simulator.truth()).await?;
        let server_url = server.url()?;
        self.tell(&installation, &server, temporary.is_some()).await?;
        let served = server.run(&installation, &server_url, stop.clone()).await;
        stop.cancel();
        while tasks.join_next().await.is_some() {}
        installation.store.close().await;
        simulator.shutdown().await;
        served
    }

    async fn tell(&self, installation: &Installation, server: &Server, temporary: bool) -> Outcome {
        let url = server.url()?;
        let owner = owner(installation).await?;
        let member = stand_for_someone(installation, owner).await?;
        let link = sign_in::link(installation, owner, &url).await?;
        if !self.json {
            output::line(&format!(
                "\nAn organization of {} people over {} days: {url}\nSign in with this link, which works once:",
                self.members, self.days
            ))?;
            output::secret(&link)?;
            if let Some(name) = member {
                output::line(&format!("Its user stands for {name}, so that My usage has something to show."))?;
            }
            let folder = installation.configuration.data.display();
            let after = if temporary { "which goes when you stop it" } else { "which stays" };
            return output::line(&format!("Stop with Ctrl-C. The data lies in {folder}, {after}."));
        }
        let role = Role::Owner;
        let scopes = role.permissions().into_iter().collect();
        let wanted = TokenWanted { name: "demo", user: None, role, scopes, expires_at: None, made_by: None };
        let (store, organization, now) = (&installation.store, installation.organization, installation.now());
        let token = tacho_web::new_api_token(store, organization, &wanted, now).await?;
        #[expect(clippy::disallowed_methods, reason = "a demonstration's token and link are shown once to whoever started it")]
        let ready = Ready {
            url: url.as_str().trim_end_matches('/'),
            sign_in_url: link.expose_secret(),
            api_token: token.expose_secret(),
        };
        output::line(&serde_json::to_string(&ready).map_err(|error| Failure::failed(error.to_string()))?)
    }
}

/// Pull requests and deployments, and a few more people than usual who use no tool, so that there is somebody to compare with.
fn delivery() -> Delivery {
    Delivery { abstainers_permille: 120, commit_records: true, ..Delivery::default() }
}

/// The owner of the demonstration, to sign in as.
async fn owner(installation: &Installation) -> Outcome<UserId> {
    let (store, now) = (&installation.store, installation.now());
    let new = NewUser { email: "demo@tacho.example", name: "Demo Owner", password_hash: None };
    let id = match store.find_user_by_email(new.email).await? {
        Some(user) => user.id,
        None => store.add_user(&new, now).await?,
    };
    store.put_membership(installation.organization, id, Role::Owner, now).await?;
    Ok(id)
}

/// Links the owner to the busiest member who uses more than one tool; gives that member's name.
async fn stand_for_someone(installation: &Installation, owner: UserId) -> Outcome<Option<String>> {
    let window = Window::ending(installation.now().day().minus(1), 28);
    let question = Question::overview(installation.organization, window);
    let overview = installation.store.overview(&question, &tacho_connectors::tool_profiles()).await?;
    let members = || overview.members.rows.iter().filter(|row| !row.unmatched);
    let Some(member) = members().find(|row| row.tools.len() > 1).or_else(|| members().next()) else { return Ok(None) };
    installation.store.link_user(installation.organization, owner, Some(member.subject)).await?;
    Ok(Some(member.name.clone()))
}

fn temporary_folder() -> Outcome<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("tacho-demo-")
        .tempdir()
        .map_err(|error| Failure::configuration(format!("no temporary folder can be made: {error}")).hint("name one with --data"))
}

fn write_truth(simulator: &Running, folder: &Path) -> Outcome {
    prepare_folder(folder)?;
    let path = folder.join("truth.json");
    let written = std::fs::File::create(&path).and_then(|file| {
        let mut out = BufWriter::new(file);
        simulator.truth().write_json(&mut out)?;
        out.flush()
    });
    written.map_err(|error| Failure::failed(format!("cannot write `{}`: {error}", path.display())))
}

/// Signing in with the simulated GitHub works as with the real one; whoever has an address of the company gets an account.
fn sign_on(simulator: &Running) -> Outcome<SignOnConfiguration> {
    let secrets = simulator.secrets();
    let url = simulator.base_url(Vendor::Github);
    let url = url.parse().map_err(|_| Failure::failed(format!("the simulator is at `{url}`, which is no address")))?;
    let (client_id, client_secret) = (secrets.github_client_id, Some(secrets.github_client_secret.into()));
    let github = GitHubSettings { url, client_id, client_secret, organizations: Vec::new() };
    let newcomers = Newcomers { domains: vec!["example.com".to_owned()], roles: Vec::new(), role: Some(Role::Member) };
    Ok(SignOnConfiguration { github: Some(github), newcomers, ..SignOnConfiguration::default() })
}

/// Connects all tools and the repositories by the path that any connection takes.
async fn connect(
    installation: &Installation,
    simulator: &Running,
    stop: &CancellationToken,
) -> Outcome<BTreeMap<IntegrationId, String>> {
    if !installation.store.list_integrations(installation.organization).await?.is_empty() {
        let folder = installation.configuration.data.display();
        return Err(Failure::usage(format!("`{folder}` holds data already"))
            .hint("a demonstration needs an empty folder; `tacho serve --data` shows the one that is there"));
    }
    let secrets = simulator.secrets();
    let organization = ("organization", simulator.organization());
    let deployments = ("deployments", DEPLOYMENTS);
    let more = [organization, deployments, ("rework", "on"), ("copilot_reports", "on")];
    let connections: [(_, _, &[_], _); 4] = [
        ("github_copilot", Vendor::Github, &[organization], secrets.github.clone()),
        ("claude_console", Vendor::Anthropic, &[], secrets.anthropic),
        ("cursor", Vendor::Cursor, &[("commit_records", "on")], secrets.cursor),
        ("github_delivery", Vendor::Github, &more, secrets.github),
    ];
    let mut names = BTreeMap::new();
    for (connector, vendor, settings, secret) in connections {
        let name = tacho_connectors::find(connector).map_or(connector, |known| known.profile().tool.name).to_owned();
        let base_url = ("base_url", simulator.base_url(vendor));
        let request = Connect {
            connector_id: connector.to_owned(),
            name: Some(name.clone()),
            settings: tacho_connectors::Settings::new(settings.iter().copied().chain([base_url])),
            secret: secret.into(),
            auth: tacho_store::AuthKind::Secret,
            extra_scopes: Vec::new(),
            owner: None,
        };
        let connected = installation.engine.connect(installation.organization, request, stop).await;
        let id = connected.map_err(|error| Failure::failed(format!("{name} was not connected: {error}")))?;
        names.insert(id, name);
    }
    Ok(names)
}

/// Waits until every integration's first sync has ended.
async fn all_read(events: &mut Receiver<Event>, names: &BTreeMap<IntegrationId, String>) -> Outcome {
    let mut waiting: Vec<IntegrationId> = names.keys().copied().collect();
    while !waiting.is_empty() {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return Err(Failure::failed("the sync ended before the data was in")),
        };
        match event.what {
            Happening::Finished { .. } => waiting.retain(|id| *id != event.integration),
            Happening::Failed { failure } => {
                let name = names.get(&event.integration).map_or("?", String::as_str);
                return Err(Failure::failed(format!("{name}: {}", failure.cause)).hint(failure.fix));
            }
            _ => {}
        }
    }
    Ok(())
}
