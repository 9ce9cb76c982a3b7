//! How GitHub Copilot is connected and what its figures mean.

use super::{access, meaning, streams, vendor_totals};
use crate::{CredentialField, Pace, Profile, SettingField, Subject};
use tacho_domain::{AcceptanceRule, Dimension, Measure, ToolProfile};

/// The report's host moved on 2026-05-20; data-residency tenants have their own, and older tenants still see the storage's
/// names (changelog, read 2026-11-21).
pub(crate) const REPORT_HOSTS: &[&str] =
    &["copilot-reports.github.com", "copilot-reports.*.ghe.com", "copilot-reports-*.b01.azurefd.net", "*.blob.core.windows.net"];

pub(super) static PROFILE: Profile = Profile {
    id: super::ID,
    name: "GitHub Copilot",
    subject: Subject::Use,
    tool: ToolProfile {
        id: "github_copilot",
        name: "GitHub Copilot",
        interaction_unit: "prompts and accepted completions",
        interaction_formula: "user_initiated_interaction_count + code_acceptance_activity_count of the feature code_completion",
        active_formula: "a prompt or an accepted completion on that day; the CLI, the Copilot app and a requested code review \
                         count too. A row that carries only credits is no activity.",
        acceptance: &[AcceptanceRule {
            id: "completions",
            label: "Inline completions",
            accepted: &[Measure::Acceptances],
            offered: &[Measure::Suggestions],
            formula: "sum of code_acceptance_activity_count / sum of code_generation_activity_count, both of the feature \
                      code_completion (legacy imports: acceptances / suggestions)",
        }],
        colour: 0,
        steps: meaning::STEPS,
        caveats: meaning::CAVEATS,
        user_totals: meaning::USER_TOTALS,
        vendor_totals: vendor_totals::TOTALS,
        agent_features: meaning::AGENT_FEATURES,
        // GitHub tells no completions by editor: only prompts would be left of an editor's interactions.
        partly_told: &[(Dimension::Editor, Measure::Interactions)],
        feature_names: meaning::FEATURES,
        ..ToolProfile::BLANK
    },
    credential: CredentialField {
        label: "GitHub token",
        environment: "TACHO_GITHUB_TOKEN",
        looks_like: "ghp_... or github_pat_...",
        check: check_token,
    },
    settings: &[
        SettingField {
            key: "organization",
            label: "Organization",
            help: "The organization's name as in github.com/NAME. Give either this or the enterprise.",
            default: "",
            check: check_name,
        },
        SettingField {
            key: "enterprise",
            label: "Enterprise",
            help: "The enterprise's slug as in github.com/enterprises/SLUG. Give either this or the organization.",
            default: "",
            check: check_name,
        },
        SettingField {
            key: "host",
            label: "Host on GHE.com",
            help: "The tenant's host, such as acme.ghe.com, where GitHub keeps your data in a region; empty for github.com.",
            default: "",
            check: access::check_host,
        },
    ],
    streams: streams::ALL,
    base_url: "https://api.github.com",
    download_hosts: REPORT_HOSTS,
    // One call at a time is what GitHub asks for. Over a real network that alone stays below its 900 calls a minute, and
    // half of the calls go to the reports' host; the 5,000 an hour are told by `x-ratelimit-*` and waited for
    // (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api, read 2026-11-21).
    pace: Pace { gap_ms: 0, per_minute: None },
    docs: "https://docs.github.com/en/rest/copilot/copilot-usage-metrics",
    how_to: "1. Sign in to GitHub as an owner of the organization (or of the enterprise).\n\
             2. Turn the reports on: *AI controls → Copilot → Copilot usage metrics → Enabled everywhere* in the enterprise; \
             without one, *Settings → Copilot → Policies* in the organization.\n\
             3. Open *Settings → Developer settings → Personal access tokens → Tokens (classic) → Generate new token*.\n\
             4. Choose the scope `read:org` for an organization. For an enterprise choose `read:enterprise` and \
             `manage_billing:copilot`; add `manage_billing:enterprise` to see AI credits.\n\
             5. Where the organization uses SAML single sign-on, press *Configure SSO* beside the token and authorize it.\n\
             6. A fine-grained token serves an organization too: *Organization Copilot metrics*, *GitHub Copilot Business* and \
             *Administration*, all read.",
    access: access::ACCESS,
};

const TOKEN_PREFIXES: &[&str] = &["ghp_", "github_pat_", "gho_", "ghu_", "ghs_"];

/// Keys of other tools that people have at hand, told by their beginning.
const FOREIGN_KEYS: &[(&str, &str)] = &[
    ("sk-ant-", "this is an Anthropic key: connect Claude Code with it"),
    ("key_", "this is a Cursor key: connect Cursor with it"),
    ("crsr_", "this is a Cursor key: connect Cursor with it"),
    ("ghr_", "this is a refresh token: give the access token that came with it (ghu_...)"),
    ("glpat-", "this is a GitLab token: Copilot's figures are GitHub's"),
    ("sk-", "this is an OpenAI key: Copilot's figures are GitHub's"),
];

pub(crate) fn check_token(token: &str) -> Result<(), String> {
    const WANTED: &str = "a GitHub token begins with ghp_, github_pat_, gho_, ghu_ or ghs_";
    if token.trim_start().starts_with('{') {
        return access::check_app(token);
    }
    if token.trim().is_empty() {
        return Err(format!("the token is empty: {WANTED}"));
    }
    if token.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("the token has a blank or a line break in it: copy it again, without what stands around it".to_owned());
    }
    if let Some((_, why)) = FOREIGN_KEYS.iter().find(|(prefix, _)| token.starts_with(prefix)) {
        return Err(format!("{why}; {WANTED}"));
    }
    let Some(prefix) = TOKEN_PREFIXES.iter().find(|prefix| token.starts_with(**prefix)) else {
        return Err(format!("this is no GitHub token: {WANTED}"));
    };
    // Lengths differ by kind and have changed, so only what no header could carry is refused.
    if token.len() == prefix.len() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("the token is cut or damaged: copy it again; {WANTED}"));
    }
    Ok(())
}

pub(crate) fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Ok(());
    }
    if let Some(last) = name.contains('/').then(|| name.trim_end_matches('/').rsplit('/').next()).flatten() {
        return Err(format!("`{name}` is an address; only the name is wanted, such as `{last}`"));
    }
    let fits = name.len() <= 100 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if fits { Ok(()) } else { Err(format!("`{name}` is no GitHub name: letters, digits, `-` and `_`")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_github_token_is_taken() {
        for prefix in TOKEN_PREFIXES {
            assert_eq!(check_token(&format!("{prefix}abc123")), Ok(()));
        }
    }

    #[test]
    fn a_wrong_key_is_explained_and_never_repeated() {
        for (key, word) in [
            ("", "empty"),
            ("ghp_abc def", "blank"),
            ("ghp_abc\n", "line break"),
            ("sk-ant-api03-x9y8", "Anthropic"),
            ("key_x9y8", "Cursor"),
            ("crsr_x9y8", "Cursor"),
            ("ghr_x9y8", "refresh"),
            ("hunter2x9y8", "no GitHub token"),
            ("ghp_", "cut"),
            ("ghp_é", "cut"),
        ] {
            let message = check_token(key).unwrap_err();
            assert!(message.contains(word), "{key}: {message}");
            assert!(!message.contains("x9y8"), "{message}");
        }
    }

    #[test]
    fn an_address_given_for_a_name_is_answered_with_the_name() {
        assert_eq!(check_name("acme-org"), Ok(()));
        assert!(check_name("https://github.com/acme-org/").unwrap_err().contains("such as `acme-org`"));
        assert!(check_name("acme org").is_err());
    }
}
