//! The streams of pull requests and deployments, and how their days behave.

use super::settings::Choice;
use crate::Settings;
use tacho_domain::{StreamRole, StreamSpec};

/// One slice is what was merged on one UTC day. The search index is minutes behind, and a label or a late review of a merged
/// pull request is still noted for a while, so that the last days are asked again.
pub(super) static PULL_REQUESTS: StreamSpec = StreamSpec {
    id: "pull_requests",
    label: "Merged pull requests: times, sizes, reviews and what names an AI agent",
    role: StreamRole::Delivery,
    docs: "https://docs.github.com/en/graphql/reference/pulls",
    lag_days: 0,
    provisional_days: 3,
    ..StreamSpec::DAILY
};

pub(super) static CHANGED_FILES: StreamSpec =
    StreamSpec { id: "changed_files", label: "Which files merged pull requests changed, as fingerprints", ..PULL_REQUESTS };

/// Deployments are asked by repository and not by day, so one slice takes as many days as are wanted. A deployment tells how
/// it ended days later where somebody has to approve it.
pub(super) static DEPLOYMENTS: StreamSpec = StreamSpec {
    id: "deployments",
    label: "Deployments to the environment that you name, or releases",
    role: StreamRole::Delivery,
    docs: "https://docs.github.com/en/graphql/reference/deployments",
    lag_days: 0,
    provisional_days: 7,
    batch_days: 366,
    ..StreamSpec::DAILY
};

/// General since 2026-07-17, without earlier days
/// (<https://docs.github.com/en/rest/copilot/copilot-usage-metrics>, read 2026-11-21).
pub(super) static REPOS_DAILY: StreamSpec = StreamSpec {
    id: "repos_daily",
    label: "GitHub's own numbers of pull requests of a day, with Copilot's part",
    role: StreamRole::Evidence,
    docs: "https://docs.github.com/en/rest/copilot/copilot-usage-metrics",
    floor: Some("2026-07-17"),
    keeps_days: Some(365),
    lag_days: 2,
    provisional_days: 5,
    ..StreamSpec::DAILY
};

pub(super) static ALL: &[StreamSpec] = &[PULL_REQUESTS, CHANGED_FILES, DEPLOYMENTS, REPOS_DAILY];

/// What these settings turn on.
pub(super) fn of(settings: &Settings) -> Vec<&'static StreamSpec> {
    let choice = Choice::of(settings);
    let wanted = |stream: &&StreamSpec| match stream.id {
        "changed_files" => choice.rework,
        "deployments" => choice.deployments.is_some(),
        "repos_daily" => choice.copilot_reports,
        _ => settings.get("organization").is_some(),
    };
    ALL.iter().filter(wanted).collect()
}
