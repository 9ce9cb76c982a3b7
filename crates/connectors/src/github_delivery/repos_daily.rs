//! GitHub's own numbers of a day, which its report gives by repository: evidence beside what was counted. "By
//! copilot" means its cloud agent and its reviews only.
//!
//! Fields: <https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics> (read 2026-11-21).

use super::ID;
use crate::github_copilot::drift::Watch;
use crate::github_copilot::value::{Count, Text};
use crate::ndjson::{self, BadRecord};
use crate::{Call, Misread, Read, Reply, Sink};
use serde::Deserialize;
use tacho_domain::{Day, Fact, TotalFact};

/// Fields that GitHub documents and no total is made of.
const UNUSED: &[&str] = &[
    "enterprise_id",
    "organization_id",
    "repo_id",
    "repo_owner_name",
    "repo_name",
    "repo_visibility",
    "pull_request_review_times",
    "etl_id",
    "total_suggestions",
    "total_applied_suggestions",
    "total_copilot_suggestions",
    "total_copilot_applied_suggestions",
    "median_minutes_to_merge",
    "median_minutes_to_merge_copilot_authored",
    "median_minutes_to_merge_copilot_reviewed",
];

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow, default)]
    day: Text<'a>,
    #[serde(default)]
    pull_requests: Pulls,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the report's own names")]
struct Pulls {
    total_created: Count,
    total_reviewed: Count,
    total_merged: Count,
    total_created_by_copilot: Count,
    total_reviewed_by_copilot: Count,
    total_merged_created_by_copilot: Count,
    total_merged_reviewed_by_copilot: Count,
}

impl Pulls {
    fn counts(&self) -> [(&'static str, Option<i64>); 7] {
        [
            ("pull_requests_created", self.total_created.0),
            ("pull_requests_reviewed", self.total_reviewed.0),
            ("pull_requests_merged", self.total_merged.0),
            ("pull_requests_created_by_copilot", self.total_created_by_copilot.0),
            ("pull_requests_reviewed_by_copilot", self.total_reviewed_by_copilot.0),
            ("pull_requests_merged_created_by_copilot", self.total_merged_created_by_copilot.0),
            ("pull_requests_merged_reviewed_by_copilot", self.total_merged_reviewed_by_copilot.0),
        ]
    }
}

/// Reads a report's file: a total of each name for every repository, which the store adds up, of however many files they are.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let mut watch = Watch::new(UNUSED);
    ndjson::records(ID, call, reply, sink, &mut |record, _, sink| {
        let row: Row<'_> = watch.read(record, sink)?;
        let day: Day = row.day.as_str().parse().map_err(|_| BadRecord::Unfit("a record without a day"))?;
        for (name, count) in row.pull_requests.counts() {
            if let Some(count) = count {
                sink.fact(Fact::Total(TotalFact { day, name: name.to_owned(), value: count.max(0) }));
            }
        }
        Ok(())
    })?;
    Ok(Read::done())
}
