//! `tacho reread`: rebuilds facts from the kept replies; no vendor is asked.

use crate::bars::Bars;
use crate::command::sync::{no_integration, refusal, tell};
use crate::door;
use crate::failure::Outcome;
use crate::wiring::Installation;
use clap::Args;
use tacho_domain::IntegrationId;

/// Rebuild every figure from the kept replies, without asking a vendor: after an update that reads better
#[derive(Debug, Args)]
pub(crate) struct Reread {
    /// Only this integration, by its id
    #[arg(long, value_name = "ID")]
    integration: Option<i64>,
}

impl Reread {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        let (store, organization) = (&installation.store, installation.organization);
        let only = self.integration.map(IntegrationId);
        if let Some(id) = only
            && store.find_integration(organization, id).await?.is_none()
        {
            return Err(no_integration(id.0));
        }
        let names = store.list_integrations(organization).await?.into_iter().map(|known| (known.id, known.name)).collect();
        let bars = Bars::follow(&installation.engine, names);
        let result = installation.engine.reread(organization, only, &door::stop_wish()).await;
        bars.finish().await;
        match result {
            Ok(summary) => tell("reread", &summary),
            Err(error) => Err(refusal("reread", &error)),
        }
    }
}
