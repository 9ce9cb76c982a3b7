//! Agents of an operator's own, beside those that everybody knows: a bot account, an address that commits are made under, a
//! branch, a label.

use crate::Settings;

/// An agent as an operator describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OwnAgent {
    /// Made from its name.
    pub(super) id: String,
    pub(super) ids: Vec<i64>,
    pub(super) emails: Vec<String>,
    pub(super) branches: Vec<String>,
    pub(super) labels: Vec<String>,
}

const WANTED: &str = "write each agent as `name: id 123, email bot@example.com, branch made/, label ai-made`, one a line or between \
                      semicolons";

/// The operator's agents; a checked setting has no wrong one.
pub(super) fn of(settings: &Settings) -> Vec<OwnAgent> {
    settings.get("agents").and_then(|text| parse(text).ok()).unwrap_or_default()
}

/// Checks the setting `agents`.
pub(super) fn check(text: &str) -> Result<(), String> {
    parse(text).map(drop)
}

fn parse(text: &str) -> Result<Vec<OwnAgent>, String> {
    text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty()).map(one).collect()
}

fn one(line: &str) -> Result<OwnAgent, String> {
    let Some((name, signs)) = line.split_once(':') else { return Err(format!("`{line}` has no name before a colon: {WANTED}")) };
    let mut agent = OwnAgent { id: id_of(name), ..OwnAgent::default() };
    if agent.id.is_empty() {
        return Err(format!("`{line}` has no name before the colon: {WANTED}"));
    }
    for sign in signs.split(',').map(str::trim).filter(|sign| !sign.is_empty()) {
        let (kind, value) = sign.split_once(' ').map_or((sign, ""), |(kind, value)| (kind, value.trim()));
        match kind {
            "id" => agent.ids.push(value.parse().ok().filter(|id| *id > 0).ok_or_else(|| unfit(sign, "a numeric id"))?),
            "email" if value.contains('@') => agent.emails.push(value.to_lowercase()),
            "email" => return Err(unfit(sign, "an address")),
            "branch" if value.len() > 1 => agent.branches.push(value.to_owned()),
            "branch" => return Err(unfit(sign, "the beginning of a branch's name, such as `made/`")),
            "label" if !value.is_empty() => agent.labels.push(value.to_lowercase()),
            "label" => return Err(unfit(sign, "a label")),
            _ => return Err(unfit(sign, "one of `id`, `email`, `branch`, `label`")),
        }
    }
    let signs = agent.ids.len() + agent.emails.len() + agent.branches.len() + agent.labels.len();
    if signs == 0 {
        return Err(format!("`{line}` says by nothing how the agent is known: {WANTED}"));
    }
    Ok(agent)
}

fn unfit(sign: &str, wanted: &str) -> String {
    format!("`{sign}` is not {wanted}: {WANTED}")
}

/// `Our Bot` is `our_bot`.
fn id_of(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.trim().chars().take(40).map(plain).collect::<String>().trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_read_from_lines_or_between_semicolons() {
        let agents = parse("Our Bot: id 123, email Bot@x.y, branch foo/\nother: label AI-made; third: id 7,").unwrap();
        assert_eq!(agents.iter().map(|agent| agent.id.as_str()).collect::<Vec<_>>(), ["our_bot", "other", "third"]);
        assert_eq!((agents[0].ids[0], agents[0].emails[0].as_str(), agents[0].branches[0].as_str()), (123, "bot@x.y", "foo/"));
        assert_eq!(agents[1].labels, ["ai-made"]);
        assert_eq!(parse(" \n "), Ok(Vec::new()));
    }

    #[test]
    fn what_is_wrong_is_named_with_the_right_form() {
        for (text, word) in [
            ("id 123", "no name before a colon"),
            (": id 1", "no name"),
            ("bot:", "by nothing"),
            ("bot: id x", "numeric id"),
            ("bot: email x", "an address"),
            ("bot: branch /", "beginning of a branch"),
            ("bot: label", "a label"),
            ("bot: login x", "one of"),
        ] {
            let why = check(text).unwrap_err();
            assert!(why.contains(word) && why.contains("one a line"), "{text}: {why}");
        }
    }
}
