//! `tacho integrations`: what is connected, and how it fares.

use crate::failure::Outcome;
use crate::output;
use crate::wiring::Installation;
use clap::Args;
use comfy_table::Table;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use serde::Serialize;
use std::collections::BTreeMap;
use tacho_store::{Integration, IntegrationState, StoredFailure, StreamFailure};

/// List the connected tools and how their syncs fare
#[derive(Debug, Args)]
pub(crate) struct Integrations {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// An integration as `--json` shows it.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    id: i64,
    connector: &'a str,
    tool: &'a str,
    name: &'a str,
    settings: &'a BTreeMap<String, String>,
    state: IntegrationState,
    credential: Option<String>,
    created_at: String,
    last_synced_at: Option<String>,
    next_try_at: Option<String>,
    failure: Option<&'a StoredFailure>,
    stream_failures: &'a [StreamFailure],
}

impl Integrations {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        let mut found = Vec::new();
        for integration in installation.store.list_integrations(installation.organization).await? {
            let streams = installation.store.list_stream_failures(installation.organization, integration.id).await?;
            found.push((integration, streams));
        }
        if self.json { json(&found) } else { table(&found) }
    }
}

fn json(found: &[(Integration, Vec<StreamFailure>)]) -> Outcome {
    let shown = found.iter().map(|(integration, streams)| Shown {
        id: integration.id.0,
        connector: &integration.connector,
        tool: integration.tool.as_str(),
        name: &integration.name,
        settings: &integration.settings,
        state: integration.state,
        credential: integration.credential_tail.as_deref().map(masked),
        created_at: integration.created_at.to_string(),
        last_synced_at: integration.last_synced_at.map(|at| at.to_string()),
        next_try_at: integration.next_try_at.map(|at| at.to_string()),
        failure: integration.failure.as_ref(),
        stream_failures: streams,
    });
    let text = serde_json::to_string_pretty(&shown.collect::<Vec<_>>());
    output::line(&text.unwrap_or_default())
}

fn table(found: &[(Integration, Vec<StreamFailure>)]) -> Outcome {
    if found.is_empty() {
        output::note("Nothing is connected yet. `tacho connect github_copilot`, `claude_console` or `cursor` connects a tool.");
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(["id", "connector", "name", "state", "credential", "last synced"]);
    for (integration, _) in found {
        table.add_row([
            integration.id.to_string(),
            integration.connector.clone(),
            integration.name.clone(),
            state(integration).to_owned(),
            integration.credential_tail.as_deref().map(masked).unwrap_or_default(),
            integration.last_synced_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        ]);
    }
    output::line(&table.to_string())?;
    for (integration, streams) in found {
        let whole = integration.failure.iter().map(|failure| (String::new(), failure));
        let parts = streams.iter().map(|part| (format!(", {}", part.stream), &part.failure));
        for (stream, failure) in whole.chain(parts) {
            output::line(&format!("{}{stream}: {}\n  hint: {}", integration.name, failure.cause, failure.fix))?;
        }
    }
    Ok(())
}

/// An integration's state, in words.
pub(crate) fn state(integration: &Integration) -> &'static str {
    match integration.state {
        IntegrationState::Connected if integration.last_synced_at.is_none() => "connected, not synced yet",
        IntegrationState::Connected => "connected",
        IntegrationState::Failing => "failing",
        IntegrationState::Paused => "paused",
        IntegrationState::Imported => "imported from files",
    }
}

fn masked(tail: &str) -> String {
    format!("...{tail}")
}
