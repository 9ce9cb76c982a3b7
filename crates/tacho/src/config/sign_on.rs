//! Who vouches for people: the keys of GitHub, of OpenID Connect, and of what becomes of newcomers.

use super::{Layers, keys};
use crate::failure::{Failure, Outcome};
use tacho_domain::Role;
use tacho_signon::{GitHubSettings, Newcomers, OidcSettings, parse_role_rows};
use url::Url;

/// The providers that are configured.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignOnConfiguration {
    pub(crate) github: Option<GitHubSettings>,
    pub(crate) oidc: Option<OidcSettings>,
    /// What the sign-in page calls the provider of OpenID Connect.
    pub(crate) oidc_label: String,
    pub(crate) newcomers: Newcomers,
}

impl Layers {
    pub(super) fn sign_on(&self) -> Outcome<SignOnConfiguration> {
        let roles = parse_role_rows(&self.list(keys::OIDC_ROLES)?)
            .map_err(|why| Failure::configuration(format!("{}: {why}", self.origin(keys::OIDC_ROLES))))?;
        Ok(SignOnConfiguration {
            github: self.github()?,
            oidc: self.oidc()?,
            oidc_label: self.text(keys::OIDC_LABEL)?,
            newcomers: Newcomers { domains: self.domains()?, roles, role: self.role()? },
        })
    }

    fn github(&self) -> Outcome<Option<GitHubSettings>> {
        let (client_id, client_secret) = (self.text(keys::GITHUB_CLIENT_ID)?, self.secret(keys::GITHUB_CLIENT_SECRET)?);
        if client_id.is_empty() {
            return match client_secret {
                Some(_) => Err(alone(keys::GITHUB_CLIENT_SECRET, keys::GITHUB_CLIENT_ID)),
                None => Ok(None),
            };
        }
        let text = self.text(keys::GITHUB_URL)?;
        let url = Url::parse(&text).ok().filter(|url| url.has_host() && url.query().is_none());
        let url = url.ok_or_else(|| self.wrong(keys::GITHUB_URL, &text, "an address such as `https://github.com`"))?;
        let organizations = self.list(keys::GITHUB_ORGANIZATIONS)?;
        let fits = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if let Some(wrong) = organizations.iter().find(|name| !fits(name)) {
            return Err(self.wrong(keys::GITHUB_ORGANIZATIONS, wrong, "the login of an organization"));
        }
        Ok(Some(GitHubSettings { url, client_id, client_secret, organizations }))
    }

    fn oidc(&self) -> Outcome<Option<OidcSettings>> {
        let (issuer, client_id) = (self.text(keys::OIDC_ISSUER)?, self.text(keys::OIDC_CLIENT_ID)?);
        match (issuer.is_empty(), client_id.is_empty()) {
            (true, true) => return Ok(None),
            (true, false) => return Err(alone(keys::OIDC_CLIENT_ID, keys::OIDC_ISSUER)),
            (false, true) => return Err(alone(keys::OIDC_ISSUER, keys::OIDC_CLIENT_ID)),
            (false, false) => {}
        }
        Ok(Some(OidcSettings {
            issuer,
            client_id,
            client_secret: self.secret(keys::OIDC_CLIENT_SECRET)?,
            scopes: self.list(keys::OIDC_SCOPES)?.iter().flat_map(|part| part.split(' ')).map(str::to_owned).collect(),
            groups_claim: self.text(keys::OIDC_GROUPS_CLAIM)?,
            trusts_addresses: self.parsed(keys::OIDC_TRUST_EMAIL, "`true` or `false`")?,
        }))
    }

    fn domains(&self) -> Outcome<Vec<String>> {
        let domains = self.list(keys::SIGN_ON_DOMAINS)?;
        let fits = |domain: &String| {
            let name = domain.trim_start_matches('@');
            name.contains('.') && !name.contains(['*', '@', '/', ' ']) && !name.starts_with('.') && !name.ends_with('.')
        };
        match domains.iter().find(|domain| !fits(domain)) {
            Some(wrong) => {
                Err(self.wrong(keys::SIGN_ON_DOMAINS, wrong, "a domain such as `example.com`; there are no wildcards"))
            }
            None => Ok(domains),
        }
    }

    fn role(&self) -> Outcome<Option<Role>> {
        let text = self.text(keys::SIGN_ON_ROLE)?;
        if text == "none" {
            return Ok(None);
        }
        // Owners are made by owners, or by a group that the operator names for it.
        let expected = || format!("one of {}, or `none`", Role::ALL.map(Role::as_str)[1..].join(", "));
        Role::parse(&text)
            .filter(|role| *role != Role::Owner)
            .map(Some)
            .ok_or_else(|| self.wrong(keys::SIGN_ON_ROLE, &text, &expected()))
    }
}

fn alone(set: &str, missing: &str) -> Failure {
    Failure::configuration(format!("`{set}` is set and `{missing}` is not")).hint(format!("set `{missing}` too, or neither"))
}
