//! `tacho doctor`: what is wrong, in plain words, and how to mend it.

mod connections;
mod database;
mod machine;
mod providers;
mod quick;

use crate::config::{Configuration, Environment};
use crate::failure::{Exit, Failure, Outcome};
use crate::wiring::open_store;
use crate::{door, output};
use clap::Args;
use serde::Serialize;

/// Check configuration, data folder, database, clock and connections, and say how to mend what is wrong
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Ask no vendor and no identity provider
    #[arg(long)]
    offline: bool,
    /// Only whether the server of this configuration is ready, for a container's health check
    #[arg(long, conflicts_with_all = ["json", "offline"])]
    quick: bool,
}

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Good,
    /// Worth knowing.
    Note,
    /// Has to be mended.
    Bad,
}

/// Something that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    verdict: Verdict,
    about: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

/// The findings so far.
#[derive(Debug, Default, Serialize)]
struct Findings {
    bad: usize,
    findings: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, verdict: Verdict, about: &str, text: impl Into<String>, fix: impl Into<String>) {
        self.bad += usize::from(verdict == Verdict::Bad);
        let fix = Some(fix.into()).filter(|fix| verdict != Verdict::Good && !fix.is_empty());
        self.findings.push(Finding { verdict, about: about.to_owned(), text: text.into(), fix });
    }

    fn good(&mut self, about: &str, text: impl Into<String>) {
        self.add(Verdict::Good, about, text, "");
    }

    fn note(&mut self, about: &str, text: impl Into<String>, fix: impl Into<String>) {
        self.add(Verdict::Note, about, text, fix);
    }

    fn bad(&mut self, about: &str, text: impl Into<String>, fix: impl Into<String>) {
        self.add(Verdict::Bad, about, text, fix);
    }

    fn lines(&self) -> String {
        let mut lines = Vec::new();
        for Finding { verdict, about, text, fix } in &self.findings {
            let mark = match verdict {
                Verdict::Good => "ok  ",
                Verdict::Note => "note",
                Verdict::Bad => "BAD ",
            };
            lines.push(format!("{mark}  {about}: {text}"));
            lines.extend(fix.iter().map(|fix| format!("      hint: {fix}")));
        }
        lines.join("\n")
    }
}

impl Doctor {
    pub(crate) async fn run(&self, configuration: &Configuration, environment: &Environment) -> Outcome {
        if self.quick {
            return quick::look(configuration).await;
        }
        let now = door::clock()();
        let mut findings = Findings::default();
        machine::look_at_configuration(&mut findings, configuration, environment);
        machine::look_at_tls(&mut findings, configuration).await;
        machine::look_at_clock(&mut findings, now);
        if machine::look_at_folder(&mut findings, configuration) {
            match open_store(configuration).await {
                Ok(store) => {
                    let vault = database::look_at_store(&mut findings, configuration, &store, now).await;
                    connections::look(&mut findings, configuration, &store, vault.filter(|_| !self.offline), now).await;
                    store.close().await;
                }
                Err(failure) => {
                    findings.bad("database", failure.to_string(), "`tacho serve` will not start until this is mended");
                }
            }
        }
        providers::look(&mut findings, configuration, self.offline).await;
        database::look_at_backups(&mut findings, configuration, now);
        if self.json {
            output::line(&serde_json::to_string_pretty(&findings).unwrap_or_default())?;
        } else {
            output::line(&findings.lines())?;
        }
        match findings.bad {
            0 => Ok(()),
            1 => Err(Failure::new(Exit::Unhealthy, "one thing has to be mended")),
            many => Err(Failure::new(Exit::Unhealthy, format!("{many} things have to be mended"))),
        }
    }
}

/// Bytes as people read them.
fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a size to read")]
    let count = count as f64;
    if count >= 1e9 { format!("{:.1} GB", count / 1e9) } else { format!("{:.1} MB", count / 1e6) }
}
