//! What pages, settings and planning need to know of the Claude Console.

use super::{ID, USAGE, USERS};
use crate::{Access, CredentialField, Pace, Personal, Profile, Subject};
use tacho_domain::{AcceptanceRule, Cadence, Caveat, Measure, StreamRole, StreamSpec, ToolProfile};

const REPORT_DOCS: &str = "https://platform.claude.com/docs/en/build-with-claude/claude-code-analytics-api";
const USERS_DOCS: &str = "https://platform.claude.com/docs/en/api/admin/users/list";
const KEYS_PAGE: &str = "Claude Console > Settings > Admin keys";

/// <https://platform.claude.com/docs/en/build-with-claude/claude-code-analytics-api>, read 2026-11-21; that subscriptions
/// are missing: <https://github.com/anthropics/claude-code/issues/27780>, read 2026-11-21.
static CAVEATS: &[Caveat] = &[
    Caveat {
        title: "Subscriptions",
        text: "People who sign in to Claude Code with a Team or Enterprise seat are mostly missing from the Console's report: it \
               covers what is paid through the Console.",
    },
    Caveat {
        title: "Sessions, not prompts",
        text: "The report counts sessions; how much was asked in each is not told. Headless runs can have lines without a \
               session.",
    },
    Caveat {
        title: "Accepted edits",
        text: "Edits that a permission mode accepts by itself count as accepted, so a rate near 100 % is usual and says nothing \
               of quality.",
    },
    Caveat {
        title: "Not in the report",
        text: "Use through Bedrock, Vertex AI or Foundry; languages; times of day. The editor is the terminal that Claude Code ran \
               in. Sessions and lines are not told by model, nor anything but decided edits by editing tool.",
    },
    Caveat {
        title: "Value",
        text: "Cost is an estimate at API list prices. Where people have a subscription it is the API list-price equivalent, not \
               what they pay.",
    },
];

static FEATURES: &[(&str, &str)] = &[
    ("edit_tool", "Edit"),
    ("multi_edit_tool", "Several edits of a file"),
    ("write_tool", "Write a file"),
    ("notebook_edit_tool", "Edit a notebook"),
];

pub(super) static PROFILE: Profile = Profile {
    id: ID,
    name: "Claude Code (Console API)",
    subject: Subject::Use,
    tool: ToolProfile {
        id: "claude_code",
        name: "Claude Code",
        interaction_unit: "sessions",
        interaction_formula: "Sum of `num_sessions`: the Console API counts sessions, not prompts.",
        active_formula: "A day with at least one session, or with lines added or removed, or with a commit.",
        acceptance: &[AcceptanceRule {
            id: "edits",
            label: "Edits",
            accepted: &[Measure::EditsAccepted],
            offered: &[Measure::EditsAccepted, Measure::EditsRejected],
            formula: "Accepted / (accepted + rejected) over every editing tool. Edits that a permission mode accepts by itself \
                      count as accepted.",
        }],
        colour: 1,
        caveats: CAVEATS,
        feature_names: FEATURES,
        ..ToolProfile::BLANK
    },
    credential: CredentialField {
        label: "Admin API key",
        environment: "TACHO_CLAUDE_CONSOLE_KEY",
        looks_like: "sk-ant-admin01-...",
        check: check_key,
    },
    settings: &[],
    streams: &[
        StreamSpec {
            id: USERS,
            label: "People of the organization",
            cadence: Cadence::Snapshot,
            role: StreamRole::Roster,
            docs: USERS_DOCS,
            ..StreamSpec::DAILY
        },
        // The vendor names no limit of history and restates a day for up to about three (METRICS, rule 5).
        // Today is left out: it would be partial. <REPORT_DOCS>, read 2026-11-21.
        StreamSpec {
            id: USAGE,
            label: "Usage per person and day",
            role: StreamRole::Activity,
            docs: REPORT_DOCS,
            ..StreamSpec::DAILY
        },
    ],
    base_url: "https://api.anthropic.com",
    download_hosts: &[],
    // No limit is published for this report; for its siblings the advice is short bursts for paging, otherwise slowly:
    // https://platform.claude.com/docs/en/build-with-claude/usage-cost-api, read 2026-11-21.
    pace: Pace { gap_ms: 200, per_minute: None },
    docs: REPORT_DOCS,
    how_to: "1. Sign in to the [Claude Console](https://platform.claude.com/settings/admin-keys) as a member with the role \
             *Admin*. Individual accounts have no Admin API: first make an organization under *Settings > Organization*.\n\
             2. Open *Settings > Admin keys* and choose *Create admin key*. Name it `tacho`.\n\
             3. Copy the key; it begins with `sk-ant-admin01-` and is shown once.\n\n\
             The report covers use that is paid through the Console. People who sign in to Claude Code with a Team or \
             Enterprise seat are mostly missing from it.",
    access: Access {
        personal: Personal::No("only an organization's Admin key reads its report, and it reads everybody's."),
        ..Access::KEY
    },
};

/// Tells an Admin API key from everything else that may be at hand.
fn check_key(secret: &str) -> Result<(), String> {
    let why = if secret.trim().is_empty() {
        "nothing was given"
    } else if secret.contains(char::is_whitespace) {
        "it has a blank or a line break in it, so copy it again without what stands around it"
    } else if secret.starts_with("sk-ant-admin") {
        if secret.len() > "sk-ant-admin01-".len() {
            return Ok(());
        }
        "it is cut off"
    } else if secret.starts_with("sk-ant-api") {
        "this is an ordinary API key, which may not read reports"
    } else if secret.starts_with("sk-ant-oat") || secret.starts_with("sk-ant-ort") {
        "this is a personal sign-in token of Claude Code, which may not read the organization's reports"
    } else if ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"].iter().any(|prefix| secret.starts_with(prefix)) {
        "this is a GitHub token, for the connector `github_copilot`"
    } else if secret.starts_with("key_") || secret.starts_with("crsr_") {
        "this is a Cursor key, for the connector `cursor`"
    } else {
        "it does not look like one"
    };
    Err(format!("an Admin API key (`sk-ant-admin01-...`) is needed: {why}. An admin makes one under {KEYS_PAGE}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_key_is_taken() {
        assert_eq!(check_key("sk-ant-admin01-abcDEF_123"), Ok(()));
    }

    #[test]
    fn other_secrets_are_told_apart_and_never_repeated() {
        for (secret, said) in [
            ("sk-ant-api03-zzzz", "ordinary API key"),
            ("sk-ant-oat01-zzzz", "sign-in token"),
            ("ghp_zzzz", "GitHub"),
            ("github_pat_zzzz", "GitHub"),
            ("key_zzzz", "Cursor"),
            ("crsr_zzzz", "Cursor"),
            ("zzzz", "does not look like"),
            ("sk-ant-admin01-", "cut off"),
            ("sk-ant-admin01-zz zz", "blank"),
            ("sk-ant-admin01-zzzz\n", "line break"),
            ("", "nothing"),
        ] {
            let why = check_key(secret).unwrap_err();
            assert!(why.contains(said), "{why}");
            assert!(why.contains("Settings > Admin keys"), "{why}");
            assert!(!why.contains("zzzz"), "{why}");
        }
    }
}
