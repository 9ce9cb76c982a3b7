//! The reports about the organization or enterprise as a whole.

use super::rows::{Part, Written, by_feature, command_line};
use super::{ENTERPRISE_ID, ORGANIZATION_ID, Scope};
use crate::activity::copilot::{Cli, Counts};
use crate::world::{CopilotTotals, ORGANIZATION_FLOOR, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tacho_domain::{Day, Window};

pub(super) fn day(world: &World, scope: Scope, day: Day, out: &mut Vec<u8>) {
    out.extend_from_slice(row(world, scope, day).to_string().as_bytes());
    out.push(b'\n');
}

/// One line that wraps the days, newest and oldest mixed as in real files.
pub(super) fn latest(world: &World, scope: Scope, window: Window, out: &mut Vec<u8>) {
    let exists = |day: &Day| world.has_report(*day) && (scope == Scope::Enterprise || *day >= ORGANIZATION_FLOOR);
    let mut days: Vec<Day> = window.days().filter(exists).collect();
    days.sort_by_key(|day| (day.0 % 3, day.0));
    let days: Vec<Value> = days.into_iter().map(|day| row(world, scope, day)).collect();
    let mut wrapper = json!({
        "report_start_day": window.from,
        "report_end_day": window.to,
        "enterprise_id": ENTERPRISE_ID,
        "created_at": format!("{}T04:11:12Z", window.to.plus(2)),
        "day_totals": days,
    });
    if scope == Scope::Organization {
        wrapper["organization_id"] = json!(ORGANIZATION_ID);
    }
    out.extend_from_slice(wrapper.to_string().as_bytes());
    out.push(b'\n');
}

/// Distinct people over the days that end on `day`.
fn distinct(world: &World, day: Day, days: u32, of: fn(&CopilotTotals) -> &Vec<usize>) -> usize {
    let mut seen = BTreeSet::new();
    for day in Window::ending(day, days).days() {
        seen.extend(of(&world.copilot_totals(day)).iter().copied());
    }
    seen.len()
}

fn row(world: &World, scope: Scope, day: Day) -> Value {
    let it = world.copilot_totals(day);
    let mut totals = Counts::default();
    for counts in it.features.values() {
        totals.add(counts);
    }
    let features: Vec<Part<'_>> = it.features.iter().map(|(feature, counts)| by_feature(feature, counts)).collect();
    let mut row = serde_json::to_value(Written::with_interactions(&totals)).unwrap_or_default();
    let more = json!({
        "day": day,
        "enterprise_id": ENTERPRISE_ID,
        "daily_active_users": it.active.len(),
        "weekly_active_users": distinct(world, day, 7, |it| &it.active),
        "monthly_active_users": distinct(world, day, 28, |it| &it.active),
        "monthly_active_chat_users": distinct(world, day, 28, |it| &it.chat),
        "monthly_active_agent_users": distinct(world, day, 28, |it| &it.agent),
        "daily_active_copilot_cloud_agent_users": it.cloud_agent.len(),
        "weekly_active_copilot_cloud_agent_users": distinct(world, day, 7, |it| &it.cloud_agent),
        "monthly_active_copilot_cloud_agent_users": distinct(world, day, 28, |it| &it.cloud_agent),
        "totals_by_ide": [],
        "totals_by_feature": features,
        "totals_by_language_feature": [],
        "totals_by_language_model": [],
        "totals_by_model_feature": [],
        "pull_requests": {
            "total_created": 0, "total_reviewed": 0, "total_merged": 0,
            "total_created_by_copilot": 0, "total_reviewed_by_copilot": 0,
            "median_minutes_to_merge": null,
        },
    });
    if let (Value::Object(row), Value::Object(more)) = (&mut row, more) {
        row.extend(more);
    }
    if scope == Scope::Organization {
        row["organization_id"] = json!(ORGANIZATION_ID);
    }
    if !it.cli.is_empty() {
        let [sessions, requests, prompts, tokens_input, tokens_output] = it.cli_sums;
        row["daily_active_cli_users"] = json!(it.cli.len());
        row["totals_by_cli"] = command_line(&Cli { sessions, prompts, requests, tokens_input, tokens_output });
    }
    row
}
