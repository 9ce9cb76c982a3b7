//! The AI agents that are known, as data: numeric ids, logins of apps, addresses of commits, names in trailers, branches,
//! labels, markers.
//!
//! Ids are what counts, since names change. Sources, all read 2026-11-21: the list of
//! <https://github.com/chaoss/disclosure>; commits of the agents in public repositories (Jules, Copilot's trailers);
//! <https://code.claude.com/docs/en/analytics> (the label); the vendors' own pages named in `docs/delivery.md`.

/// An agent that writes code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Agent {
    /// Its id, as figures and pages have it.
    pub(super) id: &'static str,
    /// Numeric ids of its accounts at GitHub.
    pub(super) ids: &'static [i64],
    /// Logins of its apps, without `[bot]`; taken from accounts of the kind `Bot` only.
    pub(super) apps: &'static [&'static str],
    /// Addresses of its commits and trailers, in small letters.
    pub(super) emails: &'static [&'static str],
    /// What a name in a trailer begins with, in small letters, where no person is called so.
    pub(super) names: &'static [&'static str],
    /// Names that people have too: taken only where a trailer that is about tools has no address beside them.
    pub(super) first_names: &'static [&'static str],
    /// What its branches begin with.
    pub(super) branches: &'static [&'static str],
    /// Labels that it or its vendor sets.
    pub(super) labels: &'static [&'static str],
    /// What follows "Generated with" in a line of its own, in small letters.
    pub(super) markers: &'static [&'static str],
}

const NONE: Agent =
    Agent { id: "", ids: &[], apps: &[], emails: &[], names: &[], first_names: &[], branches: &[], labels: &[], markers: &[] };

pub(super) static AGENTS: &[Agent] = &[
    Agent {
        id: "copilot",
        // The cloud agent; Autofix and applied suggestions; trailers of the CLI and the editor; the older chat.
        ids: &[198_982_749, 175_728_472, 223_556_219, 167_198_135],
        apps: &["copilot-swe-agent", "copilot"],
        emails: &["copilot@github.com"],
        names: &["copilot", "github copilot"],
        branches: &["copilot/"],
        markers: &["github copilot", "copilot cli"],
        ..NONE
    },
    Agent {
        id: "claude_code",
        ids: &[209_825_114, 215_619_710, 208_546_643],
        apps: &["claude", "anthropic-claude", "claude-code-action"],
        emails: &["noreply@anthropic.com", "claude@anthropic.com"],
        names: &["claude code", "claude opus", "claude sonnet", "claude haiku", "claude-opus", "claude-sonnet", "claude-haiku"],
        first_names: &["claude"],
        branches: &["claude/"],
        labels: &["claude-code-assisted"],
        markers: &["claude code", "claude"],
    },
    Agent {
        id: "cursor",
        ids: &[206_951_365],
        apps: &["cursor"],
        emails: &["cursoragent@cursor.com", "agent@cursor.com"],
        names: &["cursor"],
        branches: &["cursor/"],
        markers: &["cursor"],
        ..NONE
    },
    Agent {
        id: "codex",
        ids: &[199_175_422, 215_057_067],
        apps: &["chatgpt-codex-connector", "openai-codex"],
        emails: &["codex@openai.com", "noreply@openai.com"],
        names: &["codex", "openai codex", "chatgpt"],
        branches: &["codex/"],
        labels: &["codex"],
        markers: &["codex", "openai codex"],
        ..NONE
    },
    Agent {
        id: "devin",
        ids: &[158_243_242],
        apps: &["devin-ai-integration"],
        emails: &["devin@cognition.ai"],
        names: &["devin ai"],
        first_names: &["devin"],
        branches: &["devin/"],
        markers: &["devin"],
        ..NONE
    },
    Agent {
        id: "gemini",
        emails: &["gemini-cli@google.com"],
        names: &["gemini cli", "gemini-cli", "google gemini", "gemini 2", "gemini 3", "gemini-2", "gemini-3"],
        first_names: &["gemini"],
        branches: &["gemini/"],
        markers: &["gemini cli", "gemini"],
        ..NONE
    },
    Agent {
        id: "jules",
        ids: &[161_369_871],
        apps: &["google-labs-jules"],
        names: &["google-labs-jules", "google jules"],
        first_names: &["jules"],
        markers: &["jules"],
        ..NONE
    },
    Agent {
        id: "amazon_q",
        ids: &[208_079_219],
        apps: &["amazon-q-developer"],
        names: &["amazon q", "amazon-q-developer"],
        markers: &["amazon q"],
        ..NONE
    },
    Agent {
        id: "aider",
        emails: &["noreply@aider.chat", "aider@aider.chat"],
        names: &["aider"],
        branches: &["aider/"],
        markers: &["aider"],
        ..NONE
    },
    Agent {
        id: "opencode",
        emails: &["noreply@opencode.ai"],
        names: &["opencode"],
        branches: &["opencode/"],
        markers: &["opencode"],
        ..NONE
    },
    Agent {
        id: "cline",
        ids: &[205_137_888],
        apps: &["cline"],
        names: &["cline"],
        branches: &["cline/"],
        markers: &["cline"],
        ..NONE
    },
    Agent {
        id: "continue",
        ids: &[230_936_708],
        apps: &["continue"],
        names: &["continue agent"],
        markers: &["continue"],
        ..NONE
    },
    Agent { id: "cody", ids: &[201_248_094], apps: &["sourcegraph-cody"], names: &["sourcegraph cody"], ..NONE },
    Agent {
        id: "jetbrains_ai",
        ids: &[220_155_983],
        apps: &["jetbrains-ai"],
        names: &["jetbrains ai", "jetbrains junie"],
        ..NONE
    },
    Agent { id: "replit", names: &["replit agent", "replit assistant"], ..NONE },
];

/// Agents that only review: they make no pull request AI-made, and their reviews are nobody's.
pub(super) static REVIEWER_IDS: &[i64] = &[136_622_811, 176_961_590];
/// Their logins, and Copilot's as a reviewer, whose id no source names.
pub(super) static REVIEWER_LOGINS: &[&str] = &["coderabbitai", "gemini-code-assist", "copilot-pull-request-reviewer"];

/// The account under which GitHub's own pages commit (merge button, web editor): nobody's.
pub(super) const WEB_FLOW: i64 = 19_864_447;

/// Trailers that an agent's tool writes under a key of its own, with the agent's id
/// (<https://github.com/chaoss/disclosure>, read 2026-11-21).
pub(super) static OWN_KEYS: &[(&str, &[&str], &str)] = &[
    ("replit-commit-author", &["agent", "assistant"], "replit"),
    ("entire-checkpoint", &[], "entire"),
    ("entire-agent", &[], "entire"),
    ("entire-session", &[], "entire"),
];

/// What a commit's first line begins with where an agent wrote it (the same list).
pub(super) static HEADLINES: &[(&str, &str)] = &[("aider: ", "aider")];

/// Addresses of sessions that an agent leaves in a line of a message.
pub(super) static SESSIONS: &[(&str, &str)] =
    &[("https://claude.ai/code/session", "claude_code"), ("https://app.devin.ai/sessions/", "devin")];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn nothing_names_two_agents() {
        let mut seen = HashSet::new();
        for agent in AGENTS {
            assert!(seen.insert(agent.id.to_owned()), "{}", agent.id);
            for id in agent.ids {
                assert!(seen.insert(id.to_string()) && !REVIEWER_IDS.contains(id), "{id}");
            }
            for text in [agent.apps, agent.emails, agent.names, agent.branches, agent.labels].concat() {
                assert_eq!(text, text.to_lowercase());
            }
            for (kind, texts) in [("app", agent.apps), ("email", agent.emails), ("branch", agent.branches)] {
                for text in texts {
                    assert!(seen.insert(format!("{kind} {text}")), "{text}");
                }
            }
            assert!(agent.branches.iter().all(|prefix| prefix.ends_with('/')), "{}", agent.id);
            assert!(!agent.apps.iter().any(|app| REVIEWER_LOGINS.contains(app)));
        }
    }
}
