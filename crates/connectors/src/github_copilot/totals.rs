//! The aggregate reports of an organization or enterprise: GitHub's own totals of a day, kept to reconcile with. They
//! count people known only from server-side telemetry too, so that they may exceed the sum of the per-user rows.
//!
//! Fields: <https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics> (read 2026-11-21).

use super::parts::FeaturePart;
use super::users::{COMPLETION, Terminal};
use super::value::{Amount, Count, Text};
use crate::ndjson::{self, BadRecord};
use crate::{Call, Misread, Read, Reply, Sink};
use serde::Deserialize;
use std::collections::HashSet;
use tacho_domain::{Day, Fact, TotalFact, Window, money};

/// Fields that GitHub documents and no total is made of: they are not news.
const UNUSED: &[&str] = &[
    "report_start_day",
    "report_end_day",
    "created_at",
    "enterprise_id",
    "organization_id",
    "etl_id",
    "day_partition",
    "entity_id_partition",
    "loc_suggested_to_delete_sum",
    "chat_panel_ask_mode",
    "chat_panel_edit_mode",
    "chat_panel_agent_mode",
    "chat_panel_plan_mode",
    "chat_panel_custom_mode",
    "chat_panel_unknown_mode",
    "totals_by_ide",
    "totals_by_language_feature",
    "totals_by_language_model",
    "totals_by_model_feature",
    "totals_by_3rd_party_agent",
    "totals_by_vscode_agent",
    "totals_by_ai_adoption_phase",
    "copilot_suggestions_by_comment_type",
    "copilot_feature_engagement",
    "avg_tokens_per_request",
    "totals_by_skill",
    "totals_by_custom_agent",
    "totals_by_mcp",
    "totals_by_slash_cmd",
    "totals_by_plugin",
    "distinct_skill_use_count",
    "distinct_custom_agent_use_count",
    "distinct_mcp_use_count",
    "distinct_slash_cmd_use_count",
    "distinct_plugin_use_count",
];

macro_rules! pulls {
    ($($count:ident),+ ; $($median:ident),+ $(,)?) => {
        /// What GitHub counts of pull requests. "By copilot" means its cloud agent only.
        #[derive(Debug, Clone, Copy, Default, Deserialize)]
        #[serde(default)]
        struct Pulls { $($count: Count,)+ $($median: Amount,)+ }

        impl Pulls {
            fn counts(&self) -> impl Iterator<Item = (&'static str, Option<i64>)> {
                [$((stringify!($count), self.$count.0)),+].into_iter()
            }

            fn medians(&self) -> impl Iterator<Item = (&'static str, Option<f64>)> {
                [$((stringify!($median), self.$median.0)),+].into_iter()
            }
        }
    };
}

pulls! {
    total_created, total_reviewed, total_merged, total_suggestions, total_applied_suggestions, total_created_by_copilot,
    total_reviewed_by_copilot, total_merged_created_by_copilot, total_merged_reviewed_by_copilot,
    total_copilot_suggestions, total_copilot_applied_suggestions;
    median_minutes_to_merge, median_minutes_to_merge_copilot_authored, median_minutes_to_merge_copilot_reviewed,
}

macro_rules! record {
    ($($field:ident),+ $(,)?) => {
        /// One day of the whole organization or enterprise, or a wrapper around several.
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        struct Record<'a> {
            #[serde(borrow)]
            day: Text<'a>,
            $($field: Count,)+
            totals_by_feature: Option<Vec<FeaturePart<'a>>>,
            totals_by_cli: Option<Terminal>,
            totals_by_copilot_app: Option<Terminal>,
            pull_requests: Option<Pulls>,
            /// Not sorted by day (read 2026-11-21).
            day_totals: Option<Vec<Record<'a>>>,
        }

        impl Record<'_> {
            fn counts(&self) -> impl Iterator<Item = (&'static str, Option<i64>)> {
                [$((stringify!($field), self.$field.0)),+].into_iter()
            }
        }
    };
}

record! {
    daily_active_users, weekly_active_users, monthly_active_users, monthly_active_chat_users, monthly_active_agent_users,
    daily_active_copilot_cloud_agent_users, weekly_active_copilot_cloud_agent_users, monthly_active_copilot_cloud_agent_users,
    daily_active_copilot_code_review_users, weekly_active_copilot_code_review_users, monthly_active_copilot_code_review_users,
    daily_passive_copilot_code_review_users, weekly_passive_copilot_code_review_users, monthly_passive_copilot_code_review_users,
    daily_active_cli_users, daily_active_copilot_app_users, daily_active_vscode_agent_users,
    user_initiated_interaction_count, code_generation_activity_count, code_acceptance_activity_count,
    loc_suggested_to_add_sum, loc_added_sum, loc_deleted_sum,
}

impl Record<'_> {
    fn emit(&self, day: Day, sink: &mut dyn Sink) {
        let mut total = |name: String, value: Option<i64>| {
            if let Some(value) = value {
                sink.fact(Fact::Total(TotalFact { day, name, value }));
            }
        };
        for (name, value) in self.counts() {
            total(name.to_owned(), value);
        }
        let completions = self.totals_by_feature.iter().flatten().filter(|part| part.feature.as_str() == COMPLETION);
        for part in completions.take(1) {
            total("code_completion_generation_count".to_owned(), part.code_generation_activity_count.0);
            total("code_completion_acceptance_count".to_owned(), part.code_acceptance_activity_count.0);
        }
        for (surface, terminal) in [("cli", self.totals_by_cli), ("copilot_app", self.totals_by_copilot_app)] {
            let Some(terminal) = terminal else { continue };
            let tokens = terminal.token_usage.unwrap_or_default();
            total(format!("{surface}_session_count"), terminal.session_count.0);
            total(format!("{surface}_request_count"), terminal.request_count.0);
            total(format!("{surface}_prompt_count"), terminal.prompt_count.0);
            total(format!("{surface}_prompt_tokens_sum"), tokens.prompt_tokens_sum.0);
            total(format!("{surface}_output_tokens_sum"), tokens.output_tokens_sum.0);
        }
        let Some(pulls) = self.pull_requests else { return };
        for (name, value) in pulls.counts() {
            total(format!("pull_requests_{name}"), value);
        }
        for (name, minutes) in pulls.medians() {
            let micros = minutes.and_then(|minutes| money::micros(minutes, 1_000_000.0));
            total(format!("pull_requests_{name}_micros"), micros);
        }
    }
}

/// Reads a report's file. `within`: days outside are left alone.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink, within: Option<Window>) -> Result<Read, Misread> {
    let mut seen: HashSet<Day> = HashSet::new();
    let mut watch = super::drift::Watch::new(UNUSED);
    ndjson::records(super::ID, call, reply, sink, &mut |bytes, number, sink| {
        let record: Record<'_> = watch.read(bytes, sink)?;
        let single = std::slice::from_ref(&record);
        let days: Vec<(Day, &Record<'_>)> =
            record.day_totals.as_deref().unwrap_or(single).iter().map(dated).collect::<Result<_, _>>()?;
        for (day, record) in days {
            if within.is_some_and(|window| !window.contains(day)) {
                continue;
            }
            if seen.insert(day) {
                record.emit(day, sink);
            } else {
                sink.skipped_line(number, "a second total of the same day");
            }
        }
        Ok(())
    })?;
    Ok(Read::done())
}

fn dated<'r, 'a>(record: &'r Record<'a>) -> Result<(Day, &'r Record<'a>), BadRecord> {
    let day = record.day.as_str().parse().map_err(|_| BadRecord::Unfit("a total without a day"))?;
    Ok((day, record))
}
