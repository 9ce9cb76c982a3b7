//! The ways into GitHub besides a pasted token: a sign-in with as few scopes as will do, and a GitHub App. Also what a
//! credential of theirs looks like, and what replies tell of it.
//!
//! Scopes and permissions: <https://docs.github.com/en/rest/copilot/copilot-usage-metrics> and
//! <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps> (read 2026-11-21).

use crate::{Access, AppAccess, AppField, CredentialFacts, Headers, HostSetting, Personal, ScopeNeed, When};

/// A GitHub App; what it is to be permitted is each connector's own.
pub(crate) const APP: AppAccess = AppAccess {
    name: "GitHub App",
    fields: &[
        AppField {
            key: "app_id",
            label: "App ID",
            help: "The number on the app's page under General → About (the client ID does as well).",
            secret: false,
        },
        AppField {
            key: "installation_id",
            label: "Installation ID",
            help: "The number at the end of the address of the installation's page: …/settings/installations/NUMBER.",
            secret: false,
        },
        AppField {
            key: "private_key",
            label: "Private key",
            help: "The whole text of the .pem file that GitHub gave you, from BEGIN to END.",
            secret: true,
        },
    ],
    issuer: "app_id",
    private_key: "private_key",
    token_path: &["app", "installations", "{installation_id}", "access_tokens"],
    headers: &[("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", super::API_VERSION)],
    permissions: &[
        ("Organization Copilot metrics: read", "the usage reports of the organization"),
        ("GitHub Copilot Business: read", "seats and their holders"),
        ("Members: read", "who is in the organization and in its teams"),
        ("Administration: read", "AI credits; leave it out if you do without them"),
        ("Enterprise Copilot metrics: read", "the reports of an enterprise, for an app that is installed there"),
    ],
    how_to: "1. As an owner open *Settings → Developer settings → GitHub Apps → New GitHub App* of the organization (or of the \
             enterprise). Turn *Webhook → Active* off.\n\
             2. Give it the organization permissions listed here, all *Read-only*, and create it.\n\
             3. *Generate a private key*: a .pem file is downloaded. Note the *App ID* above it.\n\
             4. *Install App* on the organization; the number at the end of the address is the installation ID.",
};

/// A tenant with data residency has a host of its own.
pub(crate) const HOST: HostSetting = HostSetting { key: "host", base_url: |host| format!("https://api.{host}") };

pub(super) const ACCESS: Access = Access {
    sign_in: Some("github"),
    scopes: &[
        ScopeNeed {
            scope: "read:org",
            when: When::With("organization"),
            streams: &["users_daily", "totals_daily", "user_teams", "seats", "seat_summary", "org_members", "org_teams"],
            reason: "reads the usage reports, seats, members and teams of the organization. It changes nothing. Whoever signs in has to \
                     be an owner, or hold a role with \"View Organization Copilot Metrics\".",
            included_in: &["write:org", "admin:org"],
        },
        ScopeNeed {
            scope: "read:enterprise",
            when: When::With("enterprise"),
            streams: &["users_daily", "totals_daily", "user_teams", "seats"],
            reason: "reads the usage reports, seats and teams of the enterprise. It changes nothing. Whoever signs in has to be \
                     an enterprise owner or billing manager.",
            included_in: &["admin:enterprise"],
        },
        ScopeNeed {
            scope: "manage_billing:copilot",
            when: When::Ticked,
            streams: &["seats", "seat_summary", "credits_daily"],
            reason: "also reads AI credits where GitHub gives them to this scope. GitHub has no reading-only form of it: the same \
                     scope can assign and cancel seats, which Tacho never does. It is asked for only if you tick it.",
            included_in: &["manage_billing:enterprise", "admin:enterprise"],
        },
    ],
    app: Some(APP),
    personal: Personal::No(
        "GitHub shows Copilot's reports to owners and administrators only, and always everybody's; there is no report of one \
         member for that member.",
    ),
    host: Some(HOST),
    webhook: None,
};

/// What GitHub tells of a classic or OAuth token (its scopes) and of a personal one (its end).
pub(crate) fn credential_facts(headers: &Headers) -> CredentialFacts {
    CredentialFacts::of(headers, "x-oauth-scopes", "github-authentication-token-expiration")
}

/// Checks the host of a tenant with data residency: `acme.ghe.com`, never the address of its API.
pub(crate) fn check_host(host: &str) -> Result<(), String> {
    if host.is_empty() {
        return Ok(());
    }
    let wanted = "expected the tenant's host, such as `acme.ghe.com`; leave it empty for github.com";
    if host.contains('/') || host.contains(':') {
        return Err(format!("`{host}` is an address: {wanted}"));
    }
    let Some(tenant) = host.strip_suffix(".ghe.com") else {
        return Err(format!("`{host}` is not a host of ghe.com: {wanted}. GitHub Enterprise Server has no Copilot reports"));
    };
    let fits = !tenant.is_empty() && tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits { Ok(()) } else { Err(format!("`{host}` has more than the tenant's name before `.ghe.com`: {wanted}")) }
}

/// Checks the form of an app's credential. The message names the field and never repeats what is in it.
pub(crate) fn check_app(json: &str) -> Result<(), String> {
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).map_err(|_| "the GitHub App's credential is not a JSON object".to_owned())?;
    let known = ACCESS.app.map_or(&[][..], |app| app.fields);
    if fields.keys().any(|key| !known.iter().any(|field| field.key == key)) {
        return Err("a GitHub App's credential has `app_id`, `installation_id` and `private_key`, and nothing else".to_owned());
    }
    let text = |key: &str| match fields.get(key) {
        Some(serde_json::Value::String(text)) => text.trim().to_owned(),
        Some(serde_json::Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    for field in known {
        if text(field.key).is_empty() {
            return Err(format!("`{}` is missing. {}", field.key, field.help));
        }
    }
    // An app is known by its number or by its client ID, an installation by its number only.
    if !text("app_id").bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
        return Err("`app_id` is not the app's number or client ID: copy it from the app's page under General → About".to_owned());
    }
    if !text("installation_id").bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(
            "`installation_id` is not a number: take it from the end of the address of the installation's page".to_owned()
        );
    }
    let key = text("private_key");
    if !key.starts_with("-----BEGIN") || !key.contains("PRIVATE KEY-----") || !key.ends_with("-----") {
        return Err("`private_key` is not a whole PEM text: paste the .pem file from `-----BEGIN` to the last `-----`".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    #[test]
    fn scopes_are_asked_for_by_what_is_connected_and_the_wide_one_only_when_ticked() {
        let asked = |settings: &Settings, extra: &[&str]| {
            let extra: Vec<String> = extra.iter().map(|scope| (*scope).to_owned()).collect();
            ACCESS.needed(settings, &extra).map(|need| need.scope).collect::<Vec<_>>()
        };
        let (organization, enterprise) = (Settings::new([("organization", "acme")]), Settings::new([("enterprise", "acme")]));
        assert_eq!(asked(&organization, &[]), ["read:org"]);
        assert_eq!(asked(&enterprise, &[]), ["read:enterprise"]);
        assert_eq!(asked(&organization, &["manage_billing:copilot", "repo"]), ["read:org", "manage_billing:copilot"]);
        let missing = |granted: &[&str]| {
            let granted: Vec<String> = granted.iter().map(|scope| (*scope).to_owned()).collect();
            ACCESS.missing(&organization, &[], &granted).len()
        };
        assert_eq!((missing(&["repo"]), missing(&["admin:org"]), missing(&["read:org"])), (1, 0, 0));
        let known = |id: &&str| super::super::streams::ALL.iter().any(|stream| stream.id == *id);
        assert!(ACCESS.scopes.iter().flat_map(|need| need.streams).all(known));
    }

    #[test]
    fn a_tenants_host_gives_its_address_and_anything_else_is_explained() {
        assert_eq!(check_host("acme-x.ghe.com"), Ok(()));
        for (host, word) in [
            ("https://acme.ghe.com", "is an address"),
            ("github.acme.example", "not a host of ghe.com"),
            ("api.acme.ghe.com", "more than the tenant's name"),
            (".ghe.com", "more than"),
        ] {
            assert!(check_host(host).unwrap_err().contains(word), "{host}");
        }
        let settings = Settings::new([("host", "acme.ghe.com"), ("organization", "acme")]);
        let url = |settings: &Settings| settings.base_url(&super::super::profile::PROFILE).to_string();
        assert_eq!(url(&settings), "https://api.acme.ghe.com/");
        assert_eq!(url(&Settings::default()), "https://api.github.com/");
        let both = Settings::new([("host", "acme.ghe.com"), ("base_url", "http://127.0.0.1:9")]);
        assert_eq!(url(&both), "http://127.0.0.1:9/", "the address is the more exact word");
    }

    #[test]
    fn an_apps_credential_is_checked_field_by_field_and_never_repeated() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\\nhush4711\\n-----END RSA PRIVATE KEY-----\\n";
        let good = |app: &str, installation: &str, key: &str| {
            check_app(&format!("{{\"app_id\": {app}, \"installation_id\": {installation}, \"private_key\": \"{key}\"}}"))
        };
        assert_eq!(good("17", "\"42\"", key), Ok(()));
        assert_eq!(good("\"Iv23liAbc.def\"", "42", key), Ok(()));
        for (result, word) in [
            (good("\"\"", "42", key), "`app_id` is missing"),
            (good("17", "\"hush4711/x\"", key), "`installation_id` is not a number"),
            (good("17", "42", "hush4711"), "`private_key` is not a whole PEM"),
            (check_app("{\"hush4711\": 1}"), "nothing else"),
            (check_app("{hush4711"), "not a JSON object"),
        ] {
            let why = result.unwrap_err();
            assert!(why.contains(word) && !why.contains("hush4711"), "{why}");
        }
    }
}
