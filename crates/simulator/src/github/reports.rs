//! The envelopes of the usage reports: which days exist, and the signed links to their files.

use super::Scope;
use crate::faults::Endpoint;
use crate::reply::{Reply, refusal, stock};
use crate::secrets::Vendor;
use crate::site::{Asked, Site};
use crate::world::ORGANIZATION_FLOOR;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tacho_domain::{Day, Instant, Window};

/// How long a link is good for, in seconds; measured as `se - st` of real ones.
const LINK_SECONDS: i64 = 3_600;

pub(super) fn envelope(site: &Site, asked: &Asked, scope: Scope, endpoint: Endpoint) -> Result<Reply, Reply> {
    let world = &site.world;
    if matches!(endpoint, Endpoint::CopilotUsersLatest | Endpoint::CopilotTotalsLatest) {
        let newest = world.newest_report();
        if !world.has_report(newest) {
            return Ok(Reply::empty(204));
        }
        let window = Window::ending(newest, 28);
        let kind = if endpoint == Endpoint::CopilotUsersLatest { "users-28-day" } else { "totals-28-day" };
        let links = links(site, scope, kind, newest);
        let body = json!({"download_links": links, "report_start_day": window.from, "report_end_day": window.to});
        return Ok(Reply::json(200, &body));
    }
    let wrong = || refusal(Vendor::Github, 422, "The `day` parameter is required and must be a date (YYYY-MM-DD)");
    let day: Day = asked.query.get("day").filter(|day| day.len() == 10).and_then(|day| day.parse().ok()).ok_or_else(wrong)?;
    if world.is_beyond_reports(day) {
        return Err(stock(Vendor::Github, 404));
    }
    let is_too_early = endpoint == Endpoint::CopilotTotalsDay && scope == Scope::Organization && day < ORGANIZATION_FLOOR;
    if is_too_early || !world.has_report(day) {
        return Ok(Reply::empty(204));
    }
    let kind = match endpoint {
        Endpoint::CopilotUsersDay => "users-1-day",
        Endpoint::CopilotUserTeams => "user-teams-1-day",
        Endpoint::ReposDay => "repos-1-day",
        _ => "totals-1-day",
    };
    Ok(Reply::json(200, &json!({"download_links": links(site, scope, kind, day), "report_day": day})))
}

/// How many files a users report comes in.
pub(super) fn shards(site: &Site, kind: &str) -> usize {
    let seats = site.world.people.iter().filter(|person| person.copilot_seat).count();
    match kind {
        "users-1-day" if seats > 25 => seats.div_ceil(400).max(2),
        "users-28-day" if seats > 25 => seats.div_ceil(150).max(2),
        _ => 1,
    }
}

fn links(site: &Site, scope: Scope, kind: &str, day: Day) -> Vec<String> {
    let now = now(site);
    let (from, to) = (now.plus_seconds(-60), now.plus_seconds(LINK_SECONDS));
    let link = |part| {
        let path = format!("/reports/{}/{kind}/{day}/part-{part:05}.json", scope.path());
        let signature = signature(site, &path, &to.to_string());
        format!("{}{path}?sv=2025-05-05&st={from}&se={to}&sr=b&sp=r&sig={signature}", site.downloads_url)
    };
    (0..shards(site, kind)).map(link).collect()
}

pub(super) fn signature(site: &Site, path: &str, until: &str) -> String {
    let text = format!("{}|{path}|{until}", site.world.config.seed);
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The simulation's own clock: noon of its day and the time since it was started.
pub(super) fn now(site: &Site) -> Instant {
    let seconds = i64::try_from(site.started.elapsed().as_secs()).unwrap_or(0);
    site.world.today().start().plus_seconds(43_200 + seconds)
}
