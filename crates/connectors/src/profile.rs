//! What a connector is: the form to connect it, the streams it reads, the manners its vendor asks for.

use crate::Access;
use std::collections::BTreeMap;
use tacho_domain::{StreamSpec, ToolProfile};
use url::Url;

/// A connector's description. Forms, filters, badges and help are made from it.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Stable id: `claude_console`.
    pub id: &'static str,
    /// What it connects, for people: "Claude Code (Console API)".
    pub name: &'static str,
    /// What it tells of.
    pub subject: Subject,
    /// The tool whose use it reports; where it reports none, what integrations and their rows are filed under.
    pub tool: ToolProfile,
    /// The secret it needs.
    pub credential: CredentialField,
    /// The settings it knows; `base_url` is always known too.
    pub settings: &'static [SettingField],
    /// Everything it can read.
    pub streams: &'static [StreamSpec],
    /// Where the vendor speaks, unless the setting `base_url` says otherwise.
    pub base_url: &'static str,
    /// Other hosts that replies may lead to (signed downloads), with `*` for one or more labels or parts of one.
    pub download_hosts: &'static [&'static str],
    /// The vendor's manners.
    pub pace: Pace,
    /// The vendor's documentation.
    pub docs: &'static str,
    /// Where to get the credential, as numbered steps in Markdown.
    pub how_to: &'static str,
    /// The ways in besides that credential.
    pub access: Access,
}

/// What a connector tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The use of a tool.
    Use,
    /// Pull requests and deployments; it is no tool and stands in no filter of tools.
    Delivery,
}

/// The secret a connector needs.
#[derive(Debug, Clone, Copy)]
pub struct CredentialField {
    /// What it is called: "Admin API key".
    pub label: &'static str,
    /// The environment variable `tacho connect` takes it from.
    pub environment: &'static str,
    /// How it looks: `sk-ant-admin01-...`.
    pub looks_like: &'static str,
    /// Checks the form before the vendor is asked. The message says what is wrong and what to use instead, and does
    /// not repeat the secret.
    pub check: fn(&str) -> Result<(), String>,
}

/// A setting of an integration.
#[derive(Debug, Clone, Copy)]
pub struct SettingField {
    /// Its key: `organization`.
    pub key: &'static str,
    /// What a form calls it.
    pub label: &'static str,
    /// One sentence of help.
    pub help: &'static str,
    /// Used where the setting is not given; empty means none.
    pub default: &'static str,
    /// Checks a given value; the message says what is wrong and what is expected.
    pub check: fn(&str) -> Result<(), String>,
}

/// How fast a vendor may be asked; always one call at a time per integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// At least this long from one call to the next, in milliseconds.
    pub gap_ms: u64,
    /// At most this many calls a minute, with bursts up to the same number; `None`: the vendor names no limit.
    pub per_minute: Option<u32>,
}

/// The settings of one integration.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Settings(pub BTreeMap<String, String>);

/// Settings that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A key the connector does not know.
    #[error("unknown setting `{key}`: {connector} knows {known}")]
    Unknown {
        /// The key.
        key: String,
        /// The connector.
        connector: &'static str,
        /// The keys it knows.
        known: String,
    },
    /// A value that does not fit.
    #[error("setting `{key}`: {why}")]
    Invalid {
        /// The key.
        key: String,
        /// What is wrong and what is expected.
        why: String,
    },
}

impl Settings {
    /// From pairs.
    pub fn new<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// A setting's value; blank is the same as not given.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether a setting that is `on` or `off` is on.
    #[must_use]
    pub fn is_on(&self, key: &str) -> bool {
        self.get(key) == Some("on")
    }

    /// Where the vendor speaks: the setting `base_url`, the host that a setting names, or the profile's.
    #[must_use]
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "profiles are checked by the compliance test")]
    pub fn base_url(&self, profile: &Profile) -> Url {
        let given = self.get("base_url").and_then(|text| Url::parse(text).ok());
        let host = profile.access.host.and_then(|host| Some((host.base_url)(self.get(host.key)?)));
        let given = given.or_else(|| Url::parse(&host?).ok());
        given.unwrap_or_else(|| Url::parse(profile.base_url).expect("a profile's base_url parses"))
    }

    /// The address of a path below the base, with its segments escaped.
    #[must_use]
    pub fn url(&self, profile: &Profile, segments: &[&str]) -> Url {
        let mut url = self.base_url(profile);
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Checks every setting against the profile.
    ///
    /// # Errors
    /// The first unknown key or unfit value.
    pub fn check(&self, profile: &Profile) -> Result<(), SettingsError> {
        for (key, value) in &self.0 {
            if key == "base_url" {
                check_base_url(value).map_err(|why| SettingsError::Invalid { key: key.clone(), why })?;
            } else if let Some(field) = profile.settings.iter().find(|field| field.key == key) {
                (field.check)(value.trim()).map_err(|why| SettingsError::Invalid { key: key.clone(), why })?;
            } else {
                let mut known: Vec<&str> = profile.settings.iter().map(|field| field.key).collect();
                known.push("base_url");
                return Err(SettingsError::Unknown { key: key.clone(), connector: profile.id, known: known.join(", ") });
            }
        }
        for field in profile.settings.iter().filter(|field| self.get(field.key).is_none()) {
            (field.check)(field.default).map_err(|why| SettingsError::Invalid { key: field.key.to_owned(), why })?;
        }
        Ok(())
    }
}

/// Checks a setting that is on or off.
pub(crate) fn check_switch(text: &str) -> Result<(), String> {
    if matches!(text, "" | "on" | "off") { Ok(()) } else { Err(format!("`{text}` is neither `on` nor `off`")) }
}

fn check_base_url(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Ok(());
    }
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.host().is_some() && url.username().is_empty() => Ok(()),
        Ok(_) => Err(format!("`{text}` is not an http(s) address without a user name")),
        Err(error) => Err(format!("`{text}` is not an address: {error}")),
    }
}
