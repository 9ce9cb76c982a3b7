//! How a vendor lets Tacho in besides by a pasted key: what a sign-in asks for and why, apps that sign for themselves, and
//! what replies tell of a credential.

use crate::{Headers, Settings};
use tacho_domain::Instant;

/// The ways in that a connector knows besides its key.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    /// The provider whose sign-in gives a token: `github`.
    pub sign_in: Option<&'static str>,
    /// What such a token is asked to be allowed, and why. The page shows this list.
    pub scopes: &'static [ScopeNeed],
    /// An app that signs for itself.
    pub app: Option<AppAccess>,
    /// Whether a member's own credential shows that member alone.
    pub personal: Personal,
    /// A setting that names the vendor's host.
    pub host: Option<HostSetting>,
    /// How the vendor tells by itself that something happened.
    pub webhook: Option<WebhookAccess>,
}

impl Access {
    /// A key of an administrator and nothing else.
    pub const KEY: Self = Self {
        sign_in: None,
        scopes: &[],
        app: None,
        personal: Personal::No("its credential shows everybody's use, so it belongs to the organization."),
        host: None,
        webhook: None,
    };

    /// The scopes that a token needs with these settings, and those of `extra` that exist.
    pub fn needed<'a>(&self, settings: &'a Settings, extra: &'a [String]) -> impl Iterator<Item = &'static ScopeNeed> + use<'a> {
        let wanted = |need: &&ScopeNeed| match need.when {
            When::With(key) => settings.get(key).is_some(),
            When::Ticked => extra.iter().any(|scope| scope == need.scope),
        };
        self.scopes.iter().filter(move |need| wanted(need))
    }

    /// The scopes that are needed and not granted.
    pub fn missing(&self, settings: &Settings, extra: &[String], granted: &[String]) -> Vec<&'static ScopeNeed> {
        let held =
            |need: &&ScopeNeed| granted.iter().any(|scope| scope == need.scope || need.included_in.contains(&scope.as_str()));
        self.needed(settings, extra).filter(|need| !held(need)).collect()
    }
}

/// A scope, what it is asked for, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeNeed {
    /// Its name: `read:org`.
    pub scope: &'static str,
    /// When it is asked for.
    pub when: When,
    /// The streams that read with it.
    pub streams: &'static [&'static str],
    /// Why, for the page.
    pub reason: &'static str,
    /// Wider scopes that include it.
    pub included_in: &'static [&'static str],
}

/// When a scope is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Where this setting is given.
    With(&'static str),
    /// Only where somebody ticks it: it allows more than reading.
    Ticked,
}

/// An app that signs a JWT with its private key and gets short-lived tokens for it. Its credential is a JSON object of the
/// fields.
#[derive(Debug, Clone, Copy)]
pub struct AppAccess {
    /// What it is called: "GitHub App".
    pub name: &'static str,
    /// The fields of the credential; all are texts.
    pub fields: &'static [AppField],
    /// The field that is the token's `iss`.
    pub issuer: &'static str,
    /// The field with the private key, an RSA key in PEM form.
    pub private_key: &'static str,
    /// Where a token is asked for, below the base address; `{name}` stands for a field.
    pub token_path: &'static [&'static str],
    /// Headers of that call.
    pub headers: &'static [(&'static str, &'static str)],
    /// What the app has to be permitted, and why.
    pub permissions: &'static [(&'static str, &'static str)],
    /// Where to get it, as numbered steps in Markdown.
    pub how_to: &'static str,
}

/// A field of an app's credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppField {
    /// Its key in the JSON object.
    pub key: &'static str,
    /// What a form calls it.
    pub label: &'static str,
    /// One sentence of help.
    pub help: &'static str,
    /// Whether it is a secret of several lines.
    pub secret: bool,
}

/// How a vendor tells by itself that something happened. What it tells is never counted: it only has days read again.
#[derive(Debug, Clone, Copy)]
pub struct WebhookAccess {
    /// Whose form the deliveries have, as the address that they are sent to names it: `github`.
    pub form: &'static str,
    /// The events to tick, as the vendor's page calls them, and why.
    pub events: &'static [(&'static str, &'static str)],
    /// Where to enter address and secret, as numbered steps in Markdown.
    pub how_to: &'static str,
}

/// Whether a member's own credential shows that member alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    /// It does: members may connect it for themselves.
    Yes,
    /// It does not; why, as the rest of a sentence that begins with the connector's name and a colon.
    No(&'static str),
}

/// A setting that names the vendor's host, for tenants with a host of their own.
#[derive(Debug, Clone, Copy)]
pub struct HostSetting {
    /// The setting's key.
    pub key: &'static str,
    /// The base address on that host.
    pub base_url: fn(&str) -> String,
}

/// What a reply tells of the credential it answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialFacts {
    /// What it may; `None`: this vendor or this kind of credential does not tell.
    pub scopes: Option<Vec<String>>,
    /// When it ends; `None`: never, or not told.
    pub expires_at: Option<Instant>,
}

impl CredentialFacts {
    /// From a header of names between commas and one with an instant, where there are such headers.
    #[must_use]
    pub fn of(headers: &Headers, scopes: &str, expires: &str) -> Self {
        let names = |list: &str| {
            list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<String>>()
        };
        Self { scopes: headers.get(scopes).map(names), expires_at: headers.get(expires).and_then(instant) }
    }

    /// What a later reply says, and of the rest what was known.
    pub fn learn(&mut self, later: Self) {
        self.scopes = later.scopes.or(self.scopes.take());
        self.expires_at = later.expires_at.or(self.expires_at);
    }
}

/// `2026-12-31 08:15:00 UTC`, also with an offset such as `-0700`, and RFC 3339.
fn instant(text: &str) -> Option<Instant> {
    if let Some(instant) = Instant::parse(text.trim()) {
        return Some(instant);
    }
    let mut parts = text.split_whitespace();
    let (date, time, zone) = (parts.next()?, parts.next()?, parts.next()?);
    let zone = match zone.split_at_checked(3) {
        Some((hours, minutes)) if hours.starts_with(['+', '-']) => format!("{hours}:{}", minutes.trim_start_matches(':')),
        _ if zone == "UTC" => "Z".to_owned(),
        _ => return None,
    };
    Instant::parse(&format!("{date}T{time}{zone}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(expires: &str) -> Option<String> {
        let headers = Headers::new([("expires".to_owned(), expires.to_owned())]);
        CredentialFacts::of(&headers, "scopes", "expires").expires_at.map(|instant| instant.to_string())
    }

    #[test]
    fn an_expiry_is_read_in_every_form_that_was_seen() {
        for text in ["2026-12-31 08:15:00 UTC", "2026-12-31 08:15:00 +0000", "2026-12-31 01:15:00 -0700", "2026-12-31T08:15:00Z"]
        {
            assert_eq!(told(text).as_deref(), Some("2026-12-31T08:15:00Z"), "{text}");
        }
        for text in ["", "never", "2026-12-31", "2026-12-31 08:15:00 CET", "99 99 UTC"] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn no_scopes_and_scopes_not_told_are_two_things() {
        let of = |value: Option<&str>| {
            let headers = Headers::new(value.map(|value| ("scopes".to_owned(), value.to_owned())));
            CredentialFacts::of(&headers, "scopes", "expires").scopes
        };
        assert_eq!(of(Some("read:org, repo")), Some(vec!["read:org".to_owned(), "repo".to_owned()]));
        assert_eq!((of(Some("")), of(None)), (Some(Vec::new()), None));
        let mut known = CredentialFacts { scopes: Some(vec!["repo".into()]), expires_at: Some(Instant(1)) };
        known.learn(CredentialFacts { scopes: Some(Vec::new()), expires_at: None });
        assert_eq!(known, CredentialFacts { scopes: Some(Vec::new()), expires_at: Some(Instant(1)) });
    }
}
