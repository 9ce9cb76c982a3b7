//! Tokens that a person has put into the environment.

use super::{Token, TokenOrigin};
use crate::{CopilotHost, Source};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;

/// Meant for the status alone, one per source.
const OWN: [(Source, &str); 3] = [
    (Source::Copilot, "TACHO_STATUS_GITHUB_TOKEN"),
    (Source::Cursor, "TACHO_STATUS_CURSOR_TOKEN"),
    (Source::Opencode, "TACHO_STATUS_OPENCODE_TOKEN"),
];
/// What GitHub's own programs take, in their order
/// (<https://docs.github.com/en/copilot/how-tos/copilot-cli/set-up-copilot-cli/authenticate-copilot-cli>, read 2026-11-21).
const GITHUB: [&str; 3] = ["COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"];

/// The cookie that Cursor's page signs in with.
const CURSOR_COOKIE: &str = "WorkosCursorSessionToken=";

/// What the environment held when the program started.
#[derive(Debug, Clone, Default)]
pub struct Given(BTreeMap<&'static str, SecretString>);

impl Given {
    /// The tokens among the variables; blank ones are none.
    #[must_use]
    pub fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let names = OWN.iter().map(|(_, name)| *name).chain(GITHUB);
        let set = names.filter_map(|name| Some((name, variable(name)?.trim().to_owned())));
        Self(set.filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.into())).collect())
    }

    /// The token that was given for a source and nothing else.
    pub(super) fn token(&self, source: Source) -> Option<Token> {
        let (_, name) = OWN.iter().find(|(of, _)| *of == source)?;
        let token = self.get(name)?;
        Some(if source == Source::Cursor { Token { secret: cookie(&token.secret), ..token } } else { token })
    }

    /// The tokens that GitHub's own programs would take. They are of github.com: a tenant's would stand in variables of
    /// other names.
    pub(super) fn github(&self, host: &CopilotHost) -> Vec<Token> {
        let is_theirs = *host == CopilotHost::default();
        GITHUB.into_iter().filter(|_| is_theirs).filter_map(|name| self.get(name)).collect()
    }

    fn get(&self, name: &'static str) -> Option<Token> {
        Some(Token::new(self.0.get(name)?.clone(), TokenOrigin::Environment(name)))
    }
}

/// A cookie's value as a whole cookie; one that was copied whole stays as it is.
fn cookie(secret: &SecretString) -> SecretString {
    #[expect(clippy::disallowed_methods, reason = "its name is put before it; it stays in its wrapper")]
    let text = secret.expose_secret();
    if text.starts_with(CURSOR_COOKIE) { secret.clone() } else { format!("{CURSOR_COOKIE}{text}").into() }
}
