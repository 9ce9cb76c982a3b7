//! The connected tools and how they fare; the same words as in `tacho doctor` and the API.

use super::members::{Badge, badge};
use crate::app::Site;
use crate::problem::Problem;
use tacho_domain::OrganizationId;
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

/// The organization's; what a member connected for themselves is nobody else's to see, and stands on a page of its own.
pub(super) async fn list(site: &Site, organization: OrganizationId) -> Result<Vec<Source>, Problem> {
    let mut sources = Vec::new();
    let known = site.store().list_integrations(organization).await?;
    for integration in known.into_iter().filter(|integration| integration.owner.is_none()) {
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
            tool: badge(&integration.tool, site.tools()),
            state,
            class,
            last_synced: integration.last_synced_at.map_or_else(|| "not yet".to_owned(), instant),
            credential: integration.credential_tail.as_ref().map(|tail| format!("…{tail}")).unwrap_or_default(),
        }
    };
    sources.iter().map(row).collect()
}
