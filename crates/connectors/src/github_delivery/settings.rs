//! What an operator chooses: which repositories count, what a deployment is, which further streams are read.

use crate::Settings;

/// What counts as a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deployments<'s> {
    /// A deployment to the environment of this name.
    Environment(&'s str),
    /// A published release.
    Releases,
}

/// The settings that turn something on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice<'s> {
    pub(super) deployments: Option<Deployments<'s>>,
    pub(super) rework: bool,
    pub(super) copilot_reports: bool,
}

impl<'s> Choice<'s> {
    pub(super) fn of(settings: &'s Settings) -> Self {
        Self {
            deployments: settings.get("deployments").and_then(deployments),
            rework: settings.is_on("rework"),
            copilot_reports: settings.is_on("copilot_reports"),
        }
    }
}

fn deployments(text: &str) -> Option<Deployments<'_>> {
    if text == "releases" {
        return Some(Deployments::Releases);
    }
    text.strip_prefix("environment:").map(str::trim).filter(|name| !name.is_empty()).map(Deployments::Environment)
}

/// Checks the setting `deployments`.
pub(super) fn check_deployments(text: &str) -> Result<(), String> {
    if text.is_empty() || deployments(text).is_some() {
        return Ok(());
    }
    Err(format!(
        "`{text}` names no kind of deployment: write `environment:NAME` with the name of your production environment, such as \
         `environment:production`, or `releases`; leave it empty if deployments are not to be read"
    ))
}

/// Which repositories count: patterns, of which the first that fits decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule<'s>(Vec<Pattern<'s>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pattern<'s> {
    text: &'s str,
    excludes: bool,
}

impl<'s> Rule<'s> {
    /// Patterns between commas or blanks; `!` in front leaves out what fits.
    pub(super) fn of(settings: &'s Settings) -> Self {
        Self::parse(settings.get("repositories").unwrap_or_default())
    }

    fn parse(text: &'s str) -> Self {
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        let pattern = |word: &'s str| match word.strip_prefix('!') {
            Some(text) => Pattern { text, excludes: true },
            None => Pattern { text: word, excludes: false },
        };
        Self(words.map(pattern).collect())
    }

    /// Whether a repository, given as `owner/name`, counts. What no pattern fits counts where there are only exclusions.
    pub(super) fn takes(&self, repository: &str) -> bool {
        let name = repository.rsplit_once('/').map_or(repository, |(_, name)| name);
        let fits = |pattern: &&Pattern<'_>| {
            fits(pattern.text.as_bytes(), if pattern.text.contains('/') { repository } else { name }.as_bytes())
        };
        self.0.iter().find(fits).map_or_else(|| self.0.iter().all(|pattern| pattern.excludes), |pattern| !pattern.excludes)
    }
}

/// Whether a text fits a pattern in which `*` stands for anything, whatever the case.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where the last star was, and how much of the text it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|byte| byte.eq_ignore_ascii_case(&text[t])) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            (p, t) = (at + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Checks the setting `repositories`.
pub(super) fn check_repositories(text: &str) -> Result<(), String> {
    for pattern in Rule::parse(text).0 {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'*' | b'/');
        if pattern.text.is_empty() || !pattern.text.bytes().all(known) || pattern.text.matches('/').count() > 1 {
            return Err(format!(
                "`{}` is no pattern of repositories: write `name` or `owner/name`, with `*` for anything and `!` in front to leave \
                 out, between commas or blanks",
                pattern.text
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn taken<'n>(rule: &str, names: &[&'n str]) -> Vec<&'n str> {
        names.iter().copied().filter(|name| Rule::parse(rule).takes(name)).collect()
    }

    #[test]
    fn the_first_pattern_that_fits_decides() {
        let names = ["acme/api", "acme/api-sandbox", "acme/web", "other/api"];
        assert_eq!(taken("", &names), names);
        assert_eq!(taken("api*", &names), ["acme/api", "acme/api-sandbox", "other/api"]);
        assert_eq!(taken("!*-sandbox, api*", &names), ["acme/api", "other/api"]);
        assert_eq!(taken("api* !*-sandbox", &names), ["acme/api", "acme/api-sandbox", "other/api"], "the first one decides");
        assert_eq!(taken("!acme/web", &names), ["acme/api", "acme/api-sandbox", "other/api"], "only exclusions: the rest counts");
        assert_eq!(taken("ACME/*", &names), ["acme/api", "acme/api-sandbox", "acme/web"]);
    }

    #[test]
    fn wrong_settings_name_what_is_wrong_and_what_to_write() {
        assert!(check_repositories("api, !acme/*-old").is_ok());
        for wrong in ["https://github.com/acme/api", "a/b/c", "!", "api?"] {
            assert!(check_repositories(wrong).unwrap_err().contains("owner/name"), "{wrong}");
        }
        assert!(check_deployments("production").unwrap_err().contains("environment:NAME"));
        assert!(check_deployments("environment:").is_err());
        assert_eq!(deployments("environment: live"), Some(Deployments::Environment("live")));
        assert!(crate::profile::check_switch("yes").unwrap_err().contains("`on`"));
    }

    proptest! {
        #[test]
        fn a_star_fits_what_a_regular_expression_would(pattern in "[ab*]{0,6}", text in "[ab]{0,8}") {
            fn slow(pattern: &[u8], text: &[u8]) -> bool {
                match pattern.split_first() {
                    None => text.is_empty(),
                    Some((b'*', rest)) => (0..=text.len()).any(|at| slow(rest, &text[at..])),
                    Some((byte, rest)) => text.first() == Some(byte) && slow(rest, &text[1..]),
                }
            }
            prop_assert_eq!(fits(pattern.as_bytes(), text.as_bytes()), slow(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
