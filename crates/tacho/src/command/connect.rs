//! `tacho connect`: tries a connection and, if the vendor gives what is counted, keeps it.

use crate::config::Environment;
use crate::failure::{Exit, Failure, Outcome};
use crate::wiring::Installation;
use crate::{device, door, output, secret};
use clap::Args;
use tacho_connectors::{CONNECTORS, Connector, Settings, Verdict};
use tacho_domain::audit::Action;
use tacho_store::AuthKind;
use tacho_sync::{Connect as Request, ConnectError, Probed};

/// Where a secret comes from; the variables are the connectors' own.
fn after_help() -> String {
    let variables = CONNECTORS
        .iter()
        .map(|connector| format!("  {:15} {}", connector.profile().id, connector.profile().credential.environment));
    format!(
        "The secret is asked for and not shown, or read from standard input when that is no terminal, or taken from the connector's \
         variable or the file that the variable with _FILE names. It is never an argument.\n\n{}\n\n\
         Examples:\n  tacho connect github_copilot --setting organization=octo-org\n  tacho connect claude_console < key-file\n  \
         TACHO_CURSOR_KEY_FILE=/run/secrets/cursor tacho connect cursor",
        variables.collect::<Vec<_>>().join("\n")
    )
}

/// Connect a tool: tries the connection, stores it sealed, asks for the first sync
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(crate) struct Connect {
    /// `github_copilot`, `claude_console` or `cursor`
    connector: String,
    /// A setting of the connector, such as organization=octo-org; can be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    setting: Vec<String>,
    /// What to call the connection
    #[arg(long)]
    name: Option<String>,
    /// Get the token by GitHub's device flow: a code that you confirm in any browser
    #[arg(long)]
    device: bool,
    /// Whatever else stands there: most likely a secret, which is refused without being repeated
    #[arg(hide = true, trailing_var_arg = true)]
    extra: Vec<String>,
}

impl Connect {
    pub(crate) async fn run(&self, installation: &Installation, environment: &Environment) -> Outcome {
        if !self.extra.is_empty() {
            return Err(secret::refusal("an argument too many"));
        }
        let connector = find(&self.connector)?;
        let profile = connector.profile();
        let settings = self.settings()?;
        settings.check(profile).map_err(|error| wrong_setting(connector, error.to_string()))?;
        if connector.probe(&settings, installation.today()).is_empty() {
            return Err(wrong_setting(connector, format!("{} needs to know whose data to read", profile.id)));
        }
        let (secret, auth) = if self.device {
            (device::credential(installation, profile, &settings).await?, AuthKind::OAuth)
        } else {
            (secret::credential(&profile.credential, environment)?, AuthKind::Secret)
        };
        let request = Request {
            connector_id: profile.id.to_owned(),
            name: self.name.clone(),
            settings,
            secret,
            auth,
            extra_scopes: Vec::new(),
            owner: None,
        };
        let connected = installation.engine.connect(installation.organization, request, &door::stop_wish()).await;
        let id = connected.map_err(|error| refusal(connector, error))?;
        let integration = installation.store.find_integration(installation.organization, id).await?;
        let name = integration.map_or_else(|| profile.name.to_owned(), |found| found.name);
        let detail = serde_json::json!({"connector": profile.id, "integration": id});
        installation.note(Action::IntegrationConnected, &name, detail).await?;
        output::line(&format!("{name} is connected as integration {id}."))?;
        for part in installation.store.list_stream_failures(installation.organization, id).await? {
            output::note(&format!("not available, {}: {}\n  hint: {}", part.stream, part.failure.cause, part.failure.fix));
        }
        output::note("A running `tacho serve` reads it now; otherwise `tacho sync` does.");
        Ok(())
    }

    fn settings(&self) -> Outcome<Settings> {
        let mut pairs = Vec::new();
        for setting in &self.setting {
            let pair = setting.split_once('=').filter(|(key, _)| !key.trim().is_empty());
            let (key, value) = pair.ok_or_else(|| {
                Failure::usage(format!("--setting `{setting}` is not KEY=VALUE"))
                    .hint("for example --setting organization=octo-org")
            })?;
            pairs.push((key.trim(), value.trim()));
        }
        Ok(Settings::new(pairs))
    }
}

/// The connector of that id.
fn find(id: &str) -> Outcome<&'static dyn Connector> {
    tacho_connectors::find(id).ok_or_else(|| {
        let known: Vec<&str> = CONNECTORS.iter().map(|connector| connector.profile().id).collect();
        let failure = Failure::usage(format!("there is no connector `{id}`")).hint(format!("known: {}", known.join(", ")));
        match CONNECTORS.iter().find(|connector| connector.profile().tool.id == id) {
            Some(connector) => failure.hint(format!("{id} is connected by `{}`", connector.profile().id)),
            None => failure,
        }
    })
}

fn wrong_setting(connector: &dyn Connector, why: String) -> Failure {
    let mut failure = Failure::usage(why);
    for field in connector.profile().settings {
        failure = failure.hint(format!("--setting {}=...: {}", field.key, field.help));
    }
    failure
}

/// Why nothing was connected, with what was tried and what to do.
fn refusal(connector: &dyn Connector, error: ConnectError) -> Failure {
    let profile = connector.profile();
    match error {
        ConnectError::Refused(probed) => refused(profile.name, &probed),
        ConnectError::Credential(why) => {
            Failure::usage(why).hint(format!("expected: {} ({})", profile.credential.label, profile.credential.looks_like))
        }
        ConnectError::Settings(error) => wrong_setting(connector, error.to_string()),
        ConnectError::Unknown(why) | ConnectError::NotPersonal(why) => Failure::usage(why),
        error @ ConnectError::Missing(_) => Failure::usage(error.to_string()),
        ConnectError::Store(error) => error.into(),
    }
}

fn refused(name: &str, probed: &[Probed]) -> Failure {
    for tried in probed {
        output::note(&format!("{}  {}", if tried.result.is_ok() { "ok     " } else { "refused" }, tried.label));
    }
    let diagnoses: Vec<_> = probed.iter().filter_map(|tried| tried.result.as_ref().err()).collect();
    // What is broken stands in the way of everything; else the first that was refused.
    let worst = diagnoses.iter().find(|diagnosis| diagnosis.verdict == Verdict::Broken).or(diagnoses.first());
    let Some(worst) = worst else {
        return Failure::refused(format!("{name} was not connected: nothing that could be counted is available"));
    };
    let exit = if worst.kind.is_retryable() { Exit::Unavailable } else { Exit::Refused };
    Failure::new(exit, format!("{name} was not connected: {}", worst.cause)).hint(worst.fix.clone())
}
