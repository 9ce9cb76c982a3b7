//! `tacho simulator`: the vendors' APIs in a box and nothing else, to try connecting with, by hand or from a test.

use crate::failure::{Failure, Outcome};
use crate::{door, output};
use clap::Args;
use serde::Serialize;
use tacho_simulator::quota::QuotaAccount;
use tacho_simulator::{Config, Delivery, Running, Vendor};
use tokio::sync::mpsc::{Receiver, channel};

/// Run the simulator of the vendors' APIs alone; print where it speaks and its keys as a line of JSON
#[derive(Debug, Args)]
#[command(after_help = "\
On standard input it takes, one a line:
  grant <scope>,...   people grant an OAuth app at most these scopes (`grant all`: whatever is asked for)
  approve on|off      people say yes to an OAuth app at once, without GitHub's page
  rotate <vendor>     github, anthropic or cursor gets a new key; the old one is refused

Pull requests, reviews and deployments (connector github_delivery) are on GitHub's side, by the same key. `deployments` and
`repositories` of the printed line say what to set.

Personal quotas (`tacho status`) have an address of their own, printed as `quota` with an account for every shape of answer.
It also takes, as JSON over HTTP:
  GET    /simulator         accounts, tokens, what is used, how often each tool was asked
  POST   /simulator/use     {\"tool\":\"copilot\",\"account\":\"paid\",\"used\":90,\"limit\":100}
  POST   /simulator/faults  {\"tool\":\"copilot\",\"fault\":\"429\",\"retry_after\":120,\"times\":1}; a fault is a status, hang, reset,
                            invalid-json or wrong-shape, and stays until cleared where `times` is left out
  DELETE /simulator/faults  no more faults
  POST   /simulator/today   {\"day\":\"2026-12-01\"}")]
pub(crate) struct Simulator {
    /// People in the organization
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    members: u32,
    /// Days of history
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(7..=1_000))]
    days: u32,
    /// What chance begins with: the same seed gives the same organization
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What is printed.
#[derive(Serialize)]
struct Told<'a> {
    organization: &'a str,
    /// What `allow_hosts` needs.
    hosts: Vec<String>,
    github: Side<'a>,
    anthropic: Side<'a>,
    cursor: Side<'a>,
    github_client_id: String,
    github_client_secret: String,
    github_app: String,
    /// What the setting `deployments` of the connector `github_delivery` takes here.
    deployments: &'static str,
    repositories: Vec<String>,
    quota: Quota<'a>,
}

/// What the vendors tell one person of their own use.
#[derive(Serialize)]
struct Quota<'a> {
    base_url: &'a str,
    accounts: Vec<QuotaAccount>,
}

#[derive(Serialize)]
struct Side<'a> {
    base_url: &'a str,
    key: String,
}

impl Simulator {
    /// Runs until it is told to stop.
    pub(crate) async fn run(&self) -> Outcome {
        let stop = door::stop_wish();
        let today = door::clock()().day();
        let delivery = Delivery { commit_records: true, ..Delivery::default() };
        let config = Config { members: self.members, days: self.days, delivery, ..Config::new(self.seed, today) };
        let running = tacho_simulator::Simulator::start(config)
            .await
            .map_err(|error| Failure::failed(format!("the simulator cannot start: {error}")))?;
        output::line(&told(&running)?)?;
        let mut lines = input();
        let mut listening = true;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                line = lines.recv(), if listening => match line {
                    Some(line) => output::line(&obey(&running, line.trim()))?,
                    None => listening = false,
                },
            }
        }
        running.shutdown().await;
        Ok(())
    }
}

/// The lines of standard input, read on a thread of their own: a blocked read holds nobody up, and ends with the program.
fn input() -> Receiver<String> {
    let (sender, lines) = channel(16);
    std::thread::spawn(move || std::io::stdin().lines().map_while(Result::ok).try_for_each(|line| sender.blocking_send(line)));
    lines
}

fn told(running: &Running) -> Outcome<String> {
    let secrets = running.secrets();
    let told = Told {
        organization: running.organization(),
        hosts: running.hosts(),
        github: Side { base_url: running.base_url(Vendor::Github), key: secrets.github },
        anthropic: Side { base_url: running.base_url(Vendor::Anthropic), key: secrets.anthropic },
        cursor: Side { base_url: running.base_url(Vendor::Cursor), key: secrets.cursor },
        github_client_id: secrets.github_client_id,
        github_client_secret: secrets.github_client_secret,
        github_app: running.app_credential(),
        deployments: "environment:production",
        repositories: running.repositories(),
        quota: Quota { base_url: running.quota().base_url(), accounts: running.quota().accounts() },
    };
    serde_json::to_string(&told).map_err(|error| Failure::failed(error.to_string()))
}

/// Does as a line says; gives the answer, which is `ok`, the new key, or why not.
fn obey(running: &Running, line: &str) -> String {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match (word, rest.trim()) {
        ("grant", "all") => running.oauth().grant_only(None),
        ("grant", scopes) => {
            running.oauth().grant_only(Some(&scopes.split(',').filter(|scope| !scope.is_empty()).collect::<Vec<_>>()));
        }
        ("approve", how @ ("on" | "off")) => running.oauth().approve_by_itself(how == "on"),
        ("rotate", vendor) => {
            let known = [("github", Vendor::Github), ("anthropic", Vendor::Anthropic), ("cursor", Vendor::Cursor)];
            return match known.into_iter().find(|(name, _)| *name == vendor) {
                Some((_, vendor)) => running.faults().rotate(vendor),
                None => format!("`{vendor}` is no vendor here: github, anthropic or cursor"),
            };
        }
        _ => return format!("`{line}` is not known: grant, approve or rotate"),
    }
    "ok".to_owned()
}
