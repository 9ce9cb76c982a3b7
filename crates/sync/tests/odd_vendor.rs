//! A vendor of our own that is as odd as it needs to be: one that says "unchanged", whose pages lead in circles, whose rows
//! are of other days, whose reader breaks down and is repaired later.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod stage;

use stage::{Stage, assert_same, today};
use std::io::BufRead;
use std::sync::atomic::{AtomicU8, Ordering};
use tacho_connectors::{
    Access, Answer, Auth, Call, Connector, CredentialField, Diagnosis, FailureKind, Misread, Pace, Profile, Read, Refusal, Reply,
    Settings, Sink, Verdict,
};
use tacho_domain::{
    Cadence, Day, Fact, IdentityRef, IntegrationId, Measure, Measures, Slice, StreamRole, StreamSpec, ToolId, ToolProfile,
    UsageFact, Window,
};
use tacho_store::{Credential, NewIntegration};
use tacho_sync::{Engine, Scope, Summary, SyncError};
use tokio_util::sync::CancellationToken;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// How the reader is today: 0 well, 1 it does not understand, 2 it panics. Each test is a process of its own.
static HEALTH: AtomicU8 = AtomicU8::new(0);

#[derive(Debug)]
struct Odd;

static ODD: Odd = Odd;

static STREAMS: &[StreamSpec] = &[
    StreamSpec { id: "list", label: "A list", cadence: Cadence::Snapshot, role: StreamRole::Counted, ..StreamSpec::DAILY },
    StreamSpec { id: "days", label: "Days", by_default: true, ..StreamSpec::DAILY },
];

static PROFILE: Profile = Profile {
    id: "odd",
    name: "Odd",
    subject: tacho_connectors::Subject::Use,
    tool: ToolProfile {
        id: "odd",
        name: "Odd",
        interaction_unit: "sessions",
        interaction_formula: "",
        active_formula: "",
        acceptance: &[],
        colour: 7,
        ..ToolProfile::BLANK
    },
    credential: CredentialField { label: "Key", environment: "ODD_KEY", looks_like: "odd", check: |_| Ok(()) },
    settings: &[],
    streams: STREAMS,
    base_url: "https://odd.example",
    download_hosts: &[],
    pace: Pace { gap_ms: 0, per_minute: None },
    docs: "https://odd.example/docs",
    how_to: "",
    access: Access::KEY,
};

impl Connector for Odd {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn streams(&self, _: &Settings) -> Vec<&'static StreamSpec> {
        STREAMS.iter().collect()
    }

    fn probe(&self, _: &Settings, _: Day) -> Vec<Call> {
        Vec::new()
    }

    fn calls(&self, stream: &StreamSpec, slice: &Slice, settings: &Settings) -> Vec<Call> {
        let url = settings.url(&PROFILE, &[stream.id, &slice.window.to.to_string()]);
        vec![Call { conditional: true, ..Call::get(stream.id, "page", slice.window, url, Auth::Bearer) }]
    }

    /// Lines of `day who sessions`, or of `next path`.
    fn read(&self, call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
        let health = HEALTH.load(Ordering::Relaxed);
        assert!(health != 2, "a reader that breaks down");
        let lines: Vec<String> = reply.body.lines().map(Result::unwrap).collect();
        if health == 1 {
            let (path, expected, found) = ("line 1".to_owned(), "sense".to_owned(), "none".to_owned());
            return Err(Misread { connector: "odd", stream: call.stream, step: call.step, path, expected, found });
        }
        let mut next = Vec::new();
        for line in &lines {
            let words: Vec<&str> = line.split(' ').collect();
            if words[0] == "next" {
                let mut url = call.url.clone();
                url.set_path(words[1]);
                next.push(Call { url, ..call.clone() });
                continue;
            }
            let measures = Measures::default().with(Measure::Sessions, words[2].parse::<i64>().unwrap());
            let identity = IdentityRef::email(words[1]);
            let day = words[0].parse().unwrap();
            sink.fact(Fact::Usage(UsageFact { day, identity, active: Some(true), agent: None, measures }));
        }
        let next = if call.is_replay() { Vec::new() } else { next };
        Ok(Read::more(if lines.is_empty() { Answer::Nothing } else { Answer::Given }, next))
    }

    fn diagnose(&self, _: &Call, refusal: &Refusal<'_>) -> Diagnosis {
        let kind = FailureKind::of_status(refusal.status);
        let verdict = if refusal.status == 404 { Verdict::NoData } else { Verdict::Broken };
        Diagnosis { kind, verdict, cause: "Refused.".into(), fix: "Ask nicely.".into() }
    }

    fn saved(&self) -> Vec<&'static StreamSpec> {
        Vec::new()
    }

    fn recognise(&self, _: &[u8]) -> Option<Call> {
        None
    }
}

/// The stage with the odd vendor on a server of its own.
async fn odd() -> (Stage, Engine, MockServer, IntegrationId) {
    let server = MockServer::start().await;
    let stage = Stage::new().await;
    let engine = stage.engine_allowing(&server.address().to_string()).with_connectors(|id| (id == "odd").then_some(&ODD as _));
    let settings = [("base_url".to_owned(), server.uri())].into();
    let credential = Some(Credential { secret: &"odd".into(), vault: &stage.vault });
    let new =
        NewIntegration { connector: "odd", tool: &ToolId::new("odd"), name: "Odd", settings: &settings, credential, owner: None };
    let id = stage.store.add_integration(stage.organization, &new, stage.now()).await.unwrap();
    (stage, engine, server, id)
}

async fn serve(server: &MockServer, address: &str, body: &str, tag: Option<&str>) {
    let mut reply = ResponseTemplate::new(200).set_body_string(body);
    if let Some(tag) = tag {
        reply = reply.insert_header("etag", tag);
        let unchanged = Mock::given(method("GET")).and(path(address)).and(header("if-none-match", tag));
        unchanged.respond_with(ResponseTemplate::new(304)).with_priority(1).mount(server).await;
    }
    Mock::given(method("GET")).and(path(address)).respond_with(reply).mount(server).await;
}

async fn sync(stage: &Stage, engine: &Engine, id: IntegrationId) -> Result<Summary, SyncError> {
    engine.sync(stage.organization, id, &Scope { days: 2, ..Scope::default() }, &CancellationToken::new()).await
}

fn yesterday() -> String {
    format!("/days/{}", today().minus(1))
}

fn snapshot() -> String {
    format!("/list/{}", today())
}

async fn fetched_at(stage: &Stage, id: IntegrationId, stream: &str) -> tacho_domain::Instant {
    let rows = stage.store.list_slices(stage.organization, id, Some(stream), Window::ending(today(), 2)).await.unwrap();
    rows[0].fetched_at
}

#[tokio::test]
async fn what_the_vendor_calls_unchanged_is_kept_and_marked_as_read() {
    let (stage, engine, server, id) = odd().await;
    serve(&server, &snapshot(), &format!("{} ada@example.com 3\n", today()), Some("\"a\"")).await;
    sync(&stage, &engine, id).await.unwrap();
    let before = stage.dump().await;
    stage.pass_seconds(60);
    let summary = sync(&stage, &engine, id).await.unwrap();
    assert_eq!((summary.days_changed, fetched_at(&stage, id, "list").await), (0, stage.now()));
    assert_same(&stage.dump().await, &before, "unchanged");
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.iter().filter(|request| request.headers.contains_key("if-none-match")).count(), 1);
}

#[tokio::test]
async fn an_unchanged_first_page_says_nothing_of_the_second() {
    let (stage, engine, server, id) = odd().await;
    serve(&server, &snapshot(), &format!("{} ada@example.com 3\nnext /more\n", today()), Some("\"a\"")).await;
    serve(&server, "/more", &format!("{} bo@example.com 4\n", today()), None).await;
    sync(&stage, &engine, id).await.unwrap();
    let before = stage.dump().await;
    assert!(before.contains("bo@example.com"));
    sync(&stage, &engine, id).await.unwrap();
    assert_same(&stage.dump().await, &before, "both pages were read again");
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.iter().filter(|request| request.url.path() == "/more").count(), 2);
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_end_in_words() {
    let (stage, engine, server, id) = odd().await;
    serve(&server, &snapshot(), &format!("{} ada@example.com 3\n", today()), None).await;
    serve(&server, &yesterday(), &format!("next /a\n{} ada@example.com 1\n", today().minus(1)), None).await;
    serve(&server, "/a", &format!("next {}\n", yesterday()), None).await;
    let summary = sync(&stage, &engine, id).await.unwrap();
    assert!(summary.stream_failures["days"].cause.contains("repeats a page"), "{summary:?}");
    assert!(!summary.stream_failures.contains_key("list"), "{summary:?}");
    let days = stage.store.list_slices(stage.organization, id, Some("days"), Window::ending(today(), 2)).await.unwrap();
    assert_eq!(days, [], "the day stays missing");
}

#[tokio::test]
async fn a_row_of_a_day_that_was_not_asked_for_is_counted_and_left_out() {
    let (stage, engine, server, id) = odd().await;
    let body = format!("{} ada@example.com 1\n{} ada@example.com 9\n", today().minus(1), today().minus(5));
    serve(&server, &yesterday(), &body, None).await;
    let summary = sync(&stage, &engine, id).await.unwrap();
    assert_eq!(summary.outside_window, 1);
    assert!(!stage.dump().await.contains("\"sessions\":9"));
}

#[tokio::test]
async fn what_a_reader_did_not_understand_a_repaired_one_reads_from_the_archive() {
    let (stage, engine, server, id) = odd().await;
    serve(&server, &yesterday(), &format!("{} ada@example.com 7\n", today().minus(1)), None).await;
    for health in [2, 1] {
        HEALTH.store(health, Ordering::Relaxed);
        let summary = sync(&stage, &engine, id).await.unwrap();
        assert_eq!(summary.stream_failures["days"].kind, "validation", "{summary:?}");
    }
    HEALTH.store(0, Ordering::Relaxed);
    drop(server);
    let summary = engine.reread(stage.organization, Some(id), &CancellationToken::new()).await.unwrap();
    assert_eq!((summary.days_changed, summary.rows), (1, 1), "{summary:?}");
    assert!(stage.dump().await.contains("\"sessions\":7"));
}
