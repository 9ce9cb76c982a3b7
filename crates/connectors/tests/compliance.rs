//! What every connector owes, whoever wrote it: told by its profile and its fixture cases alone.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read is a failed test")]

mod support;

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use support::{Case, Seen, cases, files, fixtures, read, rendered};
use tacho_connectors::{Answer, Auth, CONNECTORS, Connector, Headers, Settings};
use tacho_domain::{Day, Fact, Measure, Slice, Window};
use url::Url;

/// Streams whose replies have several rows for one identity and day, which the store adds up.
const ADDED_UP: &[(&str, &str)] = &[
    // One row per terminal and customer type.
    ("claude_console", "usage_daily"),
    // One row per event.
    ("cursor", "usage_events"),
    // Two articles or models may carry the same names.
    ("github_copilot", "credits_daily"),
    // One row per repository.
    ("github_delivery", "repos_daily"),
];

fn day() -> Day {
    "2026-09-01".parse().unwrap()
}

/// The settings a connector is tried with: `fixtures/<connector>/settings.json`, a list; without it, none.
fn settings(connector: &dyn Connector) -> Vec<Settings> {
    match fs::read_to_string(fixtures().join(connector.profile().id).join("settings.json")) {
        Ok(text) => serde_json::from_str(&text).unwrap(),
        Err(_) => vec![Settings::default()],
    }
}

#[test]
fn ids_are_unique_and_profiles_complete() {
    let ids: Vec<&str> = CONNECTORS.iter().map(|connector| connector.profile().id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    let mut environments = HashSet::new();
    for connector in CONNECTORS {
        let profile = connector.profile();
        let id = profile.id;
        assert!(Url::parse(profile.base_url).is_ok_and(|url| url.scheme() == "https"), "{id}: base_url");
        assert!(Url::parse(profile.docs).is_ok_and(|url| url.scheme() == "https"), "{id}: docs");
        assert!(!profile.name.is_empty() && !profile.how_to.is_empty() && !profile.credential.label.is_empty(), "{id}");
        assert!(environments.insert(profile.credential.environment), "{id}: two connectors share an environment variable");
        for words in [profile.tool.interaction_unit, profile.tool.interaction_formula, profile.tool.active_formula] {
            assert!(!words.is_empty(), "{id}: a figure without its formula");
        }
        assert!((profile.credential.check)("").is_err(), "{id}: an empty secret");
        assert!((profile.credential.check)("two words").is_err(), "{id}: a secret with a blank");
        assert!((profile.credential.check)("line\nbreak").is_err(), "{id}: a secret with a line break");
        let refused = (profile.credential.check)("xyzzy-4711-plugh").err();
        assert!(refused.is_none_or(|why| !why.contains("4711")), "{id}: a message that repeats the secret");
        let mut streams = HashSet::new();
        for stream in profile.streams {
            assert!(streams.insert(stream.id), "{id}: two streams `{}`", stream.id);
            assert!(Url::parse(stream.docs).is_ok_and(|url| url.scheme() == "https"), "{id}/{}: docs", stream.id);
            assert!(!stream.label.is_empty() && stream.batch_days >= 1, "{id}/{}", stream.id);
            assert!(stream.floor.is_none_or(|floor| floor.parse::<Day>().is_ok()), "{id}/{}: floor", stream.id);
        }
        let mut rules = HashSet::new();
        assert!(profile.tool.acceptance.iter().all(|rule| rules.insert(rule.id) && !rule.formula.is_empty()), "{id}");
    }
}

/// Pages draw step changes by their days, link to where they are said, and look vendors' words up.
#[test]
fn what_is_known_of_a_tool_can_be_drawn() {
    for connector in CONNECTORS {
        let (id, tool) = (connector.profile().id, connector.profile().tool);
        let days: Vec<Day> = tool.steps.iter().map(|step| step.day().unwrap()).collect();
        assert!(days.is_sorted(), "{id}: steps are in the order of days");
        for step in tool.steps {
            assert!(Url::parse(step.source).is_ok_and(|url| url.scheme() == "https"), "{id}: {}", step.source);
            assert!(step.text.ends_with('.'), "{id}: {}", step.text);
        }
        assert!(!tool.caveats.is_empty() && tool.caveats.iter().all(|caveat| caveat.text.ends_with('.')), "{id}: caveats");
        let streams: HashSet<&str> = connector.profile().streams.iter().map(|stream| stream.id).collect();
        assert!(tool.user_totals.iter().all(|total| streams.contains(total.stream)), "{id}: totals of its own streams");
        let words: HashSet<&str> = tool.feature_names.iter().map(|(word, _)| *word).collect();
        assert_eq!(words.len(), tool.feature_names.len(), "{id}: a feature has one name");
        assert!(
            tool.agent_features.iter().chain(tool.features_apart).all(|word| words.contains(word)),
            "{id}: features have names"
        );
    }
}

#[test]
fn every_stream_has_a_case_and_every_case_reads_into_its_snapshot() {
    for connector in CONNECTORS {
        let cases = cases(*connector);
        for stream in connector.profile().streams {
            let covered = cases.iter().any(|case| case.call.stream == stream.id);
            assert!(covered, "{}/{}: no fixture case", connector.profile().id, stream.id);
        }
        for case in cases {
            let (result, seen) = case.read(*connector);
            let mut insta = insta::Settings::clone_current();
            insta.set_snapshot_path(&case.folder);
            insta.set_prepend_module_to_snapshot(false);
            insta.set_omit_expression(true);
            insta.set_description(case.name());
            insta.bind(|| insta::assert_snapshot!("facts", rendered(&result, &seen)));
        }
    }
}

#[test]
fn calls_go_to_the_vendor_and_only_there() {
    for connector in CONNECTORS {
        for settings in settings(*connector) {
            let profile = connector.profile();
            assert_eq!(connector.check(&settings), Ok(()), "{}", profile.id);
            let streams = connector.streams(&settings);
            let host = settings.base_url(profile).origin();
            for stream in &streams {
                assert!(profile.streams.iter().any(|known| known.id == stream.id), "{}/{}", profile.id, stream.id);
                let slice = Slice { stream: stream.id, window: Window::ending(day(), stream.batch_days) };
                let calls = connector.calls(stream, &slice, &settings);
                assert!(!calls.is_empty(), "{}/{}: no call", profile.id, stream.id);
                for call in calls {
                    assert_eq!((call.stream, call.url.origin()), (stream.id, host.clone()), "{}", profile.id);
                    assert!(slice.window.contains(call.window.from) && slice.window.contains(call.window.to), "{call:?}");
                    assert_ne!(call.auth, Auth::None, "{call:?}");
                }
            }
            let probed: BTreeSet<&str> = connector.probe(&settings, day()).iter().map(|call| call.stream).collect();
            let asked = streams.iter().filter(|stream| stream.by_default).map(|stream| stream.id).collect();
            assert_eq!(probed, asked, "{}: the doctor tries what sync will use", profile.id);
        }
    }
}

fn each_readable(mut check: impl FnMut(&'static dyn Connector, &Case, &Seen)) {
    for connector in CONNECTORS {
        for case in cases(*connector) {
            let (result, seen) = case.read(*connector);
            if result.is_ok() {
                check(*connector, &case, &seen);
            }
        }
    }
}

#[test]
fn facts_are_of_the_days_asked_for() {
    each_readable(|_, case, seen| {
        for day in seen.facts.iter().filter_map(Fact::day) {
            assert!(case.call.window.contains(day), "{}: {day} is outside {}", case.name(), case.call.window);
        }
    });
}

#[test]
fn no_amount_is_negative() {
    each_readable(|_, case, seen| {
        for fact in &seen.facts {
            let amounts: Vec<i64> = match fact {
                Fact::Usage(fact) => fact.measures.said().map(|(_, value)| value).collect(),
                Fact::Split(fact) => fact.measures.said().map(|(_, value)| value).collect(),
                Fact::Total(fact) => vec![fact.value],
                Fact::Seat(fact) => fact.monthly_price.iter().map(|price| price.0).collect(),
                Fact::Cost(fact) => {
                    [Some(fact.gross), fact.net].into_iter().flatten().map(|money| money.0).chain(fact.quantity_micros).collect()
                }
                Fact::PullRequest(fact) => vec![fact.additions, fact.deletions, fact.changed_files, fact.commits],
                Fact::CommitRecord(fact) => vec![fact.ai_lines, fact.lines],
                Fact::Person(_)
                | Fact::Team(_)
                | Fact::Hours(_)
                | Fact::Deployment(_)
                | Fact::ChangedFiles(_)
                | Fact::PullCommits(_) => Vec::new(),
            };
            assert!(amounts.iter().all(|amount| *amount >= 0), "{}: {fact:?}", case.name());
        }
    });
}

fn key(fact: &Fact) -> String {
    match fact {
        Fact::Usage(f) => format!("usage {} {:?} {}", f.day, f.identity.kind, f.identity.key),
        Fact::Split(f) => format!("split {} {:?} {} {:?} {}", f.day, f.identity.kind, f.identity.key, f.dimension, f.value),
        Fact::Total(f) => format!("total {} {}", f.day, f.name),
        Fact::Seat(f) => format!("seat {} {:?} {}", f.day, f.identity.kind, f.identity.key),
        Fact::Person(f) => format!("person {:?} {}", f.identity.kind, f.identity.key),
        Fact::Team(f) => format!("team {} {:?} {} {}", f.day, f.identity.kind, f.identity.key, f.team_key),
        Fact::Cost(f) => format!("cost {} {:?} {:?} {} {:?}", f.day, f.identity, f.ledger, f.sku, f.model),
        Fact::Hours(f) => format!("hours {} {:?} {}", f.day, f.identity.kind, f.identity.key),
        Fact::PullRequest(f) => format!("pull request {} {}", f.repository.id, f.number),
        Fact::Deployment(f) => format!("deployment {} {}", f.repository.id, f.key),
        Fact::ChangedFiles(f) => format!("changed files {} {}", f.repository, f.number),
        Fact::PullCommits(f) => format!("commits {} {}", f.repository, f.number),
        Fact::CommitRecord(f) => format!("commit record {} {:?}", f.commit, f.repository),
    }
}

#[test]
fn keys_are_unique_within_a_reply() {
    each_readable(|connector, case, seen| {
        let added_up = ADDED_UP.contains(&(connector.profile().id, case.call.stream));
        let mut keys = HashSet::new();
        for fact in &seen.facts {
            let adds = added_up && matches!(fact, Fact::Usage(_) | Fact::Split(_) | Fact::Cost(_) | Fact::Total(_));
            assert!(adds || keys.insert(key(fact)), "{}: twice {}", case.name(), key(fact));
        }
    });
}

#[test]
fn reading_twice_gives_the_same() {
    for connector in CONNECTORS {
        for case in cases(*connector) {
            assert_eq!(case.read(*connector), case.read(*connector), "{}", case.name());
        }
    }
}

#[test]
fn a_reply_that_breaks_off_is_never_taken_for_a_whole_one() {
    for connector in CONNECTORS {
        let cases = cases(*connector);
        let of_lines: HashSet<_> =
            cases.iter().filter(|case| is_of_lines(case)).map(|case| (case.call.stream, case.call.step.to_owned())).collect();
        for case in cases {
            let (whole, seen) = case.read(*connector);
            if whole.is_err() || case.status == 204 {
                continue;
            }
            // All of a small body's beginnings; of a larger one's, a share that no structure is a multiple of.
            let step = if case.body.len() <= 2048 { 1 } else { 17 };
            for length in (0..case.body.len()).step_by(step) {
                let (result, some) = case.read_prefix(*connector, length);
                let (head, rest) = case.body.split_at(length);
                if result.is_err() || rest.trim_ascii().is_empty() {
                    continue;
                }
                // A body of lines that ends with a line looks whole; the connection's length check is what tells.
                let at_line_end =
                    head.is_empty() || head.ends_with(b"\n") || rest.starts_with(b"\n") || rest.starts_with(b"\r\n");
                let lines = of_lines.contains(&(case.call.stream, case.call.step.to_owned()));
                assert!(at_line_end && lines, "{} cut at {length} was taken for whole", case.name());
                assert!(
                    some.facts.len() <= seen.facts.len() && seen.facts.starts_with(&some.facts),
                    "{} cut at {length}",
                    case.name()
                );
            }
        }
    }
}

/// Whether the reply is read line by line, in which case no lines is lawful too.
fn is_of_lines(case: &Case) -> bool {
    files(&case.folder).iter().any(|path| path.file_name().is_some_and(|name| name == "body.ndjson"))
}

#[test]
fn no_data_is_told_from_no_rows() {
    for connector in CONNECTORS {
        for case in cases(*connector) {
            let (result, seen) = case.read(*connector);
            let Ok(read) = result else { continue };
            assert!(read.answer != Answer::Nothing || seen.facts.is_empty(), "{}: nothing, and facts", case.name());
            assert!(read.answer != Answer::ToFollow || !read.next.is_empty(), "{}: to follow, and no call", case.name());
            for next in read.next {
                assert_eq!(next.stream, case.call.stream, "{}", case.name());
                assert_eq!(next.secret_url, next.auth == Auth::None, "{}: a signed link is a secret", case.name());
            }
        }
    }
}

#[test]
fn two_counted_streams_of_a_tool_never_set_the_same_measure() {
    let mut setters: BTreeMap<(&str, Measure), BTreeSet<&str>> = BTreeMap::new();
    each_readable(|connector, case, seen| {
        let profile = connector.profile();
        let stream = profile.streams.iter().find(|stream| stream.id == case.call.stream).unwrap();
        // A stream that is not asked by default serves imports of other years (METRICS: never spliced).
        if !stream.role.is_counted() || !stream.by_default {
            return;
        }
        for fact in &seen.facts {
            if let Fact::Usage(fact) = fact {
                for (measure, _) in fact.measures.said() {
                    setters.entry((profile.tool.id, measure)).or_default().insert(stream.id);
                }
            }
        }
    });
    assert!(!setters.is_empty());
    for ((tool, measure), streams) in setters {
        assert_eq!(streams.len(), 1, "{tool}: {measure:?} is set by {streams:?}");
    }
}

#[test]
fn no_fixture_holds_anything_shaped_like_a_token() {
    const PREFIXES: &[&str] =
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "sk-ant-", "sk-proj-", "key_", "crsr_", "Bearer ", "Basic "];
    let looks_random = |text: &str| {
        let run: Vec<char> =
            text.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=')).collect();
        run.len() >= 12 && run.iter().any(char::is_ascii_digit)
    };
    for file in files(&fixtures()) {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        for prefix in PREFIXES {
            for (at, _) in text.match_indices(prefix) {
                let inside_a_word = text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
                assert!(inside_a_word || !looks_random(&text[at + prefix.len()..]), "{}: `{prefix}...`", file.display());
            }
        }
    }
}

/// Every stream and step that has a case, of every connector.
fn places() -> Vec<(&'static dyn Connector, Case)> {
    let mut places: Vec<(&'static dyn Connector, Case)> = Vec::new();
    for connector in CONNECTORS {
        for case in cases(*connector) {
            if !places.iter().any(|(_, known)| known.call.stream == case.call.stream && known.call.step == case.call.step) {
                places.push((*connector, case));
            }
        }
    }
    places
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let keys = "day|date|data|seats|user_id|usageItems|usageEvents|totals_by_feature|download_links|actor|email|timePeriod|day_totals|[a-z_]{1,8}";
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        "2026-0[1-9]-1[0-9]|[ -~é]{0,12}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map(keys, inner, 0..6).prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

fn try_everywhere(places: &[(&'static dyn Connector, Case)], body: &[u8]) {
    for (connector, case) in places {
        let _ = read(*connector, &case.call, 200, &Headers::default(), body);
        if let Some(call) = connector.recognise(body) {
            assert!(connector.saved().iter().any(|stream| stream.id == call.stream), "{call:?}");
        }
    }
}

#[test]
fn no_reply_makes_a_reader_panic() {
    let places = places();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let bytes = prop::collection::vec(any::<u8>(), 0..300);
    runner
        .run(&bytes, |body| {
            try_everywhere(&places, &body);
            Ok(())
        })
        .unwrap();
    let values = prop::collection::vec(any_json(), 1..4);
    runner
        .run(&values, |values| {
            let lines: Vec<String> = values.iter().map(ToString::to_string).collect();
            try_everywhere(&places, lines.join("\n").as_bytes());
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_refusal_makes_a_diagnosis_without_cause_and_fix() {
    for (connector, case) in places() {
        for status in [301, 400, 401, 402, 403, 404, 408, 409, 410, 418, 422, 429, 500, 502, 503, 529] {
            for body in ["", "<html>", "{\"message\":\"x\"}", "{\"error\":{\"type\":\"x\",\"message\":\"y\"}}"] {
                let refusal = tacho_connectors::Refusal { status, headers: &case.headers, body, signing_in: false };
                let diagnosis = connector.diagnose(&case.call, &refusal);
                assert!(diagnosis.cause.len() > 10 && diagnosis.fix.len() > 10, "{} {status}", case.name());
            }
        }
    }
}
