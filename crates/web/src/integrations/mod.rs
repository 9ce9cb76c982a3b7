//! Integrations as pages and REST show them: loaded with everything that is known, seen and changed by whom they are meant for.

pub(crate) mod availability;
pub(crate) mod strip;

use crate::app::Site;
use crate::caller::{Caller, Who};
use crate::connections::ConnectorCard;
use crate::problem::Problem;
use availability::{Activity, Availability};
use std::collections::BTreeMap;
use strip::{Reading, Strip};
use tacho_domain::{Instant, IntegrationId, Permission as P, UserId, Window};
use tacho_store::{Integration, IntegrationState, Job, JobState, Progress, ProgressState};

/// Days on a strip.
pub(crate) const STRIP_DAYS: u32 = 60;

/// A sync that says nothing for so long has died with its process, if no job stands behind it.
const SILENT_SECONDS: i64 = 120;

/// An integration with everything that is known of it.
pub(crate) struct Seen {
    pub(crate) integration: Integration,
    /// `None` where this Tacho does not know the connector any more.
    pub(crate) card: Option<ConnectorCard>,
    pub(crate) activity: Activity,
    pub(crate) availability: Availability,
    pub(crate) strip: Strip,
    pub(crate) missing_scopes: Vec<String>,
    pub(crate) next_sync: Option<Instant>,
}

/// Whose integrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The organization's.
    Organization,
    /// The caller's own.
    Own(UserId),
}

/// The caller's number, where they are somebody.
pub(crate) fn user_of(caller: &Caller) -> Option<UserId> {
    match &caller.who {
        Who::User { id, .. } => Some(*id),
        Who::Token { .. } => None,
    }
}

/// Whether the caller may know of it. A personal one is its owner's alone.
pub(crate) fn may_see(caller: &Caller, integration: &Integration) -> bool {
    may(caller, integration, P::ViewIntegrations)
}

/// Whether the caller may edit, pause, try, re-authorize and disconnect it.
pub(crate) fn may_manage(caller: &Caller, integration: &Integration) -> bool {
    may(caller, integration, P::ManageIntegrations)
}

/// Whether the caller may ask for a sync.
pub(crate) fn may_sync(caller: &Caller, integration: &Integration) -> bool {
    may(caller, integration, P::SyncIntegrations)
}

fn may(caller: &Caller, integration: &Integration, permission: P) -> bool {
    match integration.owner {
        None => caller.may(permission),
        Some(owner) => user_of(caller) == Some(owner) && caller.may(P::ConnectOwnTools),
    }
}

/// There is none of that number, or none that the caller may know of.
pub(crate) fn unknown(id: IntegrationId) -> Problem {
    Problem::not_found(format!("There is no integration `{id}`.")).with("integration_id", id.0)
}

/// The integration, if the caller may do that with it. One they may not even see is not there.
pub(crate) async fn find(
    site: &Site,
    caller: &Caller,
    id: IntegrationId,
    allowed: fn(&Caller, &Integration) -> bool,
) -> Result<Integration, Problem> {
    let found = site.store().find_integration(caller.organization, id).await?.filter(|found| may_see(caller, found));
    let found = found.ok_or_else(|| unknown(id))?;
    if allowed(caller, &found) { Ok(found) } else { Err(caller.need(P::ManageIntegrations).err().unwrap_or_else(|| unknown(id))) }
}

/// Every integration of the organization, or of the caller, that the caller may see; oldest first.
pub(crate) async fn list(site: &Site, caller: &Caller, whose: Whose) -> Result<Vec<Integration>, Problem> {
    let owner = match whose {
        Whose::Organization => None,
        Whose::Own(user) => Some(user),
    };
    let mut found = site.store().list_integrations(caller.organization).await?;
    found.retain(|integration| integration.owner == owner && may_see(caller, integration));
    Ok(found)
}

/// The integrations with everything that is known of them.
pub(crate) async fn see(site: &Site, caller: &Caller, integrations: Vec<Integration>) -> Result<Vec<Seen>, Problem> {
    if integrations.is_empty() {
        return Ok(Vec::new());
    }
    let (store, organization, now) = (site.store(), caller.organization, site.now());
    let activities = activities(site, caller).await?;
    let cards = site.connections().connectors();
    let window = Window::ending(site.yesterday(), STRIP_DAYS);
    let mut seen = Vec::new();
    for integration in integrations {
        let id = integration.id;
        let failures = store.list_stream_failures(organization, id).await?;
        let days = store.list_day_strip(organization, id, window).await?;
        let card = cards.iter().find(|card| card.id == integration.connector).cloned();
        let asked = site.connections().asked(&integration);
        let strip = Strip::of(window, &days, card.as_ref(), &Reading { asked: asked.as_deref(), failures: &failures });
        let activity = activities.get(&id).cloned().unwrap_or_default();
        let missing_scopes = site.connections().missing_scopes(&integration);
        let idle = matches!(integration.state, IntegrationState::Paused | IntegrationState::Imported);
        let next_sync = if idle {
            None
        } else {
            integration.next_try_at.or_else(|| site.connections().next_sync(organization, &integration))
        };
        let availability = availability::of(&availability::Known {
            integration: &integration,
            card: card.as_ref(),
            failures: &failures,
            activity: &activity,
            strip: &strip,
            missing_scopes: &missing_scopes,
            now,
        });
        seen.push(Seen { integration, card, activity, availability, strip, missing_scopes, next_sync });
    }
    Ok(seen)
}

/// What goes on with each integration, whichever process does it.
pub(crate) async fn activities(site: &Site, caller: &Caller) -> Result<BTreeMap<IntegrationId, Activity>, Problem> {
    let (store, organization, now) = (site.store(), caller.organization, site.now());
    let jobs = store.list_open_jobs(organization).await?;
    let mut activities = BTreeMap::new();
    for job in jobs.iter().filter(|job| job.kind == "sync") {
        if let (Some(id), Some(waits)) = (job.integration, waiting(job, now)) {
            let known: &mut Activity = activities.entry(id).or_default();
            known.queued |= waits;
            known.running |= !waits;
        }
    }
    for progress in store.list_progress(organization).await? {
        let known = activities.entry(progress.integration).or_default();
        known.running |= progress.state == ProgressState::Running && now.0 - progress.at.0 < SILENT_SECONDS * 1_000_000;
        // What the sync before came to says nothing of the one that begins.
        if progress.state == ProgressState::Running || !known.running {
            known.progress = Some(progress);
        }
    }
    Ok(activities)
}

/// Whether a job waits (true) or runs (false); `None`: it ended, or waits for another try, which the integration tells.
fn waiting(job: &Job, now: Instant) -> Option<bool> {
    match job.state {
        JobState::Queued if job.run_at <= now => Some(true),
        JobState::Running if job.lease_until.is_some_and(|until| until > now) => Some(false),
        _ => None,
    }
}

/// How far a sync is, in whole per cent.
pub(crate) fn percent(progress: &Progress) -> u32 {
    if progress.total == 0 { 0 } else { (u64::from(progress.done) * 100 / u64::from(progress.total)).try_into().unwrap_or(100) }
}
