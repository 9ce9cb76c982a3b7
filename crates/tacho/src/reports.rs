//! Reports of failures to a Sentry that the operator named: a job that was given up, an answer with 5xx, a panic. What goes is
//! the fixed sentence of the log line and the numbers in [`TOLD`]; no cause, no address, no body, no name of anybody.

use crate::door;
use crate::failure::{Failure, Outcome};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tacho_transport::Postbox;
use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Log lines of this target are reported.
const TARGET: &str = "tacho::report";

/// The only fields that are told.
const TOLD: [&str; 9] = ["request_id", "method", "route", "status", "job", "organization", "integration", "kind", "location"];

/// Reports that may wait; more at once say nothing new.
const WAITING: usize = 64;
/// Requests remembered, so that each is reported once although several lines speak of it.
const REMEMBERED: usize = 32;
/// How long a program that ends waits for its last reports.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a collector that refuses is left alone.
const REST: Duration = Duration::from_mins(1);

/// A line of the log on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Report {
    message: String,
    tags: Map<String, Value>,
}

/// Reports that were taken and are neither delivered nor lost yet.
#[derive(Default)]
struct Waiting {
    count: AtomicUsize,
    changed: Notify,
}

impl Waiting {
    fn take(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    fn done(&self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
        self.changed.notify_one();
    }
}

/// The reporter while the program runs.
pub(crate) struct Reports {
    waiting: Arc<Waiting>,
}

/// The layer that listens to the log.
pub(crate) struct Listener {
    sender: Sender<Report>,
    waiting: Arc<Waiting>,
    seen: Mutex<VecDeque<String>>,
}

/// Starts reporting to a DSN: `https://<key>@<host>/<project>`.
pub(crate) fn start(dsn: &SecretString) -> Outcome<(Listener, Reports)> {
    let postbox = postbox(dsn)?;
    let (sender, receiver) = channel(WAITING);
    let waiting = Arc::new(Waiting::default());
    tokio::spawn(deliver(postbox, receiver, Arc::clone(&waiting)));
    Ok((Listener { sender, waiting: Arc::clone(&waiting), seen: Mutex::default() }, Reports { waiting }))
}

impl Reports {
    /// Lets the last reports go out, for a while.
    pub(crate) async fn finish(self) {
        let empty = async {
            while self.waiting.count.load(Ordering::Relaxed) > 0 {
                self.waiting.changed.notified().await;
            }
        };
        let _ = tokio::time::timeout(PATIENCE, empty).await;
    }
}

fn postbox(dsn: &SecretString) -> Outcome<Postbox> {
    let wrong = || {
        Failure::configuration("sentry_dsn is no DSN (it is not shown)")
            .hint("expected: https://<key>@<host>/<project>, as Sentry gives it")
    };
    #[expect(clippy::disallowed_methods, reason = "the address is taken apart: the key goes into a header")]
    let mut url = url::Url::parse(dsn.expose_secret()).map_err(|_| wrong())?;
    let key = url.username().to_owned();
    let path = url.path().trim_end_matches('/').to_owned();
    let (folder, project) = path.rsplit_once('/').ok_or_else(wrong)?;
    if key.is_empty() || project.is_empty() || !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong());
    }
    url.set_path(&format!("{folder}/api/{project}/envelope/"));
    url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| wrong())?;
    let version = env!("CARGO_PKG_VERSION");
    let header = SecretString::from(format!("Sentry sentry_version=7, sentry_client=tacho/{version}, sentry_key={key}"));
    Postbox::new(url, "application/x-sentry-envelope", ("x-sentry-auth", &header))
        .map_err(|error| Failure::configuration(format!("sentry_dsn: {error}")))
}

async fn deliver(postbox: Postbox, mut reports: Receiver<Report>, waiting: Arc<Waiting>) {
    let mut rest_until: Option<tokio::time::Instant> = None;
    while let Some(report) = reports.recv().await {
        if rest_until.is_none_or(|until| until <= tokio::time::Instant::now()) {
            let status = postbox.post(envelope(&report)).await;
            rest_until = (!matches!(status, Some(200..=299))).then(|| tokio::time::Instant::now() + REST);
            if rest_until.is_some() {
                tracing::warn!(status, "a failure could not be reported; the next ones of this minute are not");
            }
        }
        waiting.done();
    }
}

/// An event in an envelope: <https://develop.sentry.dev/sdk/data-model/envelopes/> (read 2026-11-21).
fn envelope(report: &Report) -> Vec<u8> {
    let now = door::clock()();
    let id = format!("{:032x}", rand::random::<u128>());
    let mut fingerprint = vec![Value::from(report.message.as_str())];
    fingerprint.extend(["route", "status", "kind", "location"].iter().filter_map(|name| report.tags.get(*name).cloned()));
    let event = json!({
        "event_id": id,
        "timestamp": now.to_string(),
        "platform": "other",
        "level": "error",
        "logger": "tacho",
        "release": concat!("tacho@", env!("CARGO_PKG_VERSION")),
        "logentry": { "formatted": report.message },
        "tags": report.tags,
        "fingerprint": fingerprint.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect::<Vec<_>>(),
    });
    let event = event.to_string();
    let head = json!({ "event_id": id, "sent_at": now.to_string() });
    let item = json!({ "type": "event", "length": event.len(), "content_type": "application/json" });
    format!("{head}\n{item}\n{event}\n").into_bytes()
}

/// Takes the told fields of a line or span, and the line's sentence.
#[derive(Default)]
struct Taken {
    message: String,
    tags: Map<String, Value>,
}

impl Taken {
    fn tell(&mut self, field: &Field, value: impl Into<Value>) {
        if TOLD.contains(&field.name()) {
            self.tags.insert(field.name().to_owned(), value.into());
        }
    }
}

impl Visit for Taken {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.tell(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.tell(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.tell(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            self.tell(field, format!("{value:?}"));
        }
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut taken = Taken::default();
        attributes.record(&mut taken);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(taken.tags);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != TARGET {
            return;
        }
        let mut taken = Taken::default();
        for span in context.event_scope(event).into_iter().flat_map(tracing_subscriber::registry::Scope::from_root) {
            if let Some(tags) = span.extensions().get::<Map<String, Value>>() {
                taken.tags.extend(tags.clone());
            }
        }
        event.record(&mut taken);
        if taken.tags.get("request_id").and_then(Value::as_str).is_some_and(|id| !self.is_new(id)) {
            return;
        }
        self.waiting.take();
        if self.sender.try_send(Report { message: taken.message, tags: taken.tags }).is_err() {
            self.waiting.done();
        }
    }
}

impl Listener {
    fn is_new(&self, request_id: &str) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.iter().any(|id| id == request_id) {
            return false;
        }
        if seen.len() == REMEMBERED {
            seen.pop_front();
        }
        seen.push_back(request_id.to_owned());
        true
    }
}

/// Panics go to the log, in its form, instead of bare to standard error; their place is reported, their text is not.
pub(crate) fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload_as_str().unwrap_or("of an unknown kind");
        tracing::error!(target: TARGET, location, text, "panicked");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    fn listening() -> (impl Subscriber, Receiver<Report>) {
        let (sender, receiver) = channel(WAITING);
        (tracing_subscriber::registry().with(Listener { sender, waiting: Arc::default(), seen: Mutex::default() }), receiver)
    }

    #[test]
    fn a_report_holds_the_sentence_and_the_told_fields_and_nothing_else() {
        let (subscriber, mut reports) = listening();
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::error_span!("job", job = 7, organization = 1, integration = 3, name = "Olga's Copilot");
            let _inside = span.enter();
            tracing::error!("an ordinary error is no report");
            tracing::error!(target: "tacho::report", kind = "sync", why = "olga@example.com was refused", "a job was given up");
        });
        let report = reports.try_recv().unwrap();
        assert_eq!(report.message, "a job was given up");
        let tags = serde_json::json!({"job": 7, "organization": 1, "integration": 3, "kind": "sync"});
        assert_eq!(Value::Object(report.tags.clone()), tags);
        assert!(reports.try_recv().is_err());
        let text = String::from_utf8(envelope(&report)).unwrap();
        // No name of hexadecimal digits, which an id may hold by chance.
        assert!(!text.contains("olga") && !text.contains("Olga"), "{text}");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[1]["length"], text.lines().nth(2).unwrap().len());
        assert_eq!(lines[0]["event_id"], lines[2]["event_id"]);
    }

    #[test]
    fn a_request_is_reported_once() {
        let (subscriber, mut reports) = listening();
        tracing::subscriber::with_default(subscriber, || {
            for id in ["one", "two"] {
                let _inside = tracing::error_span!("request", request_id = id).entered();
                tracing::error!(target: "tacho::report", location = "a.rs:1:1", "panicked");
                tracing::error!(target: "tacho::report", status = 500, "answered with a failure");
            }
        });
        let got: Vec<_> = std::iter::from_fn(|| reports.try_recv().ok()).map(|report| report.message).collect();
        assert_eq!(got, ["panicked", "panicked"]);
    }

    #[test]
    fn a_dsn_that_is_none_is_refused_and_not_shown() {
        for wrong in ["", "https://o1.ingest.example/42", "https://key@/42", "ftp://key@host/42", "https://key@host/", "key"] {
            let failure = postbox(&wrong.to_owned().into()).unwrap_err();
            assert!(!failure.to_string().contains("key@"), "{failure}");
        }
        assert!(postbox(&"https://key@sentry.example/base/42".to_owned().into()).is_ok());
    }
}
