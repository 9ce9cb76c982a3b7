//! How well agents are recognised, on labelled pull requests: invented, but in the forms that the agents' commits have in
//! public. "Exact" must never be wrong; what it misses is told, and stands in docs/delivery.md.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read is a failed test")]
#![allow(clippy::print_stdout, reason = "the figures are for whoever runs it")]

mod support;

use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use support::{Seen, fixtures, read};
use tacho_connectors::{Call, Headers};
use tacho_domain::delivery::{AuthorKind, PullRequestFact, Tier};
use tacho_domain::{Fact, Window};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labelled {
    shows: String,
    /// The agent that truly had a part.
    made_with: Option<String>,
    /// What is to be found: exact, strong or nothing.
    reads: String,
    /// The key of who is credited, where that is the point; empty: nobody.
    credited: Option<String>,
    pull: Value,
}

fn labelled() -> Vec<Labelled> {
    let folder = fixtures().join("evidence");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| serde_json::from_str::<Vec<Labelled>>(&fs::read_to_string(file).unwrap()).unwrap()).collect()
}

/// Reads a pull request through the connector, as a page of one.
fn fact(mut pull: Value) -> PullRequestFact {
    let known = json!({"number": 7, "createdAt": "2026-11-17T09:00:00Z", "mergedAt": "2026-11-18T09:00:00Z",
        "repository": {"databaseId": 1, "nameWithOwner": "acme/api"}});
    for (key, value) in known.as_object().unwrap() {
        pull[key] = value.clone();
    }
    let page = json!({"data": {"search": {"issueCount": 1, "pageInfo": {"hasNextPage": false}, "nodes": [pull]}}});
    let call = Call::replay("pull_requests", "page", Window::day("2026-11-18".parse().unwrap()));
    let connector = tacho_connectors::find("github_delivery").unwrap();
    let (result, seen): (_, Seen) = read(connector, &call, 200, &Headers::default(), page.to_string().as_bytes());
    assert!(result.is_ok() && seen.skipped.is_empty() && seen.unknown.is_empty(), "{result:?} {seen:?}");
    match seen.facts.into_iter().next() {
        Some(Fact::PullRequest(pull)) => *pull,
        other => panic!("{other:?}"),
    }
}

/// What the marks of a pull request come to.
fn tier(fact: &PullRequestFact) -> Option<Tier> {
    let by_author = (fact.author_kind == AuthorKind::Agent).then_some(Tier::Exact);
    fact.signals.iter().map(|signal| signal.kind.tier()).chain(by_author).max()
}

#[test]
fn labelled_pull_requests_are_read_as_they_should_and_exact_is_never_wrong() {
    let cases = labelled();
    assert!(cases.len() >= 60, "{}", cases.len());
    let (mut exact, mut found, mut true_exact, mut true_found, mut made) = (0u32, 0u32, 0u32, 0u32, 0u32);
    for case in cases {
        let fact = fact(case.pull);
        let tier = tier(&fact);
        assert_eq!(tier.map_or("nothing", Tier::as_str), case.reads, "{}: {:?}", case.shows, fact.signals);
        if let (Some(agent), Some(tier)) = (&case.made_with, tier) {
            let named = fact.signals.iter().filter(|signal| signal.kind.tier() == tier).all(|signal| signal.agent == *agent);
            assert!(named, "{}: {:?}", case.shows, fact.signals);
        }
        if let Some(credited) = case.credited {
            assert_eq!(fact.author.map_or(String::new(), |author| author.key), credited, "{}", case.shows);
        }
        let (is_made, is_exact) = (u32::from(case.made_with.is_some()), u32::from(tier == Some(Tier::Exact)));
        let is_found = u32::from(tier.is_some());
        (made, exact, found) = (made + is_made, exact + is_exact, found + is_found);
        (true_exact, true_found) = (true_exact + is_exact * is_made, true_found + is_found * is_made);
    }
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole);
    println!("made with AI: {made}");
    println!("exact: {exact} found, precision {:.3}, recall {:.3}", share(true_exact, exact), share(true_exact, made));
    println!("exact and strong: {found} found, precision {:.3}, recall {:.3}", share(true_found, found), share(true_found, made));
    assert_eq!(true_exact, exact, "an exact sign that is none");
    assert!(share(true_found, found) >= 0.97, "too many strong signs that are none");
    assert!(share(true_found, made) >= 0.85, "agents that leave signs are missed");
}
