//! Where the meaning of GitHub's data changes, and what they leave out.

use tacho_domain::{Caveat, StepChange, UserTotal};

/// <https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics>, read 2026-11-21.
const FIELDS: &str = "https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics";
/// <https://github.blog/changelog/>, read 2026-11-21.
const CHANGELOG: &str = "https://github.blog/changelog/label/copilot/";
/// <https://docs.github.com/en/rest/billing/usage>, read 2026-11-21.
const BILLING: &str = "https://docs.github.com/en/rest/billing/usage";

pub(super) static STEPS: &[StepChange] = &[
    StepChange {
        day: "2026-04-02",
        text: "The older metrics API closed. It counted completions in editors only, so imports of it are not joined with \
               what comes after.",
        source: super::streams::LEGACY_METRICS.docs,
    },
    StepChange {
        day: "2026-04-09",
        text: "Use of the CLI is part of the prompts, lines and features from here on; before, it stood apart.",
        source: FIELDS,
    },
    StepChange {
        day: "2026-06-01",
        text: "GitHub bills in AI credits from here on. What each person used of them is told from 2026-06-19 on.",
        source: BILLING,
    },
    StepChange { day: "2026-07-17", text: "Use of the Copilot app is told from here on.", source: FIELDS },
    StepChange { day: "2026-09-11", text: "Sessions in the agents window of VS Code are told from here on.", source: FIELDS },
    StepChange {
        day: "2026-10-06",
        text: "GitHub disclosed that editors lost activity and lines of agents, or counted them as CLI. Each editor's update \
               mends it from then on; earlier days stay too low.",
        source: CHANGELOG,
    },
];

pub(super) static CAVEATS: &[Caveat] = &[
    Caveat {
        title: "Models and editors",
        text: "GitHub cannot attribute all use to a model or an editor: what is missing stands there as not attributed. \
               Features add up to the whole. Completions name no model, languages no prompts, and editors no \
               completions.",
    },
    Caveat {
        title: "Agents before an editor's update",
        text: "Until VS Code 1.139, Visual Studio 18.12 and the JetBrains release of late October 2026, agent sessions could be \
               lost or counted as CLI. GitHub fills nothing in, so a rise after the update is in part the mending.",
    },
    Caveat {
        title: "Not in the reports",
        text: "Copilot Chat on github.com and the mobile apps; editors whose telemetry is off or that are older than GitHub's \
               minimum versions. Tokens are told for the CLI and the Copilot app only.",
    },
    Caveat {
        title: "Lines",
        text: "Lines written can exceed lines suggested, since agents write without suggesting: there is no acceptance rate by \
               lines.",
    },
    Caveat {
        title: "Commits and pull requests",
        text: "The reports tell no person's commits; pull requests are counted for the organization as a whole.",
    },
];

/// GitHub counts people known only from its servers too, so that its numbers may exceed ours.
pub(super) static USER_TOTALS: &[UserTotal] = &[
    UserTotal { stream: super::streams::TOTALS_DAILY.id, name: "daily_active_users", label: "Active on the day" },
    UserTotal { stream: super::streams::TOTALS_DAILY.id, name: "daily_active_cli_users", label: "Active in the CLI" },
    UserTotal {
        stream: super::streams::TOTALS_DAILY.id,
        name: "daily_active_copilot_cloud_agent_users",
        label: "Active with the cloud agent",
    },
    UserTotal {
        stream: super::streams::TOTALS_DAILY.id,
        name: "daily_active_copilot_code_review_users",
        label: "Active with code review",
    },
    UserTotal { stream: super::streams::LEGACY_METRICS.id, name: "total_active_users", label: "Active, older API" },
    UserTotal { stream: super::streams::LEGACY_METRICS.id, name: "total_engaged_users", label: "Engaged, older API" },
];

pub(super) static FEATURES: &[(&str, &str)] = &[
    (super::users::COMPLETION, "Inline completions"),
    ("chat_inline", "Inline chat"),
    ("chat_panel_ask_mode", "Chat: ask"),
    ("chat_panel_edit_mode", "Chat: edit"),
    ("chat_panel_agent_mode", "Chat: agent"),
    ("chat_panel_plan_mode", "Chat: plan"),
    ("chat_panel_custom_mode", "Chat: custom mode"),
    ("chat_panel_unknown_mode", "Chat: unknown mode"),
    ("agent_edit", "Edits by agents"),
    ("copilot_cli", "Copilot CLI"),
    ("copilot_app", "Copilot app"),
    ("others", "Others"),
];

/// Lines that an agent wrote (METRICS, "agent contribution").
pub(super) static AGENT_FEATURES: &[&str] = &["agent_edit"];
