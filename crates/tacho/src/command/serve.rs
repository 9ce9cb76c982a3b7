//! `tacho serve`: pages and REST, the worker and the schedule, until it is told to stop.

use crate::command::sign_in;
use crate::failure::{Failure, Outcome};
use crate::server::{Server, background};
use crate::wiring::Installation;
use crate::{door, output};
use clap::Args;
use tacho_sync::Timetable;

/// Run the server; without any configuration it makes ./tacho-data/ and uses SQLite
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port to listen on [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// How browsers reach the server [default: http:// and the address it listens on]
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Cron expression in UTC for the daily sync, or `off` [default: 0 2 * * *]
    #[arg(long, value_name = "CRON")]
    pub(crate) schedule: Option<String>,
    /// Only answer requests: another replica syncs
    #[arg(long)]
    no_worker: bool,
}

impl Serve {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        let configuration = &installation.configuration;
        let timetable = configuration.schedule.as_deref().map(str::parse::<Timetable>).transpose().map_err(|error| {
            Failure::configuration(format!("schedule: {error}"))
                .hint("for example `0 2 * * *`: daily at two, UTC; `off` for none")
        })?;
        let server = Server::bind(configuration.listen).await?.with_tls(configuration.tls.clone()).await?;
        let url = configuration.public_url.clone().map_or_else(|| server.url(), Ok)?;
        tracing::info!(%url, "listening");
        output::line(&format!("Tacho is at {url}"))?;
        // Made anew at every start: whoever reads this server's terminal runs it.
        if let Some(link) = sign_in::set_up_link(installation, &url).await? {
            output::line("Nobody has an account yet. This link makes the first owner; it works once, for a day:")?;
            output::secret(&link)?;
        }

        let stop = door::stop_wish();
        let mut tasks = if self.no_worker { tokio::task::JoinSet::new() } else { background(installation, timetable, &stop) };
        let served = server.run(installation, &url, stop.clone()).await;
        stop.cancel();
        while tasks.join_next().await.is_some() {}
        tracing::info!("stopped");
        served
    }
}
