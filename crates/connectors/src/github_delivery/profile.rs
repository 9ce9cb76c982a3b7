//! How a GitHub organization's pull requests are connected.

use super::{own_agents, settings, streams};
use crate::github_copilot::access::{APP, HOST, check_host};
use crate::github_copilot::profile::{REPORT_HOSTS, check_name, check_token};
use crate::profile::check_switch;
use crate::{Access, AppAccess, CredentialField, Pace, Personal, Profile, ScopeNeed, SettingField, Subject, WebhookAccess, When};
use tacho_domain::{Caveat, ToolProfile};

pub(super) static PROFILE: Profile = Profile {
    id: super::ID,
    name: "GitHub pull requests",
    subject: Subject::Delivery,
    tool: ToolProfile {
        id: super::ID,
        name: "GitHub pull requests",
        interaction_unit: "merged pull requests",
        interaction_formula: "none: pull requests are work delivered, not use of a tool",
        active_formula: "none: pull requests are work delivered, not use of a tool",
        caveats: CAVEATS,
        ..ToolProfile::BLANK
    },
    credential: CredentialField {
        label: "GitHub token",
        environment: "TACHO_GITHUB_DELIVERY_TOKEN",
        looks_like: "github_pat_... or ghp_...",
        check: check_token,
    },
    settings: &[
        SettingField {
            key: "organization",
            label: "Organization",
            help: "The name of the organization, or of the user, as in github.com/NAME.",
            default: "",
            check: check_owner,
        },
        SettingField {
            key: "repositories",
            label: "Repositories",
            help: "Names or owner/name with * for anything, ! in front to leave out; the first that fits decides. Empty: all.",
            default: "",
            check: settings::check_repositories,
        },
        SettingField {
            key: "deployments",
            label: "Deployments",
            help: "environment:NAME reads deployments to that environment, releases takes releases for deployments. Empty: none.",
            default: "",
            check: settings::check_deployments,
        },
        SettingField {
            key: "rework",
            label: "Rework",
            help: "on also reads which files each pull request changed (kept as fingerprints), for \"Rework, at most\".",
            default: "",
            check: check_switch,
        },
        SettingField {
            key: "copilot_reports",
            label: "Copilot's own numbers",
            help: "on also reads GitHub's report of pull requests by repository, to compare. It takes Copilot and its policy.",
            default: "",
            check: check_switch,
        },
        SettingField {
            key: "agents",
            label: "Your own agents",
            help: "Agents besides the known ones: name: id 123, email bot@example.com, branch made/, label ai-made; the next.",
            default: "",
            check: own_agents::check,
        },
        SettingField {
            key: "host",
            label: "Host on GHE.com",
            help: "The tenant's host, such as acme.ghe.com, where GitHub keeps your data in a region; empty for github.com.",
            default: "",
            check: check_host,
        },
    ],
    streams: streams::ALL,
    base_url: "https://api.github.com",
    download_hosts: REPORT_HOSTS,
    // 2,000 points a minute at 2 points a question, one at a time
    // (https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api, read 2026-11-21).
    pace: Pace { gap_ms: 60, per_minute: None },
    docs: "https://docs.github.com/en/graphql/reference/pulls",
    how_to: "1. Sign in to GitHub as a member of the organization who sees the repositories that count.\n\
             2. Open *Settings → Developer settings → Personal access tokens → Fine-grained tokens → Generate new token*.\n\
             3. Choose the organization as *Resource owner* and the repositories, or all of them.\n\
             4. Give it the repository permissions *Pull requests*, *Contents* and, if you read deployments, *Deployments*: all \
             *Read-only*. An owner of the organization may have to approve it.\n\
             5. A classic token serves too, with the scope `repo`; where the organization uses SAML single sign-on, press \
             *Configure SSO* beside it.",
    access: Access {
        sign_in: Some("github"),
        scopes: &[
            ScopeNeed {
                scope: "read:org",
                when: When::With("organization"),
                streams: &["pull_requests", "changed_files", "deployments", "repos_daily"],
                reason: "sees the organization. Alone it reads the pull requests of public repositories only. It changes nothing.",
                included_in: &["write:org", "admin:org"],
            },
            ScopeNeed {
                scope: "repo",
                when: When::Ticked,
                streams: &["pull_requests", "changed_files", "deployments"],
                reason: "reads pull requests and deployments of private repositories. GitHub has no reading-only form of it: the same \
                         scope can change repositories, which Tacho never does. A fine-grained token or a GitHub App needs no such \
                         right. It is asked for only if you tick it.",
                included_in: &[],
            },
        ],
        app: Some(AppAccess {
            permissions: &[
                ("Pull requests: read", "merged pull requests, their reviews and labels"),
                ("Contents: read", "the commits of pull requests, which name co-authors; releases"),
                ("Deployments: read", "deployments; leave it out if you do not read them"),
                ("Organization Copilot metrics: read", "Copilot's own numbers; leave it out if you do not read them"),
            ],
            how_to: "1. As an owner open *Settings → Developer settings → GitHub Apps → New GitHub App* of the organization. Turn *Webhook \
                     → Active* off: webhooks are set up on the integration's page.\n\
                     2. Give it the permissions listed here, all *Read-only*, and create it.\n\
                     3. *Generate a private key*: a .pem file is downloaded. Note the *App ID* above it.\n\
                     4. *Install App* on the organization and choose the repositories; the number at the end of the address is the \
                     installation ID.",
            ..APP
        }),
        personal: Personal::No("pull requests are the organization's, and everybody's are read together."),
        host: Some(HOST),
        webhook: Some(WEBHOOK),
    },
};

/// Events and form: <https://docs.github.com/en/webhooks/webhook-events-and-payloads> (read 2026-11-21).
const WEBHOOK: WebhookAccess = WebhookAccess {
    form: "github",
    events: &[
        ("Pull requests", "a merged pull request is there within minutes instead of with the next sync"),
        ("Pull request reviews", "a review of a merged pull request has its day read again"),
        ("Deployment statuses", "a deployment that ended has its day read again; leave it out if you do not read deployments"),
    ],
    how_to: "1. As an owner open *Settings → Webhooks → Add webhook* of the organization.\n\
             2. Enter the address as *Payload URL*, choose the content type `application/json`, and enter the secret.\n\
             3. Choose *Let me select individual events*, tick the events listed here and no others, and save. GitHub sends a ping, \
             which shows here.",
};

const CAVEATS: &[Caveat] = &[
    Caveat {
        title: "No sign is not no AI",
        text: "Completions and most agents in editors leave no sign in a pull request; what is found is a floor.",
    },
    Caveat {
        title: "Squash merges lose signs",
        text: "A squash keeps trailers in its message only where GitHub adds co-authors, so the branch's commits are read as well.",
    },
    Caveat {
        title: "Long branches are read in part",
        text: "Of a pull request the first 50 commits, 20 reviews and 10 labels are read; one with more is marked.",
    },
    Caveat {
        title: "What the token sees",
        text: "Repositories that the token may not read are not there, and GitHub does not say so.",
    },
];

fn check_owner(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("give the organization's name, as in github.com/NAME".to_owned());
    }
    check_name(name)
}
