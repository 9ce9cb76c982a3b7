//! Building the questions: the days of a search as instants, its halves where it finds too much, its next page, and a smaller
//! form of it.

use super::{profile, questions};
use crate::github_copilot::{NEXT_PAGE, PAGE, headers};
use crate::{Archive, Aside, Auth, Call, Settings};
use serde_json::{Value, json};
use std::sync::Arc;
use tacho_domain::{Day, Instant, Window};
use url::Url;

/// A search gives at most so many results, however many it counts
/// (<https://docs.github.com/en/rest/search/search>, read 2026-11-21).
pub(super) const MOST_RESULTS: i64 = 1_000;

/// How many pull requests a page has; where a gateway gives up (GitHub stops after 10 s), the next smaller.
const SIZES: [i64; 4] = [50, 25, 10, 5];
/// How many repositories a page has, each with its deployments.
const REPOSITORIES: i64 = 20;
/// How many repositories a page has, each with its releases.
const REPOSITORIES_WITH_RELEASES: i64 = 50;

const SECOND: i64 = 1_000_000;

/// A search for what was merged in these days.
pub(super) fn search(stream: &'static str, text: &str, window: Window, settings: &Settings) -> Call {
    let owner = settings.get("organization").unwrap_or_default();
    let until = Instant(window.to.plus(1).start().0 - SECOND);
    let found = merged(owner, window.from.start(), until);
    let variables = json!({"owner": owner, "q": found, "first": SIZES[0], "after": null});
    question(stream, text, window, settings, &variables)
}

/// The deployments or releases of every repository.
pub(super) fn repositories(stream: &'static str, environment: Option<&str>, window: Window, settings: &Settings) -> Call {
    let owner = settings.get("organization").unwrap_or_default();
    if let Some(name) = environment {
        let variables = json!({"owner": owner, "environment": name, "first": REPOSITORIES, "after": null});
        question(stream, questions::DEPLOYMENTS, window, settings, &variables)
    } else {
        let variables = json!({"owner": owner, "first": REPOSITORIES_WITH_RELEASES, "after": null});
        question(stream, questions::RELEASES, window, settings, &variables)
    }
}

fn question(stream: &'static str, text: &str, window: Window, settings: &Settings, variables: &Value) -> Call {
    let body = json!({"query": text, "variables": variables}).to_string();
    Call {
        headers: headers(),
        archive: Archive::Never,
        heavy: true,
        aside: Some(Aside { settings: Arc::new(settings.clone()), seen: 0 }),
        ..Call::post(stream, PAGE, window, address(settings), Auth::Bearer, body)
    }
}

/// A server of one's own has REST below `/api/v3` and GraphQL beside it
/// (<https://docs.github.com/en/enterprise-server@3.17/graphql/guides/forming-calls-with-graphql>, read 2026-11-21).
fn address(settings: &Settings) -> Url {
    let mut url = settings.url(&profile::PROFILE, &["graphql"]);
    if let Some(root) = url.path().strip_suffix("/v3/graphql").map(|root| format!("{root}/graphql")) {
        url.set_path(&root);
    }
    url
}

/// Oldest first: when a pull request was opened never changes, so that pages do not shift while they are read.
fn merged(owner: &str, from: Instant, to: Instant) -> String {
    format!("org:{owner} is:pr is:merged merged:{from}..{to} sort:created-asc")
}

/// The same question with other variables. A replayed call asks nothing.
pub(super) fn with(call: &Call, change: impl FnOnce(&mut Value) -> Option<()>) -> Option<Call> {
    let mut body: Value = serde_json::from_str(call.body.as_deref()?).ok()?;
    change(body.get_mut("variables")?)?;
    Some(Call { body: Some(body.to_string()), ..call.clone() })
}

/// The next page; `None` where the same cursor came again, which would be asked for ever.
pub(super) fn next_page(call: &Call, cursor: &str, seen: u64) -> Option<Call> {
    let next = with(call, |variables| {
        let after = variables.get_mut("after")?;
        if after == cursor {
            return None;
        }
        *after = json!(cursor);
        Some(())
    })?;
    let aside = next.aside.clone().map(|aside| Aside { seen, ..aside });
    Some(Call { step: NEXT_PAGE, aside, ..next })
}

/// The further deployments or releases of one repository.
pub(super) fn more_of(call: &Call, text: &str, repository: &str, cursor: &str) -> Option<Call> {
    let (owner, name) = repository.split_once('/')?;
    let mut body: Value = serde_json::from_str(call.body.as_deref()?).ok()?;
    let environment = body.get("variables")?.get("environment").cloned();
    let mut variables = json!({"owner": owner, "name": name, "after": cursor});
    if let Some(environment) = environment {
        variables["environment"] = environment;
    }
    if body["variables"] == variables {
        return None;
    }
    body = json!({"query": text, "variables": variables});
    Some(Call { step: NEXT_PAGE, body: Some(body.to_string()), ..call.clone() })
}

/// The two halves of a search that finds more than it gives; `None`: it is one second long already, or asks nothing.
pub(super) fn halves(call: &Call) -> Option<Vec<Call>> {
    let half = |first: bool| {
        with(call, |variables| {
            let owner = variables.get("owner")?.as_str()?.to_owned();
            let (from, to) = span(variables.get("q")?.as_str()?)?;
            let middle = Instant(from.0 + (to.0 - from.0) / SECOND / 2 * SECOND);
            if from >= to {
                return None;
            }
            let (from, to) = if first { (from, middle) } else { (middle.plus_seconds(1), to) };
            variables["q"] = json!(merged(&owner, from, to));
            variables["after"] = Value::Null;
            Some(())
        })
    };
    Some(vec![half(true)?, half(false)?])
}

fn span(found: &str) -> Option<(Instant, Instant)> {
    let (from, to) = found.split_once("merged:")?.1.split(' ').next()?.split_once("..")?;
    Some((Instant::parse(from)?, Instant::parse(to)?))
}

/// The same question about fewer at once; the smallest is tried again like any other call.
pub(super) fn lighter(call: &Call) -> Option<Call> {
    let mut smallest = false;
    let lighter = with(call, |variables| {
        let first = variables.get("first")?.as_i64()?;
        let fewer = SIZES.into_iter().find(|size| *size < first)?;
        smallest = fewer == SIZES[SIZES.len() - 1];
        variables["first"] = json!(fewer);
        Some(())
    })?;
    Some(Call { heavy: !smallest, ..lighter })
}

/// The smallest form of a question: to find out whether it is answered at all.
pub(super) fn smallest(call: &Call) -> Option<Call> {
    let smallest = with(call, |variables| {
        *variables.get_mut("first")? = json!(SIZES[SIZES.len() - 1]);
        Some(())
    })?;
    Some(Call { heavy: false, ..smallest })
}

/// The day of an instant, where it lies in the days that were asked for.
pub(super) fn day_in(window: Window, at: Instant) -> Option<Day> {
    Some(at.day()).filter(|day| window.contains(*day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(settings: &Settings) -> Call {
        search("pull_requests", questions::PULL_REQUESTS, Window::day("2026-11-18".parse().unwrap()), settings)
    }

    fn found(call: &Call) -> String {
        let body: Value = serde_json::from_str(call.body.as_ref().unwrap()).unwrap();
        body["variables"]["q"].as_str().unwrap().to_owned()
    }

    fn settings() -> Settings {
        Settings::new([("organization", "acme")])
    }

    #[test]
    fn a_day_is_halved_down_to_a_second_without_gap_or_overlap() {
        let mut open = vec![asked(&settings())];
        assert_eq!(
            found(&open[0]),
            "org:acme is:pr is:merged merged:2026-11-18T00:00:00Z..2026-11-18T23:59:59Z sort:created-asc"
        );
        let mut seconds: Vec<(i64, i64)> = Vec::new();
        while let Some(call) = open.pop() {
            if let Some(halves) = halves(&call) {
                open.extend(halves);
            } else {
                let (from, to) = span(&found(&call)).unwrap();
                seconds.push((from.0 / SECOND, to.0 / SECOND));
            }
        }
        seconds.sort_unstable();
        assert_eq!(seconds.len(), 86_400);
        assert!(seconds.iter().all(|(from, to)| from == to));
        assert!(seconds.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0));
    }

    #[test]
    fn a_question_that_is_too_heavy_gets_smaller_four_times_in_all() {
        let sizes: Vec<(i64, bool)> = std::iter::successors(Some(asked(&settings())), lighter)
            .map(|call| {
                let body: Value = serde_json::from_str(call.body.as_ref().unwrap()).unwrap();
                (body["variables"]["first"].as_i64().unwrap(), call.heavy)
            })
            .collect();
        assert_eq!(sizes, [(50, true), (25, true), (10, true), (5, false)]);
    }

    #[test]
    fn graphql_is_where_the_host_has_it() {
        let at = |base: &str| address(&Settings::new([("base_url", base)])).to_string();
        assert_eq!(address(&settings()).as_str(), "https://api.github.com/graphql");
        assert_eq!(at("https://ghe.acme.example/api/v3"), "https://ghe.acme.example/api/graphql");
        assert_eq!(at("http://127.0.0.1:9/"), "http://127.0.0.1:9/graphql");
        let tenant = Settings::new([("host", "acme.ghe.com")]);
        assert_eq!(address(&tenant).as_str(), "https://api.acme.ghe.com/graphql");
    }

    #[test]
    fn the_same_cursor_is_not_asked_for_again() {
        let second = next_page(&asked(&settings()), "c1", 50).unwrap();
        assert_eq!((second.step, second.aside.as_ref().unwrap().seen), (NEXT_PAGE, 50));
        assert_eq!(next_page(&second, "c1", 100), None);
    }
}
