//! Telling what a file is from its beginning, for imports. Files are exports of other programs as often as of GitHub:
//! arrays and pretty-printed objects are as welcome as newline-delimited ones, and the beginning may end anywhere; so the
//! names of fields are looked for rather than parsed.

use super::{PAGE, REPORT, streams};
use crate::Call;
use tacho_domain::{Day, Instant, Window};

/// What activity fields a user's row has at least one of, whatever its age.
const ROW_MARKS: &[&str] = &[
    "user_initiated_interaction_count",
    "code_generation_activity_count",
    "loc_added_sum",
    "totals_by_feature",
    "totals_by_ide",
    "ai_credits_used",
    "used_agent",
    "used_chat",
    "used_cli",
];

/// The call that the file would be the reply to.
pub(super) fn recognise(head: &[u8]) -> Option<Call> {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let has = |field: &str| has_key(text, field);
    let names_user = has("user_id") || has("user_login");
    let (stream, step) = if has("usageItems") && has("timePeriod") && has("grossQuantity") && is_of_credits(text) {
        (streams::CREDITS_DAILY.id, PAGE)
    } else if has("seat_breakdown") && has("seat_management_setting") {
        (streams::SEAT_SUMMARY.id, PAGE)
    } else if has("seats") && (has("assignee") || has("total_seats")) {
        (streams::SEATS.id, PAGE)
    } else if has("date") && has("total_engaged_users") || has("copilot_ide_code_completions") {
        (streams::LEGACY_METRICS.id, PAGE)
    } else if names_user && has("day") && has("team_id") {
        (streams::USER_TEAMS.id, REPORT)
    } else if names_user && has("day") && ROW_MARKS.iter().any(|mark| has(mark)) {
        // A 28-day file has the same rows as 28 files of a day each, and is read as such.
        (streams::USERS_DAILY.id, REPORT)
    } else if has("day") && (has("daily_active_users") || has("monthly_active_users")) || has("day_totals") {
        (streams::TOTALS_DAILY.id, REPORT)
    } else {
        return None;
    };
    let of_snapshot = stream == streams::SEATS.id || stream == streams::SEAT_SUMMARY.id;
    let day = if of_snapshot { newest_instant(text) } else { first_day(text) };
    Some(Call::replay(stream, step, Window::day(day)))
}

/// Whether the name stands there as a key: in quotes, with a colon after it.
fn has_key(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        text[..at].ends_with('"')
            && text[at + name.len()..].strip_prefix('"').is_some_and(|rest| rest.trim_start().starts_with(':'))
    })
}

/// Usage of premium requests has the same shape and another unit; it is not taken for credits.
fn is_of_credits(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["ai_credit", "ai credit", "ai-credit", "ai-unit"].iter().any(|mark| text.contains(mark))
}

/// Some day of the file; its rows name their own.
fn first_day(text: &str) -> Day {
    let mut quoted = text.split('"').filter(|part| part.len() == 10 && part.is_ascii());
    quoted.find_map(|part| part.parse().ok()).unwrap_or(Day(0))
}

/// A list of seats tells no day of its own; it was taken on the day of the newest activity in it, or after.
fn newest_instant(text: &str) -> Day {
    let quoted = text.split('"').filter(|part| (20..=35).contains(&part.len()));
    quoted.filter_map(Instant::parse).max().map_or(Day(0), Instant::day)
}
