//! Every way a question can fail, over real sockets: of which kind, in which words, tried how often, what is kept, and what
//! the bar shows.

use crate::answers::Answer;
use crate::peer::{Deed, Peer, reply};
use crate::scene::{NOW, Scene, only, settle};
use futures_util::FutureExt as _;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tacho_domain::{Clock, Instant};
use tacho_quota::{ApiError, Choice, Format, Look, Network, Options, Quotas, Source, State, Trigger, View, fingerprint, paint};
use tacho_transport::Surroundings;
use url::Url;

const TOKEN: &str = "gho_hush";
/// When the failing question is asked: the number of the one before is five minutes old.
const LATER: Instant = Instant(NOW.0 + 301_000_000);

/// What one failing question came to.
struct Outcome {
    error: Option<ApiError>,
    state: State,
    rests: Vec<Duration>,
}

/// Asks at an address after a good answer of five minutes ago. `Ok` answers give no error.
async fn outcome(address: Url, during: impl Future<Output = ()>) -> Outcome {
    let scene = Scene::new();
    scene.answers.say([Answer::Used(50)]);
    scene.process(&[("TACHO_STATUS_GITHUB_TOKEN", TOKEN)]).refresh(Trigger::Tick, &scene.cancel).await;
    let options = Options { addresses: [(Source::Copilot, address)].into(), ..only(&[Source::Copilot]) };
    let rests = Arc::new(Mutex::new(Vec::new()));
    let (written, clock) = (Arc::clone(&rests), Arc::new(|| LATER) as Clock);
    let surroundings = Surroundings {
        clock: Arc::clone(&clock),
        rest: Arc::new(move |duration: Duration| {
            written.lock().unwrap().push(duration);
            tokio::task::yield_now().boxed()
        }),
        lookup: Arc::new(|_| std::future::ready(Err(std::io::Error::other("no such name"))).boxed()),
    };
    let ask = Arc::new(Network::within(scene.places(), options.clone(), surroundings));
    let tokens = scene.tokens(&[("TACHO_STATUS_GITHUB_TOKEN", TOKEN)]);
    let quotas = Quotas::open(scene.places(), options, ask, tokens, clock);
    let (mut change, ()) = tokio::join!(quotas.refresh(Trigger::Tick, &scene.cancel), during);
    assert_eq!(*change.state, scene.written(), "what is known is written");
    let rests = rests.lock().unwrap().clone();
    Outcome { error: change.errors.pop().map(|(_, error)| error), state: scene.written(), rests }
}

/// Before the n-th retry (from 0) half to all of `2^n` s is waited, by chance; all of it is shown. A longer rest is what the
/// vendor asked for.
fn whole((n, rest): (usize, &Duration)) -> u64 {
    let backoff = Duration::from_secs(1 << n);
    // The backoff is counted in f32.
    if *rest > backoff.mul_f64(1.000_01) {
        return rest.as_secs();
    }
    assert!(*rest >= backoff.mul_f64(0.499_99), "rest {n}: {rest:?}");
    backoff.as_secs()
}

/// One line of the table.
fn row(what: &str, asked: Option<usize>, port: u16, outcome: &Outcome) -> String {
    let entry = outcome.state.find(Source::Copilot, &fingerprint(Source::Copilot, &TOKEN.into())).unwrap();
    let seconds = |until: Instant| format!("{} s", (until.0 - LATER.0) / 1_000_000);
    let error = outcome.error.as_ref().unwrap();
    assert_eq!(
        entry.error.as_ref().map(|note| (note.kind, note.status, &note.message)),
        Some((error.kind, error.status, &error.message))
    );
    assert!(!format!("{error:?} {entry:?}").contains("hush"));
    let wait = entry.not_before.map_or_else(|| "-".to_owned(), seconds);
    let held = entry.usage.as_ref().map_or_else(|| "-".to_owned(), |usage| usage.meters[0].used().to_string());
    let view = View::of(&outcome.state, &Choice::default(), LATER);
    let bar = paint(&view, Format::Line, &Look { ascii: true, ..Look::default() });
    let asked = asked.map_or_else(|| "-".to_owned(), |asked| asked.to_string());
    let tries = format!("{}/{asked}", error.tries);
    let again = if error.retryable { "later" } else { "no" };
    let message = error.message.replace(&format!("127.0.0.1:{port}"), "HOST");
    // Of a moment that was spread by chance only the whole second is shown.
    let message =
        message.split_once('.').filter(|(_, rest)| rest.ends_with('Z')).map_or(message.clone(), |(head, _)| format!("{head}Z"));
    let rests = format!("{:?}", outcome.rests.iter().enumerate().map(whole).collect::<Vec<_>>());
    format!(
        "{what:<20} | {:<10} | {tries:<5} | {rests:<10} | {again:<5} | {wait:<6} | {held:<4} | {:<24} | {message}\n",
        error.kind.as_str(),
        bar.trim_end()
    )
}

/// A peer that always does so, and the line about it.
async fn of_deed(what: &str, deed: Deed) -> String {
    let stalls = matches!(deed, Deed::Stall);
    let peer = Peer::doing(deed).await;
    let address = Url::parse(&format!("http://127.0.0.1:{}/copilot_internal/user", peer.port)).unwrap();
    let outcome = outcome(address, async {
        for tries in 1..=4 * usize::from(stalls) {
            while peer.asked().len() < tries {
                tokio::task::yield_now().await;
            }
            settle().await;
            tokio::time::pause();
            tokio::time::advance(Duration::from_secs(30)).await;
            tokio::time::resume();
        }
    });
    let outcome = outcome.await;
    for request in peer.asked() {
        let request = request.to_ascii_lowercase();
        assert!(request.starts_with("get /copilot_internal/user http/1.1"), "{request}");
        assert!(
            request.contains("authorization: token gho_hush\r\n") && request.contains("accept: application/json"),
            "{request}"
        );
        assert!(request.contains("user-agent: tacho/"), "our own name and no other product's: {request}");
    }
    row(what, Some(peer.asked().len()), peer.port, &outcome)
}

#[tokio::test]
async fn every_failure_has_its_kind_its_words_its_tries_and_keeps_the_number() {
    let reset = format!("x-ratelimit-reset: {}", LATER.0 / 1_000_000 + 600);
    let spent = ["x-ratelimit-remaining: 0", reset.as_str()];
    let html = "<html>Sign in to the hotel's network</html>";
    let mut table = String::from(
        "what                 | kind       | tries | rests, s   | again | wait   | kept | bar                      | message\n",
    );
    for (what, deed) in [
        ("401", reply("401 Unauthorized", &[], "{}")),
        ("403", reply("403 Forbidden", &[], "{}")),
        ("403, limit reached", reply("403 Forbidden", &spent, "{}")),
        ("404", reply("404 Not Found", &[], "{}")),
        ("408", reply("408 Request Timeout", &[], "{}")),
        ("429", reply("429 Too Many Requests", &[], "{}")),
        ("429, after 0", reply("429 Too Many Requests", &["Retry-After: 0"], "{}")),
        ("429, after 7", reply("429 Too Many Requests", &["Retry-After: 7"], "{}")),
        ("429, after 900", reply("429 Too Many Requests", &["Retry-After: 900"], "{}")),
        ("500", reply("500 Internal Server Error", &[], "{}")),
        ("502", reply("502 Bad Gateway", &[], "{}")),
        ("503, after 900", reply("503 Service Unavailable", &["Retry-After: 900"], "{}")),
        ("302 to elsewhere", reply("302 Found", &["Location: https://evil.example/"], "")),
        ("no answer", Deed::Stall),
        ("reset", Deed::Reset),
        ("closed", Deed::Say(Vec::new())),
        ("not JSON", reply("200 OK", &[], html)),
        ("cut JSON", reply("200 OK", &[], r#"{"quota_snapshots": {"chat""#)),
        ("another shape", reply("200 OK", &[], r#"{"quota_snapshots": {"chat": {"entitlement": []}}}"#)),
        ("a list", reply("200 OK", &[], "[1, 2]")),
        ("too large", reply("200 OK", &[], &" ".repeat((1 << 20) + 1))),
    ] {
        table.push_str(&of_deed(what, deed).await);
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = outcome(Url::parse(&format!("http://127.0.0.1:{port}/x")).unwrap(), async {}).await;
    table.push_str(&row("refused", None, port, &refused));
    let unknown = outcome(Url::parse("https://quota.vendor.test/x").unwrap(), async {}).await;
    table.push_str(&row("unknown name", None, 0, &unknown));
    let plain = outcome(Url::parse("http://quota.vendor.test/x").unwrap(), async {}).await;
    table.push_str(&row("no TLS", None, 0, &plain));
    insta::assert_snapshot!("errors", table);
}

#[tokio::test]
async fn an_answer_over_the_wire_is_read_and_kept() {
    let body = r#"{"login": "octocat", "copilot_plan": "individual_pro", "quota_snapshots":
        {"premium_interactions": {"entitlement": 300, "quota_remaining": 225.5, "unlimited": false}}}"#;
    let peer = Peer::doing(reply("200 OK", &[], body)).await;
    let address = Url::parse(&format!("http://127.0.0.1:{}/x", peer.port)).unwrap();
    let outcome = outcome(address, async {}).await;
    assert_eq!((outcome.error, peer.asked().len()), (None, 1));
    let usage = outcome.state.present(Source::Copilot).unwrap().usage.as_ref().unwrap();
    assert_eq!((usage.meters[0].used().to_string().as_str(), usage.as_of), ("74.5", LATER));
}
