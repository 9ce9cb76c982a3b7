//! Laws that hold for whatever comes: no reader panics; what it accepts is possible, fits the state file and can be shown on
//! one line; what it refuses it refuses in words, and none of them is the answer's.

#![allow(clippy::unwrap_used, reason = "a law that cannot be checked is a failed test")]

mod answers;

use answers::{Fixture, NOON, fixtures};
use proptest::prelude::*;
use serde_json::{Value, json};
use tacho_connectors::FailureKind;
use tacho_quota::{Limit, Source, UsageData, read, status_line};

/// What the laws ask of one answer.
fn holds(source: Source, body: &[u8]) {
    let _ = status_line(body);
    match read(source, body, NOON) {
        Ok(usage) => is_possible(&usage),
        Err(error) => {
            assert_eq!((error.kind, error.retryable, error.cancelled), (FailureKind::Validation, false, false));
            let words = error.message.split_whitespace().count();
            assert!(words >= 5 && error.message.ends_with('.'), "not worded: {}", error.message);
            assert!(!error.message.contains("hush"), "it repeats the content: {}", error.message);
        }
    }
}

fn is_possible(usage: &UsageData) {
    let mut ids = Vec::new();
    for meter in &usage.meters {
        assert!(meter.used().0 >= 0, "{meter:?}");
        assert!(!matches!(meter.limit(), Limit::Of(limit) if limit.0 <= 0), "{meter:?}");
        assert!(!meter.id.is_empty() && !ids.contains(&&meter.id), "two meters `{}`", meter.id);
        ids.push(&meter.id);
    }
    assert!(!usage.meters.is_empty() || !usage.remarks.is_empty(), "nothing to show and no word why");
    assert!(usage.as_of <= NOON);
    let labels = usage.meters.iter().flat_map(|meter| [&meter.id, &meter.label]);
    let texts = usage.account.iter().chain(&usage.plan).chain(&usage.remarks).chain(labels);
    assert!(texts.into_iter().all(|text| !text.chars().any(char::is_control)), "{usage:?}");
    // The state file reads back what it wrote, and eight sources fit into it.
    let text = serde_json::to_string(usage).unwrap();
    assert_eq!(serde_json::from_str::<UsageData>(&text).unwrap(), *usage);
    assert!(text.len() < 8 << 10, "{} bytes", text.len());
}

/// Something of every kind, at its edges.
fn wrong_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(-0.0),
        json!(0.000_1),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(f64::MAX),
        json!(f64::MIN_POSITIVE),
        json!(9_007_199_254_740.99),
        json!(""),
        json!("hush"),
        json!("12.5"),
        json!("-1e400"),
        json!("NaN"),
        json!("9999-12-31T23:59:59Z"),
        json!("-009999-01-01"),
        json!("2026-02-30"),
        json!("hush\u{1b}[2J\n\r\u{7}".repeat(40)),
        json!([]),
        json!([null, 1, "hush", {}]),
        json!(vec![json!({}); 200]),
        json!({}),
        json!({"hush": "hush"}),
    ]
}

/// Every place of a value, as the steps to it.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut within = |step: String, inner: &Value| found.extend(places(inner).into_iter().map(|rest| format!("/{step}{rest}")));
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| within(key.replace('~', "~0").replace('/', "~1"), inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, inner)| within(index.to_string(), inner)),
        _ => {}
    }
    found
}

/// The JSON documents of a fixture: itself, or each line that is one.
fn documents(fixture: &Fixture) -> Vec<Value> {
    let whole = serde_json::from_slice(&fixture.body).map(|value| vec![value]);
    whole.unwrap_or_else(|_| {
        fixture.body.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
    })
}

#[test]
fn every_fixture_cut_anywhere_keeps_the_laws() {
    for fixture in fixtures() {
        for end in 0..=fixture.body.len() {
            holds(fixture.source, &fixture.body[..end]);
        }
    }
}

#[test]
fn every_value_of_every_fixture_replaced_by_every_wrong_one_keeps_the_laws() {
    let mut tried = 0;
    for fixture in fixtures() {
        for document in documents(&fixture) {
            for place in places(&document) {
                for wrong in wrong_values() {
                    let mut changed = document.clone();
                    *changed.pointer_mut(&place).unwrap() = wrong;
                    holds(fixture.source, changed.to_string().as_bytes());
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 10_000, "only {tried} tried");
}

#[test]
fn every_fixture_given_to_every_other_source_keeps_the_laws() {
    for fixture in fixtures() {
        for source in Source::ALL {
            holds(source, &fixture.body);
        }
    }
}

#[test]
fn a_document_deeper_than_any_stack_is_refused() {
    let deep = "[".repeat(1 << 20);
    for source in Source::ALL {
        holds(source, deep.as_bytes());
    }
    holds(Source::CodexLogs, format!("{{\"rate_limits\":{deep}").as_bytes());
}

fn any_source() -> impl Strategy<Value = Source> {
    proptest::sample::select(Source::ALL.to_vec())
}

/// Names that the readers look for, so that random objects reach them.
fn name() -> impl Strategy<Value = String> {
    let known: Vec<String> = fixtures()
        .iter()
        .flat_map(documents)
        .flat_map(|document| places(&document))
        .filter_map(|place| place.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned))
        .collect();
    prop_oneof![9 => proptest::sample::select(known), 1 => any::<String>()]
}

fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        (-10_i64..3_000).prop_map(|number| json!(number)),
        (-10_i64..3_000).prop_map(|number| json!(number.to_string())),
    ];
    let text = prop_oneof![any::<String>().prop_map(Value::from), proptest::sample::select(wrong_values())];
    let leaf = prop_oneof![6 => number, 1 => any::<bool>().prop_map(Value::from), 2 => text];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            4 => proptest::collection::hash_map(name(), inner, 0..8).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_json_keeps_the_laws(source in any_source(), value in any_json()) {
        holds(source, value.to_string().as_bytes());
    }

    #[test]
    fn random_bytes_keep_the_laws(source in any_source(), bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        holds(source, &bytes);
    }

    #[test]
    fn a_random_value_in_a_random_place_of_a_fixture_keeps_the_laws(
        pick in any::<prop::sample::Index>(), spot in any::<prop::sample::Index>(), value in any_json(),
    ) {
        let fixtures = fixtures();
        let fixture = pick.get(&fixtures);
        for mut document in documents(fixture) {
            let places = places(&document);
            let place: &String = spot.get(&places);
            *document.pointer_mut(place).unwrap() = value.clone();
            holds(fixture.source, document.to_string().as_bytes());
        }
    }
}
