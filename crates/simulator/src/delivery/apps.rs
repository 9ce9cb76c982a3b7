//! The apps that open pull requests and review them, under the logins and numeric ids that GitHub gives them in GraphQL.
//! The agents' are those of the public list of chaoss/disclosure and of GitHub's own pages, read 2026-11-21.

/// An app.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct App {
    /// As GraphQL says it: without `[bot]`.
    pub(crate) login: &'static str,
    pub(crate) id: i64,
    /// The id in Tacho's table of agents; empty for what is none.
    pub(crate) agent: &'static str,
    /// What its branches begin with.
    pub(crate) branch: &'static str,
    /// The address of its commits.
    pub(crate) email: &'static str,
}

const fn app(login: &'static str, id: i64, agent: &'static str, branch: &'static str, email: &'static str) -> App {
    App { login, id, agent, branch, email }
}

pub(crate) static COPILOT: App =
    app("copilot-swe-agent", 198_982_749, "copilot", "copilot/", "198982749+Copilot@users.noreply.github.com");
pub(crate) static CLAUDE: App =
    app("claude", 209_825_114, "claude_code", "claude/", "209825114+claude[bot]@users.noreply.github.com");
pub(crate) static CURSOR: App = app("cursor", 206_951_365, "cursor", "cursor/", "206951365+cursor[bot]@users.noreply.github.com");
pub(crate) static CODEX: App = app(
    "chatgpt-codex-connector",
    199_175_422,
    "codex",
    "codex/",
    "199175422+chatgpt-codex-connector[bot]@users.noreply.github.com",
);
pub(crate) static DEVIN: App =
    app("devin-ai-integration", 158_243_242, "devin", "devin/", "158243242+devin-ai-integration[bot]@users.noreply.github.com");
pub(crate) static DEPENDABOT: App =
    app("dependabot", 49_699_333, "", "dependabot/cargo/", "49699333+dependabot[bot]@users.noreply.github.com");
pub(crate) static RENOVATE: App = app("renovate", 29_139_614, "", "renovate/", "29139614+renovate[bot]@users.noreply.github.com");
/// Apps that review; their reviews are nobody's.
pub(crate) static REVIEWERS: [App; 3] = [
    app("copilot-pull-request-reviewer", 175_728_472, "", "", ""),
    app("coderabbitai", 136_622_811, "", "", ""),
    app("gemini-code-assist", 176_961_590, "", "", ""),
];
