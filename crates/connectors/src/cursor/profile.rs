//! What pages, settings and planning need to know of Cursor.

use super::{COMMITS, DAILY, EVENTS, ID, MEMBERS, SPEND};
use crate::profile::check_switch;
use crate::{Access, CredentialField, Pace, Personal, Profile, SettingField, Subject};
use tacho_domain::{AcceptanceRule, Cadence, Caveat, Measure, StreamRole, StreamSpec, ToolProfile};

const COMMITS_DOCS: &str = "https://cursor.com/docs/account/teams/ai-code-tracking-api";
const DOCS: &str = "https://cursor.com/docs/account/teams/admin-api";

/// Days as Cursor has them. It refreshes them every hour and may settle a price a day late, so three days are read again;
/// today is left out, since it would be partial: <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
const DAYS: StreamSpec = StreamSpec { docs: DOCS, ..StreamSpec::DAILY };

/// <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
static CAVEATS: &[Caveat] = &[
    Caveat {
        title: "Lines of agents",
        text: "Lines are those of accepted suggestions. What agents write is often not among them, so the lines of somebody who \
               works with agents are too few.",
    },
    Caveat {
        title: "Edits applied without review",
        text: "Diffs that are applied by themselves may be counted neither as offered nor as accepted.",
    },
    Caveat {
        title: "Models, tokens and value",
        text: "They come from single requests, not from the daily usage: requests that a person did not start are among them. \
               Value is at Cursor's prices, what a plan includes among it, and may be settled a day late.",
    },
    Caveat { title: "Bugbot", text: "It reviews pull requests by itself and is no part of anybody's interactions." },
    Caveat {
        title: "Commits",
        text: "Read where the setting `commit_records` is on, as evidence for pull requests only. Cursor traces lines in the \
               repository at the workspace's root, and loses them in squashes and in a repository's first commits: a commit \
               without traced lines is not one that was typed by hand.",
    },
    Caveat { title: "Not told", text: "Languages, editors and pull requests: Cursor's Admin API has none of them per person." },
];

static FEATURES: &[(&str, &str)] = &[
    ("chat", "Chat"),
    ("composer", "Composer"),
    ("agent", "Agent"),
    ("cmdk", "Cmd-K"),
    ("tab", "Accepted tabs"),
    ("bugbot", "Bugbot (beside the total)"),
];

pub(super) static PROFILE: Profile = Profile {
    id: ID,
    name: "Cursor",
    subject: Subject::Use,
    tool: ToolProfile {
        id: "cursor",
        name: "Cursor",
        interaction_unit: "requests and accepted tabs",
        interaction_formula: "Chat + composer + agent + Cmd-K requests + accepted tabs.",
        active_formula: "A day that Cursor itself calls active (`isActive`).",
        acceptance: &[
            AcceptanceRule {
                id: "tabs",
                label: "Tab completions",
                accepted: &[Measure::Acceptances],
                offered: &[Measure::Suggestions],
                formula: "Tabs accepted / tabs shown.",
            },
            AcceptanceRule {
                id: "edits",
                label: "Edits",
                accepted: &[Measure::EditsAccepted],
                offered: &[Measure::EditsProposed],
                formula: "Diffs accepted / diffs applied for review. Diffs that were dismissed count as offered; diffs that are \
                          applied without review may not be counted by Cursor.",
            },
        ],
        colour: 2,
        caveats: CAVEATS,
        features_apart: &["bugbot"],
        vendor_totals: super::spend::TOTALS,
        feature_names: FEATURES,
        ..ToolProfile::BLANK
    },
    credential: CredentialField {
        label: "Admin API key",
        environment: "TACHO_CURSOR_KEY",
        looks_like: "key_... or crsr_...",
        check: check_key,
    },
    settings: &[SettingField {
        key: COMMITS,
        label: "Commit records",
        help: "on also reads which commits have lines of Cursor's, as evidence for pull requests. It takes the Enterprise plan.",
        default: "",
        check: check_switch,
    }],
    streams: &[
        StreamSpec { id: MEMBERS, label: "Members and seats", cadence: Cadence::Snapshot, role: StreamRole::Roster, ..DAYS },
        // 30 days per question at most (older teams were told 90): <DOCS>, read 2026-11-21.
        StreamSpec { id: DAILY, label: "Usage per member and day", role: StreamRole::Activity, batch_days: 30, ..DAYS },
        StreamSpec { id: EVENTS, label: "Requests, tokens and cost", ..DAYS },
        // Closed cycles cannot be asked for again, so each day's state is kept: <DOCS>, read 2026-11-21.
        StreamSpec {
            id: SPEND,
            label: "Spend of the billing cycle",
            cadence: Cadence::Snapshot,
            role: StreamRole::Evidence,
            ..DAYS
        },
        // A commit may be recorded on another branch, or with traced lines, days later.
        StreamSpec {
            id: COMMITS,
            label: "Records of commits made with Cursor",
            role: StreamRole::Delivery,
            docs: COMMITS_DOCS,
            provisional_days: 7,
            ..DAYS
        },
    ],
    base_url: "https://api.cursor.com",
    download_hosts: &[],
    // 20 calls a minute and team for most of the Admin API; events would allow 60: <DOCS>, read 2026-11-21.
    pace: Pace { gap_ms: 0, per_minute: Some(20) },
    docs: DOCS,
    how_to: "1. Sign in to the [Cursor dashboard](https://cursor.com/dashboard) as an admin of the team.\n\
             2. Open *Settings > API keys* (older teams: *Admin API keys*) and choose *Create new API key*. Name it `tacho`. \
             Where scopes are offered, `read:*` or the read-only admin scope is enough.\n\
             3. Copy the key; it begins with `key_` or `crsr_` and is shown once. It belongs to the team, not to you.",
    access: Access {
        personal: Personal::No("its Admin key belongs to a team and reads every member; a member's own key reads no report."),
        ..Access::KEY
    },
};

/// Tells a Cursor key from everything else that may be at hand.
fn check_key(secret: &str) -> Result<(), String> {
    let why = if secret.trim().is_empty() {
        "nothing was given"
    } else if secret.contains(char::is_whitespace) {
        "it has a blank or a line break in it, so copy it again without what stands around it"
    } else if let Some(rest) = secret.strip_prefix("key_").or_else(|| secret.strip_prefix("crsr_")) {
        if !rest.is_empty() {
            return Ok(());
        }
        "it is cut off"
    } else if secret.starts_with("sk-ant-") {
        "this is an Anthropic key, for the connector `claude_console`"
    } else if ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"].iter().any(|prefix| secret.starts_with(prefix)) {
        "this is a GitHub token, for the connector `github_copilot`"
    } else if secret.starts_with("user_") || secret.starts_with("ey") {
        "this looks like the session of a browser or editor, which Tacho does not use"
    } else if secret.starts_with("sk-") {
        "this is a key of a model vendor"
    } else {
        "it does not look like one"
    };
    Err(format!(
        "a Cursor Admin API key (`key_...` or `crsr_...`) is needed: {why}. A team admin makes one in the Cursor dashboard \
         under Settings > API keys."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_key_are_taken() {
        assert_eq!(check_key("key_0123"), Ok(()));
        assert_eq!(check_key("crsr_0123"), Ok(()));
    }

    #[test]
    fn other_secrets_are_told_apart_and_never_repeated() {
        for (secret, said) in [
            ("sk-ant-admin01-zzzz", "claude_console"),
            ("ghp_zzzz", "github_copilot"),
            ("github_pat_zzzz", "github_copilot"),
            ("user_zzzz::eyzzzz", "session"),
            ("sk-zzzz", "model vendor"),
            ("zzzz", "does not look like"),
            ("key_", "cut off"),
            ("key_zz zz", "blank"),
            ("key_zzzz\n", "line break"),
            ("", "nothing"),
        ] {
            let why = check_key(secret).unwrap_err();
            assert!(why.contains(said), "{why}");
            assert!(!why.contains("zzzz"), "{why}");
        }
    }
}
