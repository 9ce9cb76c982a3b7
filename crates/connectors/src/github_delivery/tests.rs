//! Searches page by page: halves, further pages, smaller questions, and what an answer leaves out.

use super::*;
use crate::json::tests::{Taken, window};
use crate::{Answer, Wait};
use serde_json::{Value, json};
use tacho_domain::delivery::PullRequestFact;
use tacho_domain::{Fact, Instant};

fn settings(more: &[(&str, &str)]) -> Settings {
    Settings::new([("organization", "acme")].iter().chain(more).copied())
}

fn first(settings: &Settings) -> Call {
    let slice = Slice { stream: "pull_requests", window: window("2026-11-18", "2026-11-18") };
    GithubDelivery.calls(&streams::PULL_REQUESTS, &slice, settings).remove(0)
}

fn answered(call: &Call, body: &Value, headers: &[(&str, &str)]) -> (Read, Taken) {
    let (text, mut taken) = (body.to_string(), Taken::default());
    let headers = Headers::new(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut bytes = text.as_bytes();
    let read = GithubDelivery.read(call, &mut Reply { status: 200, headers: &headers, body: &mut bytes }, &mut taken);
    (read.unwrap(), taken)
}

fn node(number: u32, more: &Value) -> Value {
    let mut node = json!({"__typename": "PullRequest", "number": number, "createdAt": "2026-11-17T09:00:00Z",
        "mergedAt": "2026-11-18T09:00:00Z", "repository": {"databaseId": 1, "nameWithOwner": "acme/api"},
        "author": {"__typename": "User", "login": "ada", "databaseId": 1001}});
    for (key, value) in more.as_object().unwrap() {
        node[key] = value.clone();
    }
    node
}

fn page(count: usize, nodes: &[Value], cursor: Option<&str>) -> Value {
    let info = json!({"hasNextPage": cursor.is_some(), "endCursor": cursor});
    json!({"data": {"owner": {"login": "acme"}, "search": {"issueCount": count, "pageInfo": info, "nodes": nodes}}})
}

fn asked(call: &Call) -> Value {
    serde_json::from_str::<Value>(call.body.as_ref().unwrap()).unwrap()["variables"].clone()
}

fn pulls(taken: &Taken) -> Vec<&PullRequestFact> {
    taken.facts.iter().filter_map(|fact| if let Fact::PullRequest(pull) = fact { Some(&**pull) } else { None }).collect()
}

#[test]
fn a_search_that_finds_more_than_it_gives_is_halved_and_nothing_of_it_is_taken() {
    let (read, taken) = answered(&first(&settings(&[])), &page(1_001, &[node(1, &json!({}))], Some("c")), &[]);
    assert_eq!((read.answer, taken.facts.len(), read.next.len()), (Answer::ToFollow, 0, 2));
    assert!(asked(&read.next[0])["q"].as_str().unwrap().contains("2026-11-18T00:00:00Z..2026-11-18T11:59:59Z"));
    assert!(asked(&read.next[1])["q"].as_str().unwrap().contains("2026-11-18T12:00:00Z..2026-11-18T23:59:59Z"));
    let (read, _) = answered(&first(&settings(&[])), &page(1_000, &[node(1, &json!({}))], Some("c")), &[]);
    assert_eq!(read.next.len(), 1, "a thousand are given");
}

#[test]
fn pages_follow_the_cursor_and_a_search_that_ends_early_is_asked_again() {
    let call = first(&settings(&[]));
    let (read, _) = answered(&call, &page(3, &[node(1, &json!({})), node(2, &json!({}))], Some("c")), &[]);
    assert_eq!(read.answer, Answer::Given);
    let second = &read.next[0];
    assert_eq!((asked(second)["after"].as_str(), asked(second)["first"].as_i64()), (Some("c"), Some(50)));
    let (read, taken) = answered(second, &page(3, &[node(3, &json!({}))], None), &[]);
    assert_eq!((read.answer, taken.skipped.len()), (Answer::Given, 0));
    let (read, taken) = answered(second, &page(3, &[], None), &[]);
    assert_eq!((read.answer, taken.skipped.len()), (Answer::Partial, 1), "the third is nowhere");
}

#[test]
fn a_lack_of_patience_is_no_answer() {
    let limited = json!({"errors": [{"type": "RATE_LIMITED", "message": "x"}]});
    let spent = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795000000")];
    let call = first(&settings(&[]));
    assert_eq!(answered(&call, &limited, &spent).0.answer, Answer::Wait(Wait::Until(Instant(0).plus_seconds(1_795_000_000))));
    assert_eq!(answered(&call, &limited, &[("retry-after", "9")]).0.answer, Answer::Wait(Wait::Seconds(9)));
    assert_eq!(answered(&call, &limited, &[]).0.answer, Answer::Wait(Wait::Seconds(60)));
    let timeout = json!({"data": null, "errors": [{"message": "Something went wrong while executing your query."}]});
    let (read, _) = answered(&call, &timeout, &[]);
    assert_eq!((read.answer, asked(&read.next[0])["first"].as_i64()), (Answer::ToFollow, Some(25)));
}

#[test]
fn a_gateway_that_gives_up_is_asked_for_less() {
    let call = first(&settings(&[]));
    let lighter = GithubDelivery.lighter(&call, 502).unwrap();
    assert_eq!(asked(&lighter)["first"], 25);
    assert_eq!(GithubDelivery.lighter(&call, 500), None);
    let slice = Slice { stream: "repos_daily", window: window("2026-11-18", "2026-11-18") };
    let report = GithubDelivery.calls(&streams::REPOS_DAILY, &slice, &settings(&[("copilot_reports", "on")])).remove(0);
    assert_eq!(GithubDelivery.lighter(&report, 504), None, "a report has no smaller form");
}

#[test]
fn settings_choose_repositories_and_bring_agents_of_ones_own() {
    let nodes = [
        node(1, &json!({"headRefName": "made/x"})),
        node(2, &json!({"repository": {"databaseId": 2, "nameWithOwner": "acme/sandbox"}})),
        node(3, &json!({"author": {"__typename": "Bot", "login": "acme-bot", "databaseId": 77}})),
    ];
    let settings = settings(&[("repositories", "!sandbox"), ("agents", "our bot: id 77, branch made/")]);
    let (_, taken) = answered(&first(&settings), &page(3, &nodes, None), &[]);
    let told: Vec<(u32, Vec<(&str, &str)>)> = pulls(&taken)
        .iter()
        .map(|pull| {
            let signals = pull.signals.iter().map(|signal| (signal.kind.as_str(), signal.agent.as_str()));
            (pull.number, signals.collect())
        })
        .collect();
    assert_eq!(told, [(1, vec![("branch", "our_bot")]), (3, vec![("author", "our_bot")])]);
}

#[test]
fn no_title_and_no_body_is_asked_for() {
    for text in [questions::PULL_REQUESTS, questions::CHANGED_FILES, questions::DEPLOYMENTS, questions::RELEASES] {
        let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        for never in ["title", "titleHTML", "body", "bodyText", "patch", "headline", "messageHeadline", "comments"] {
            assert!(!words.contains(&never), "{never}");
        }
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
    let lists = ["labels(", "reviews(", "timelineItems(", "commits("];
    assert!(lists.iter().all(|list| questions::PULL_REQUESTS.matches(list).count() == 1));
    assert_eq!(questions::PULL_REQUESTS.matches("(first: ").count() + 1, lists.len(), "a fifth list costs a third point");
}

#[test]
fn older_deployments_are_asked_for_until_the_days_are_behind() {
    let settings = settings(&[("deployments", "environment:production")]);
    let slice = Slice { stream: "deployments", window: window("2026-11-01", "2026-11-18") };
    let call = GithubDelivery.calls(&streams::DEPLOYMENTS, &slice, &settings).remove(0);
    assert_eq!(asked(&call)["environment"], "production");
    let deployment = |id: i64, at: &str| json!({"databaseId": id, "createdAt": at, "commitOid": "ab", "statuses": {"nodes": []}});
    let body = |oldest: &str, cursor: &str| {
        let list = json!({"pageInfo": {"hasNextPage": true, "endCursor": cursor},
            "nodes": [deployment(2, "2026-11-18T10:00:00Z"), deployment(1, oldest)]});
        json!({"databaseId": 1, "nameWithOwner": "acme/api", "deployments": list})
    };
    let first = |oldest| json!({"data": {"owner": {"repositories": {"pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": [body(oldest, "d2")]}}}});
    let (read, taken) = answered(&call, &first("2026-11-02T10:00:00Z"), &[]);
    assert_eq!((read.next.len(), taken.facts.len()), (1, 2));
    assert_eq!(asked(&read.next[0]), json!({"owner": "acme", "name": "api", "environment": "production", "after": "d2"}));
    let more = json!({"data": {"repository": body("2026-11-02T09:00:00Z", "d2")}});
    assert!(answered(&read.next[0], &more, &[]).0.next.is_empty(), "the same cursor is not asked for again");
    let (read, taken) = answered(&call, &first("2026-10-31T10:00:00Z"), &[]);
    assert_eq!((read.next.len(), taken.facts.len()), (0, 1), "the rest is older still");
}
