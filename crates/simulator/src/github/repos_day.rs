//! The report of pull requests by repository: a line for each one where anything happened.
//! <https://docs.github.com/en/rest/copilot/copilot-usage-metrics>, read 2026-11-21.

use super::{ENTERPRISE_ID, ORGANIZATION_ID};
use crate::delivery::{RepositoryDay, repository_day};
use crate::world::World;
use serde_json::json;
use tacho_domain::Day;

pub(super) fn rows(world: &World, day: Day, out: &mut Vec<u8>) {
    for count in repository_day(world, day) {
        out.extend_from_slice(row(world, day, &count).as_bytes());
        out.push(b'\n');
    }
}

fn row(world: &World, day: Day, count: &RepositoryDay) -> String {
    let place = world.delivery.places.iter().find(|place| place.id == count.repository_id);
    let row = json!({
        "day": day,
        "enterprise_id": ENTERPRISE_ID,
        "organization_id": ORGANIZATION_ID,
        "repo_id": count.repository_id,
        "repo_owner_name": world.config.organization,
        "repo_name": place.map(|place| place.short.as_str()),
        "repo_visibility": if place.is_some_and(|place| place.public) { "PUBLIC" } else { "PRIVATE" },
        "pull_requests": {
            "total_created": count.created,
            "total_reviewed": count.reviewed,
            "total_merged": count.merged,
            "median_minutes_to_merge": null,
            "total_suggestions": 0,
            "total_applied_suggestions": 0,
            "total_created_by_copilot": count.created_by_copilot,
            "total_reviewed_by_copilot": count.reviewed_by_copilot,
            "total_merged_created_by_copilot": count.merged_created_by_copilot,
            "total_merged_reviewed_by_copilot": count.reviewed_by_copilot,
            "median_minutes_to_merge_copilot_authored": null,
            "median_minutes_to_merge_copilot_reviewed": null,
            "total_copilot_suggestions": 0,
            "total_copilot_applied_suggestions": 0,
        },
        "pull_request_review_times": [],
    });
    row.to_string()
}
