//! What is connected: whether it was read lately, and whether the vendors answer now.

use super::Findings;
use crate::command::integrations::state;
use crate::config::Configuration;
use crate::door;
use crate::failure::Outcome;
use crate::wiring;
use std::sync::Arc;
use tacho_connectors::Verdict;
use tacho_domain::{Instant, OrganizationId};
use tacho_store::{Integration, IntegrationState, Store, Vault};
use tacho_sync::Engine;
use tacho_transport::Surroundings;
use tokio_util::sync::CancellationToken;

/// A daily schedule has come round, and a late vendor has had an hour.
const STALE_SECONDS: i64 = 26 * 3_600;
/// Signed requests and rate limits bear this much.
const CLOCK_SECONDS: i64 = 60;

/// Looks at every integration, and asks the vendors where there is a vault to open the credentials with.
pub(super) async fn look(
    findings: &mut Findings,
    configuration: &Configuration,
    store: &Store,
    vault: Option<Vault>,
    now: Instant,
) {
    let engine = vault.map(|vault| wiring::engine(configuration, store, Arc::new(vault), Surroundings::real(door::clock())));
    let engine = match engine.transpose() {
        Ok(engine) => engine,
        Err(failure) => {
            findings.bad("configuration", failure.to_string(), "");
            None
        }
    };
    if let Err(failure) = look_at_all(findings, store, engine.as_ref(), now).await {
        findings.bad("database", failure.to_string(), "");
    }
    if let Some(ahead) = engine.and_then(|engine| engine.clock_ahead_seconds()) {
        match ahead.abs() {
            ..=CLOCK_SECONDS => findings.good("clock", "agrees with the vendors'"),
            apart => {
                let (apart, way) = (apart, if ahead > 0 { "ahead of" } else { "behind" });
                findings.bad("clock", format!("it is {apart} s {way} the vendors'"), "set the machine's clock (NTP)");
            }
        }
    }
}

async fn look_at_all(findings: &mut Findings, store: &Store, engine: Option<&Engine>, now: Instant) -> Outcome {
    let mut count = 0;
    for organization in store.list_organizations().await? {
        for integration in store.list_integrations(organization.id).await? {
            count += 1;
            look_at_integration(findings, &integration, now);
            for part in store.list_stream_failures(organization.id, integration.id).await? {
                let text = format!("{}: {}", part.stream, part.failure.cause);
                findings.note(&integration.name, text, part.failure.fix);
            }
            if let Some(engine) = engine {
                probe(findings, engine, organization.id, &integration).await?;
            }
        }
    }
    if count == 0 {
        let fix = "`tacho connect github_copilot`, `claude_console` or `cursor`";
        findings.note("connections", "nothing is connected", fix);
    }
    Ok(())
}

fn look_at_integration(findings: &mut Findings, integration: &Integration, now: Instant) {
    let name = &integration.name;
    if let Some(failure) = &integration.failure {
        let next = integration.next_try_at.map(|at| format!(" Next try: {at}.")).unwrap_or_default();
        findings.bad(name, format!("{}{next}", failure.cause), &failure.fix);
        return;
    }
    let since = integration.last_synced_at.unwrap_or(integration.created_at);
    if since > now.plus_seconds(300) {
        let text = format!("{name} was last synced at {since}, which is in the future");
        findings.bad("clock", text, "set the machine's clock (NTP)");
    } else if integration.state == IntegrationState::Connected && since.plus_seconds(STALE_SECONDS) < now {
        findings.note(
            name,
            format!("nothing was read since {since}"),
            "is `tacho serve` running, with a worker and a schedule? `tacho sync` reads at once",
        );
    } else {
        findings.good(name, state(integration));
    }
}

/// Tries every endpoint that a sync uses.
async fn probe(findings: &mut Findings, engine: &Engine, organization: OrganizationId, integration: &Integration) -> Outcome {
    if matches!(integration.state, IntegrationState::Paused | IntegrationState::Imported) {
        return Ok(());
    }
    let Some(tried) = engine.probe_stored(organization, integration.id, &CancellationToken::new()).await? else { return Ok(()) };
    let answered = tried.iter().filter(|tried| tried.result.is_ok()).count();
    for (label, diagnosis) in tried.iter().filter_map(|tried| Some((&tried.label, tried.result.as_ref().err()?))) {
        let text = format!("{label}: {}", diagnosis.cause);
        match diagnosis.verdict {
            Verdict::Broken => findings.bad(&integration.name, text, &diagnosis.fix),
            _ if answered == 0 => findings.bad(&integration.name, text, &diagnosis.fix),
            _ => findings.note(&integration.name, text, &diagnosis.fix),
        }
    }
    if answered > 0 {
        findings.good(&integration.name, format!("{answered} of {} endpoints answer now", tried.len()));
    }
    Ok(())
}
