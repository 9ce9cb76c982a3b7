//! GitHub's own totals that should equal ours. Its reports about an organization count people known only from its servers
//! too, and leave out days on which fewer than five members held a licence
//! (<https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics>, read 2026-11-21).

use super::streams;
use tacho_domain::Measure;
use tacho_domain::reconcile::{Ours, VendorTotal};

const OF_A_DAY: VendorTotal = VendorTotal {
    stream: streams::TOTALS_DAILY.id,
    name: "",
    label: "",
    ours: Ours::ActivePeople,
    when_less: "GitHub's totals hold people known only from its servers, whom its report of users leaves out.",
    when_more: "",
    when_absent: "GitHub tells a day's totals only where at least five members held a licence, and to organizations since \
                  2025-12-12.",
};

const OF_SEATS: VendorTotal = VendorTotal {
    stream: streams::SEATS.id,
    ours: Ours::Seats,
    when_less: "Seats without an assignee, as of teams whose members have not joined yet, are counted by GitHub and are nobody's.",
    when_more: "",
    when_absent: "",
    ..OF_A_DAY
};

const fn sum(name: &'static str, label: &'static str, measure: Measure) -> VendorTotal {
    VendorTotal { name, label, ours: Ours::Sum(measure), ..OF_A_DAY }
}

pub(super) static TOTALS: &[VendorTotal] = &[
    VendorTotal { name: "daily_active_users", label: "Active people", ..OF_A_DAY },
    sum("user_initiated_interaction_count", "Prompts", Measure::Prompts),
    sum("code_completion_generation_count", "Completions shown", Measure::Suggestions),
    sum("code_completion_acceptance_count", "Completions accepted", Measure::Acceptances),
    sum("code_generation_activity_count", "Generations", Measure::Generations),
    sum("code_acceptance_activity_count", "Generations accepted", Measure::GenerationsAccepted),
    sum("loc_added_sum", "Lines added", Measure::LinesAdded),
    sum("loc_deleted_sum", "Lines removed", Measure::LinesRemoved),
    VendorTotal { name: "total_seats", label: "Seats", ..OF_SEATS },
    VendorTotal { stream: streams::SEAT_SUMMARY.id, name: "seat_total", label: "Seats, by the summary", ..OF_SEATS },
];
