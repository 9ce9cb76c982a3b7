//! Every quirk of Cursor's members, daily usage, events and spend.

use super::*;
use crate::json::tests::{Taken, read, window};
use crate::{Answer, Method};
use tacho_domain::{Dimension, Fact, IdentityKind, Measure, Measures, Slice, UsageFact};

const DAY: &str = "2026-03-02";
/// 2026-03-02T00:00:00Z and its last millisecond.
const STARTS: i64 = 1_772_409_600_000;
const ENDS: i64 = STARTS + 86_399_999;

fn first_call(stream: &'static str, from: &str, to: &str) -> Call {
    let spec = profile::PROFILE.streams.iter().find(|spec| spec.id == stream).unwrap();
    Cursor.calls(spec, &Slice { stream, window: window(from, to) }, &Settings::default()).remove(0)
}

fn body(call: &Call) -> Value {
    serde_json::from_str(call.body.as_deref().unwrap()).unwrap()
}

fn daily(rows: &str) -> (Read, Taken) {
    read(&Cursor, &first_call(DAILY, DAY, DAY), &format!(r#"{{"data":[{rows}]}}"#)).unwrap()
}

fn events(rows: &str) -> Taken {
    let text = format!(r#"{{"totalUsageEventsCount":1,"pagination":{{"hasNextPage":false}},"usageEvents":[{rows}]}}"#);
    read(&Cursor, &first_call(EVENTS, DAY, DAY), &text).unwrap().1
}

fn event(rest: &str) -> String {
    format!(r#"{{"timestamp":"{}","userEmail":"Ada@Example.com"{rest}}}"#, STARTS + 5)
}

fn ada(taken: &Taken) -> Measures {
    taken.sum(IdentityKind::Email, "ada@example.com")
}

#[test]
fn days_are_asked_for_up_to_their_last_millisecond() {
    let call = first_call(DAILY, "2026-02-20", DAY);
    assert_eq!((call.method, call.auth), (Method::Post, Auth::BasicUser));
    assert_eq!(call.url.as_str(), "https://api.cursor.com/teams/daily-usage-data");
    let first = STARTS - 10 * 86_400_000;
    assert_eq!(body(&call), json!({ "startDate": first, "endDate": ENDS, "page": 1, "pageSize": 1000 }));
}

#[test]
fn events_are_asked_for_day_by_day() {
    let spec = profile::PROFILE.streams.iter().find(|spec| spec.id == EVENTS).unwrap();
    let slice = Slice { stream: EVENTS, window: window("2026-03-01", DAY) };
    let calls = Cursor.calls(spec, &slice, &Settings::default());
    assert_eq!(calls.len(), 2);
    assert_eq!(body(&calls[1])["startDate"], json!(STARTS));
    assert_eq!(body(&calls[1])["endDate"], json!(ENDS));
}

#[test]
fn the_doctor_tries_all_four_endpoints() {
    let probes = Cursor.probe(&Settings::default(), "2026-03-03".parse().unwrap());
    let paths: Vec<&str> = probes.iter().map(|call| call.url.path()).collect();
    assert_eq!(paths, ["/teams/members", "/teams/daily-usage-data", "/teams/filtered-usage-events", "/teams/spend"]);
    assert!(probes[1..].iter().all(|call| body(call)["pageSize"] == json!(1)), "cheap ones");
}

#[test]
fn records_of_commits_are_asked_for_where_the_setting_says_so() {
    let (off, on) = (Settings::default(), Settings::new([("commit_records", "on")]));
    let has = |settings: &Settings| Cursor.streams(settings).iter().any(|stream| stream.id == COMMITS);
    assert_eq!((has(&off), has(&Settings::new([("commit_records", "off")])), has(&on)), (false, false, true));
    let probes = Cursor.probe(&on, "2026-03-03".parse().unwrap());
    let probe = probes.last().unwrap();
    assert_eq!((probes.len(), probe.method, probe.auth), (5, Method::Get, Auth::BasicUser));
    assert_eq!(
        probe.url.as_str(),
        "https://api.cursor.com/analytics/ai-code/commits?startDate=2026-03-02T00%3A00%3A00.000Z\
         &endDate=2026-03-02T23%3A59%3A59.999Z&page=1&pageSize=1"
    );
    let spec = profile::PROFILE.streams.iter().find(|spec| spec.id == COMMITS).unwrap();
    let calls = Cursor.calls(spec, &Slice { stream: COMMITS, window: window("2026-03-01", DAY) }, &on);
    assert_eq!(calls.len(), 2, "one for each day");
    assert!(calls.iter().all(|call| call.archive == crate::Archive::Never), "messages are in the replies");
    assert!(Cursor.check(&Settings::new([("commit_records", "yes")])).unwrap_err().to_string().contains("`on`"));
}

#[test]
fn nothing_that_a_record_of_a_commit_says_in_words_is_taken() {
    let text = r#"{"items":[{"commitHash":"0123456789abcdef0123456789abcdef01234567","message":"leaky subject",
        "tabLinesAdded":1,"commitTs":"2026-03-02T10:00:00Z","metadata":[{"fileName":"leaky.rs"}]}],"totalCount":1}"#;
    let spec = profile::PROFILE.streams.iter().find(|spec| spec.id == COMMITS).unwrap();
    let slice = Slice { stream: COMMITS, window: window(DAY, DAY) };
    let call = Cursor.calls(spec, &slice, &Settings::new([("commit_records", "on")])).remove(0);
    let (answer, taken) = read(&Cursor, &call, text).unwrap();
    assert_eq!((answer, taken.facts.len(), taken.unknown.as_slice()), (Read::done(), 1, &["items.metadata".to_owned()][..]));
    assert!(!format!("{taken:?}").contains("leaky"));
    assert_eq!(Cursor.recognise(text.as_bytes()), None, "saved ones are not imported");
}

#[test]
fn members_hold_seats_unless_they_left_or_only_manage() {
    let text = r#"{"teamMembers":[
        {"id":"user_1","name":"Ada","email":"Ada@Example.com","role":"owner","isRemoved":false},
        {"id":77,"name":" ","email":"bo@example.com","role":"member","isRemoved":true},
        {"name":"Cy","email":"cy@example.com","role":"free-owner"},
        {"name":"Di","email":"di@example.com","role":"member"},
        {"name":"Nobody","role":"member"}]}"#;
    let (answer, taken) = read(&Cursor, &first_call(MEMBERS, DAY, DAY), text).unwrap();
    assert_eq!(answer, Read::done());
    let seats: Vec<&str> = taken
        .facts
        .iter()
        .filter_map(|f| if let Fact::Seat(seat) = f { Some(seat.identity.key.as_str()) } else { None })
        .collect();
    assert_eq!(seats, ["ada@example.com", "di@example.com"]);
    let removed: Vec<(Option<&str>, bool)> = taken
        .facts
        .iter()
        .filter_map(|f| if let Fact::Person(person) = f { Some((person.name.as_deref(), person.removed)) } else { None })
        .collect();
    assert_eq!(removed, [(Some("Ada"), false), (None, true), (Some("Cy"), false), (Some("Di"), false)]);
    assert_eq!((taken.skipped.len(), taken.unknown.len()), (1, 0));
}

#[test]
fn a_file_of_members_tells_of_people_and_of_no_seats() {
    let text = r#"{"teamMembers":[{"email":"ada@example.com","role":"member"}]}"#;
    let call = Cursor.recognise(text.as_bytes()).unwrap();
    assert_eq!(call.stream, MEMBERS);
    let (_, taken) = read(&Cursor, &call, text).unwrap();
    assert!(matches!(taken.facts.as_slice(), [Fact::Person(_)]));
}

#[test]
fn a_day_of_use_becomes_measures_and_features() {
    let row = r#"{"userId":1,"day":"2026-03-02","date":1772409600000,"email":" Ada@Example.com","isActive":true,
        "totalLinesAdded":900,"totalLinesDeleted":90,"acceptedLinesAdded":11,"acceptedLinesDeleted":12,
        "totalApplies":13,"totalAccepts":14,"totalRejects":15,"totalTabsShown":16,"totalTabsAccepted":17,
        "composerRequests":1,"chatRequests":2,"agentRequests":4,"cmdkUsages":8,"bugbotUsages":3,
        "subscriptionIncludedReqs":1,"apiKeyReqs":2,"usageBasedReqs":3,"mostUsedModel":"m",
        "applyMostUsedExtension":".rs","tabMostUsedExtension":null,"clientVersion":"1.0"}"#;
    let (_, taken) = daily(row);
    let said: Vec<(&str, i64)> = taken.usage()[0].measures.said().map(|(measure, value)| (measure.name(), value)).collect();
    assert_eq!(
        said,
        [
            ("interactions", 32),
            ("prompts", 15),
            ("suggestions", 16),
            ("acceptances", 17),
            ("edits_proposed", 13),
            ("edits_accepted", 14),
            ("edits_rejected", 15),
            ("lines_added", 11),
            ("lines_removed", 12),
        ]
    );
    assert_eq!((taken.usage()[0].active, taken.usage()[0].agent), (Some(true), Some(true)));
    let features: Vec<Option<i64>> = ["chat", "composer", "agent", "cmdk", "tab", "bugbot"]
        .map(|feature| taken.split(feature).and_then(|split| split.measures[Measure::Interactions]))
        .to_vec();
    assert_eq!(features, [2, 1, 4, 8, 17, 3].map(Some));
    assert_eq!(taken.split("tab").unwrap().dimension, Dimension::Feature);
    assert!(taken.unknown.is_empty(), "{:?}", taken.unknown);
}

#[test]
fn a_listed_member_who_did_nothing_is_not_active() {
    let zero = r#"{"day":"2026-03-02","email":"bo@example.com","isActive":false,"chatRequests":0,"agentRequests":0}"#;
    let (_, taken) = daily(zero);
    let usage: &UsageFact = taken.usage()[0];
    assert_eq!((usage.active, usage.agent, usage.measures[Measure::Interactions]), (Some(false), Some(false), Some(0)));
    assert!(taken.split("chat").is_none());
}

#[test]
fn older_rows_have_only_milliseconds_and_no_flag() {
    let rows = r#"{"date":1772409600000,"email":"a@example.com","chatRequests":1},
        {"date":"1772409600000","email":"b@example.com","totalTabsAccepted":0},
        {"date":1772409600000,"email":"c@example.com"}"#;
    let (_, taken) = daily(rows);
    let active: Vec<Option<bool>> = taken.usage().iter().map(|usage| usage.active).collect();
    assert_eq!(active, [Some(true), Some(false), None]);
    assert!(taken.usage().iter().all(|usage| usage.day.to_string() == DAY));
    assert_eq!(taken.usage()[0].agent, None, "agent requests were not said");
}

#[test]
fn rows_without_a_person_or_of_another_day_are_left_out_and_counted() {
    let (_, taken) = daily(r#"{"day":"2026-03-02","email":""},{"day":"2026-03-01","email":"a@example.com"}"#);
    assert!(taken.facts.is_empty());
    assert_eq!(taken.skipped.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [1, 2]);
    let undated = read(&Cursor, &first_call(DAILY, DAY, DAY), r#"{"data":[{"email":"a@example.com"}]}"#);
    assert_eq!(undated.unwrap_err().path, "data.day");
}

#[test]
fn days_without_any_member_are_no_data() {
    assert_eq!(daily("").0, Read::nothing());
    let further = page_after(&first_call(DAILY, DAY, DAY), 1000);
    assert_eq!(read(&Cursor, &further, r#"{"data":[]}"#).unwrap().0, Read::done());
}

#[test]
fn pages_of_days_follow_each_other() {
    let page = |more: bool| format!(r#"{{"data":[{{"day":"{DAY}","email":"a@b.c"}}],"pagination":{{"hasNextPage":{more}}}}}"#);
    let (first, _) = read(&Cursor, &first_call(DAILY, DAY, DAY), &page(true)).unwrap();
    let second = &first.next[0];
    assert_eq!(body(second), json!({ "startDate": STARTS, "endDate": ENDS, "page": 2, "pageSize": 1000 }));
    let (third, _) = read(&Cursor, second, &page(true)).unwrap();
    assert_eq!(body(&third.next[0])["page"], json!(3));
    assert!(read(&Cursor, second, &page(false)).unwrap().0.next.is_empty());
    let endless = read(&Cursor, second, r#"{"data":[],"pagination":{"hasNextPage":true}}"#).unwrap_err();
    assert_eq!(endless.path, "pagination.hasNextPage");
}

#[test]
fn events_are_added_up_per_person_and_model() {
    let rows = [
        event(
            r#","conversationId":"c1","model":"m1","kind":"Usage-based","maxMode":true,"requestsCosts":1.4,
            "isTokenBasedCall":true,"isChargeable":true,"isHeadless":false,"cursorTokenFee":9.5,"chargedCents":1.00005,
            "tokenUsage":{"inputTokens":1,"outputTokens":2,"cacheWriteTokens":3,"cacheReadTokens":4,"totalCents":7,
            "discountPercentOff":10}"#,
        ),
        event(r#","conversationId":"c1","model":"m2","kind":"Included in Business","isChargeable":false,"chargedCents":8"#),
        event(r#","conversationId":"c2","model":"m2","kind":"Included in Business","isChargeable":false,"chargedCents":0.00005"#),
    ];
    let taken = events(&rows.join(","));
    let said: Vec<(&str, i64)> = taken.usage()[0].measures.said().map(|(measure, value)| (measure.name(), value)).collect();
    assert_eq!(
        said,
        [
            ("requests", 3),
            ("sessions", 2),
            ("tokens_input", 1),
            ("tokens_output", 2),
            ("tokens_cache_read", 4),
            ("tokens_cache_write", 3),
            // 10000.5, 80000 and 0.5 micro-dollars, each rounded before they are added; no fee on top.
            ("cost_micros", 90_002),
            ("billed_micros", 10_001),
        ]
    );
    assert_eq!((taken.usage().len(), taken.usage()[0].active, taken.usage()[0].agent), (1, None, None));
    let m2 = taken.split("m2").unwrap();
    assert_eq!(
        (m2.dimension, m2.measures[Measure::Requests], m2.measures[Measure::Cost]),
        (Dimension::Model, Some(2), Some(80_001))
    );
    assert!(taken.unknown.is_empty(), "{:?}", taken.unknown);
}

#[test]
fn an_errored_event_costs_nothing_and_is_no_request() {
    for kind in ["USAGE_EVENT_KIND_ERRORED_NOT_CHARGED", "Errored, Not Charged"] {
        let taken = events(&event(&format!(r#","kind":"{kind}","isChargeable":true,"chargedCents":8"#)));
        let sums = ada(&taken);
        assert_eq!((sums[Measure::Requests], sums[Measure::Cost], sums[Measure::Billed]), (Some(0), Some(0), Some(0)), "{kind}");
    }
}

#[test]
fn both_spellings_of_a_kind_say_who_pays() {
    for (kind, billed) in [
        ("Usage-based", Some(80_000)),
        ("USAGE_EVENT_KIND_USAGE_BASED", Some(80_000)),
        ("Included in Business", Some(0)),
        ("USAGE_EVENT_KIND_INCLUDED_IN_BUSINESS", Some(0)),
        ("Some new kind", None),
    ] {
        let taken = events(&event(&format!(r#","kind":"{kind}","chargedCents":8"#)));
        assert_eq!((ada(&taken)[Measure::Cost], ada(&taken)[Measure::Billed]), (Some(80_000), billed), "{kind}");
    }
}

#[test]
fn what_an_event_does_not_say_stays_unsaid() {
    let taken = events(&event(r#","tokenUsage":{"outputTokens":5}"#));
    let said: Vec<(&str, i64)> = ada(&taken).said().map(|(measure, value)| (measure.name(), value)).collect();
    assert_eq!(said, [("requests", 1), ("tokens_output", 5)]);
    assert!(taken.split("unknown").is_some(), "an event without a model");
}

#[test]
fn service_accounts_go_before_their_address_and_nobody_is_kept() {
    let rows = [
        event(r#","serviceAccountId":"sa_1","serviceAccountName":"Nightly","chargedCents":1"#),
        format!(r#"{{"timestamp":{STARTS},"chargedCents":2}}"#),
    ];
    let taken = events(&rows.join(","));
    assert_eq!(taken.sum(IdentityKind::ServiceAccount, "sa_1")[Measure::Cost], Some(10_000));
    assert_eq!(taken.sum(IdentityKind::ServiceAccount, "nobody")[Measure::Cost], Some(20_000));
    assert_eq!(taken.usage().len(), 2);
}

#[test]
fn events_outside_the_day_are_left_out_unless_replayed() {
    let rows = [ENDS, ENDS + 1].map(|at| format!(r#"{{"timestamp":"{at}","userEmail":"ada@example.com"}}"#));
    let rows = format!(r#"{},{{"timestamp":"soon","userEmail":"ada@example.com"}}"#, rows.join(","));
    let live = events(&rows);
    assert_eq!((ada(&live)[Measure::Requests], live.skipped.len()), (Some(1), 2));
    let text = format!(r#"{{"usageEvents":[{rows}]}}"#);
    let call = Cursor.recognise(text.as_bytes()).unwrap();
    assert_eq!((call.stream, call.window), (EVENTS, window(DAY, DAY)));
    let (_, replayed) = read(&Cursor, &call, &text).unwrap();
    let days: Vec<String> = replayed.usage().iter().map(|usage| usage.day.to_string()).collect();
    assert_eq!((days, replayed.skipped.len()), (vec![DAY.to_owned(), "2026-03-03".to_owned()], 1));
}

#[test]
fn a_documented_page_leads_to_the_next_and_says_no_sessions() {
    let rows = event(r#","conversationId":"c1""#);
    let text = format!(r#"{{"totalUsageEventsCount":3,"pagination":{{"hasNextPage":true}},"usageEvents":[{rows}]}}"#);
    let (first, taken) = read(&Cursor, &first_call(EVENTS, DAY, DAY), &text).unwrap();
    assert_eq!(body(&first.next[0])["page"], json!(2));
    assert_eq!(ada(&taken)[Measure::Sessions], None, "a conversation may go on on the next page");
    let last = text.replace("true", "false");
    let (last, taken) = read(&Cursor, &first.next[0], &last).unwrap();
    assert_eq!((last, ada(&taken)[Measure::Sessions]), (Read::done(), None));
}

#[test]
fn an_answer_without_pagination_is_paged_by_its_count_and_real_size() {
    let page = |rows: usize| {
        let rows = vec![event(""); rows].join(",");
        format!(r#"{{"totalUsageEventsCount":5,"usageEventsDisplay":[{rows}]}}"#)
    };
    let (first, _) = read(&Cursor, &first_call(EVENTS, DAY, DAY), &page(2)).unwrap();
    assert_eq!((&body(&first.next[0])["page"], &body(&first.next[0])["pageSize"]), (&json!(2), &json!(2)));
    let (second, _) = read(&Cursor, &first.next[0], &page(2)).unwrap();
    assert_eq!(body(&second.next[0])["page"], json!(3));
    assert!(read(&Cursor, &second.next[0], &page(1)).unwrap().0.next.is_empty());
    assert!(read(&Cursor, &second.next[0], &page(0)).unwrap().0.next.is_empty(), "fewer than counted: not asked for ever");
}

#[test]
fn a_day_without_events_is_an_answer() {
    let text = r#"{"totalUsageEventsCount":0,"pagination":{"hasNextPage":false},"usageEvents":[]}"#;
    let (answer, taken) = read(&Cursor, &first_call(EVENTS, DAY, DAY), text).unwrap();
    assert_eq!((answer.answer, taken.facts.len()), (Answer::Given, 0));
    let neither = read(&Cursor, &first_call(EVENTS, DAY, DAY), r#"{"totalUsageEventsCount":0}"#).unwrap_err();
    assert_eq!(neither.path, "usageEvents", "an answer of another kind is not taken for a day without events");
}

#[test]
fn the_cycle_so_far_is_a_total_per_page() {
    let text = r#"{"teamMemberSpend":[
        {"userId":"user_1","name":"Ada","email":"a@example.com","role":"owner","spendCents":1.5,"overallSpendCents":100.25,
         "fastPremiumRequests":1,"hardLimitOverrideDollars":0,"monthlyLimitDollars":null,"effectivePerUserLimitDollars":50},
        {"userId":"user_2","spendCents":2}],"subscriptionCycleStart":1772409600000,"totalMembers":3,"totalPages":2}"#;
    let (first, taken) = read(&Cursor, &first_call(SPEND, "2026-03-09", "2026-03-09"), text).unwrap();
    let totals: Vec<(String, &str, i64)> = taken
        .facts
        .iter()
        .filter_map(|f| {
            if let Fact::Total(total) = f { Some((total.day.to_string(), total.name.as_str(), total.value)) } else { None }
        })
        .collect();
    let day = "2026-03-09".to_owned();
    let cycle: tacho_domain::Day = "2026-03-02".parse().unwrap();
    let expected = [
        (day.clone(), "spend_micros", 35_000),
        (day.clone(), "overall_spend_micros", 1_002_500),
        (day, "cycle_first_day", i64::from(cycle.0)),
    ];
    assert_eq!(totals, expected);
    assert_eq!(body(&first.next[0]), json!({ "page": 2, "pageSize": 1000 }));
    assert!(read(&Cursor, &first.next[0], text).unwrap().0.next.is_empty(), "two pages are all");
    assert!(taken.unknown.is_empty(), "{:?}", taken.unknown);
    let replay = Cursor.recognise(text.as_bytes()).unwrap();
    assert_eq!((replay.stream, replay.window), (SPEND, window(DAY, DAY)));
    assert!(read(&Cursor, &replay, text).unwrap().0.next.is_empty());
}

#[test]
fn a_further_page_of_spend_that_comes_to_nothing_says_nothing() {
    let text = r#"{"teamMemberSpend":[{"spendCents":0,"overallSpendCents":0}],"totalPages":3}"#;
    let (first, taken) = read(&Cursor, &first_call(SPEND, DAY, DAY), text).unwrap();
    assert_eq!(taken.facts.len(), 2, "none was spent");
    let (second, taken) = read(&Cursor, &first.next[0], text).unwrap();
    assert_eq!((taken.facts.len(), second.next.len()), (0, 1));
}

#[test]
fn saved_days_are_known_by_their_fields() {
    let text = r#"{"data":[{"day":null,"date":1772409600000,"composerRequests":1,"totalTabsShown":2}]}"#;
    let call = Cursor.recognise(text.as_bytes()).unwrap();
    assert_eq!((call.stream, call.window), (DAILY, window(DAY, DAY)));
    for other in [r#"{"data":[]}"#, r#"{"usageEvents":[]}"#, r#"{"teamMemberSpend":[]}"#, "nothing"] {
        assert_eq!(Cursor.recognise(other.as_bytes()), None, "{other}");
    }
}
