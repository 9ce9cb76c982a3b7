//! The connected tools and how they fare; the same words as in `tacho doctor` and the API.

use crate::app::Site;
use crate::caller::Caller;
use crate::pages::badge::{Badge, badge};
use crate::problem::Problem;
use tacho_domain::report::ReportName;
use tacho_render::words::instant;
use tacho_store::{Integration, IntegrationState, StreamFailure};

/// An integration with the failures of its streams.
pub(super) type Source = (Integration, Vec<StreamFailure>);

/// A row of the table of sources.
pub(super) struct SourceRow {
    pub(super) name: String,
    pub(super) tool: Badge,
    pub(super) state: &'static str,
    pub(super) class: &'static str,
    pub(super) last_synced: String,
    pub(super) credential: String,
}

/// Those behind a report: the organization's. What a member connected for themselves is nobody else's to see, and stands on
/// a page of its own.
pub(super) async fn of(site: &Site, caller: &Caller, name: &ReportName) -> Result<Vec<Source>, Problem> {
    let organization = caller.organization;
    let behind = |integration: &Integration| match name {
        ReportName::Tool(tool) => integration.tool == *tool,
        ReportName::Reconciliation(id) => integration.id == *id,
        _ => true,
    };
    let mut sources = Vec::new();
    let known = site.store().list_integrations(organization).await?;
    for integration in known.into_iter().filter(|integration| integration.owner.is_none() && behind(integration)) {
        let failures = site.store().list_stream_failures(organization, integration.id).await?;
        sources.push((integration, failures));
    }
    Ok(sources)
}

pub(super) fn rows(sources: &[Source], site: &Site) -> Vec<SourceRow> {
    let row = |(integration, failures): &Source| {
        let (state, class) = match integration.state {
            IntegrationState::Connected if !failures.is_empty() => ("connected, in part", "warn"),
            IntegrationState::Connected if integration.last_synced_at.is_none() => ("first sync under way", "wait"),
            IntegrationState::Connected => ("connected", "good"),
            IntegrationState::Failing => ("failing", "bad"),
            IntegrationState::Paused => ("paused", "wait"),
            IntegrationState::Imported => ("imported from files", "wait"),
        };
        SourceRow {
            name: integration.name.clone(),
            tool: badge(&integration.tool, site),
            state,
            class,
            last_synced: integration.last_synced_at.map_or_else(|| "not yet".to_owned(), instant),
            credential: integration.credential_tail.as_ref().map(|tail| format!("…{tail}")).unwrap_or_default(),
        }
    };
    sources.iter().map(row).collect()
}
