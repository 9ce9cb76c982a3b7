//! The numbers for Prometheus: what the rooms counted since the start, and what is read when somebody asks. Every name is in
//! [`METRICS`], and in docs/operations.md.

use crate::failure::{Failure, Outcome};
use async_trait::async_trait;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tacho_domain::Clock;
use tacho_store::{Freshness, Store};
use tacho_web::Metrics;
use tokio_util::sync::CancellationToken;

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// A metric: its name, what it counts, by which labels.
struct Described {
    name: &'static str,
    kind: Kind,
    help: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "the test of docs/operations.md reads it"))]
    labels: &'static [&'static str],
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Described {
    Described { name, kind: Kind::Counter, help, labels }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Described {
    Described { name, kind: Kind::Gauge, help, labels }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Described {
    Described { name, kind: Kind::Histogram, help, labels }
}

/// An integration, by numbers: names of people or organizations stand in no metric.
const WHICH: &[&str] = &["organization", "integration", "connector"];

/// Every metric there is, in the order of the documentation.
const METRICS: &[Described] = &[
    gauge("tacho_build_info", &["version"], "1, with the version that runs"),
    counter("tacho_http_requests_total", &["method", "route", "status"], "Requests answered, by route template and status class"),
    histogram("tacho_http_request_duration_seconds", &["method", "route"], "How long answering took"),
    gauge("tacho_http_requests_in_flight", &[], "Requests being answered now"),
    counter("tacho_webhook_deliveries_total", &["outcome"], "Webhooks that arrived: asked, nothing to do, refused, failed"),
    counter("tacho_jobs_claimed_total", &["kind"], "Jobs that a worker of this process took"),
    counter("tacho_jobs_ended_total", &["kind", "outcome"], "How they ended: finished, retried, failed, released"),
    histogram("tacho_job_duration_seconds", &["kind"], "How long a job took"),
    gauge("tacho_jobs_queued", &[], "Jobs waiting in the whole installation"),
    gauge("tacho_jobs_due", &[], "Of these, jobs whose time has come"),
    gauge("tacho_jobs_running", &[], "Jobs with a worker in the whole installation"),
    gauge("tacho_jobs_abandoned", &[], "Jobs whose worker went silent and that nobody has taken over"),
    gauge("tacho_jobs_oldest_due_age_seconds", &[], "How long the oldest due job has waited; 0 where none waits"),
    counter("tacho_sync_days_changed_total", &["connector"], "Days of a stream whose rows were written"),
    counter("tacho_sync_rows_written_total", &["connector"], "Rows of these days"),
    counter(
        "tacho_vendor_calls_total",
        &["connector", "outcome", "status"],
        "Calls to vendors, tries included, by outcome and status class",
    ),
    histogram("tacho_vendor_call_duration_seconds", &["connector"], "How long a call took, its waits included"),
    counter("tacho_vendor_retries_total", &["connector"], "Tries after the first"),
    histogram("tacho_vendor_wait_seconds", &["connector", "reason"], "Waits before calls: pace, retry, asked"),
    gauge("tacho_vendor_rate_limit_remaining", &["connector"], "Calls a vendor still allows, as its last reply said"),
    gauge("tacho_database_connections", &["state"], "Connections to the database: idle, used"),
    gauge("tacho_database_connections_max", &[], "The most there may be"),
    gauge(
        "tacho_integration_last_sync_age_seconds",
        WHICH,
        "Since the last sync that went well ended, or since it was connected",
    ),
    gauge(
        "tacho_integration_newest_final_day_age_seconds",
        WHICH,
        "Since the end of the newest day that will not change any more",
    ),
    gauge("tacho_integration_failing", WHICH, "1 where the last sync failed, else 0"),
    gauge("tacho_integration_paused", WHICH, "1 where it is paused, else 0"),
    gauge("tacho_backup_last_success_timestamp_seconds", &[], "When this process last made its daily backup, as epoch seconds"),
];

/// Upper bounds of durations, from a cached page to a first sync.
const SECONDS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 300.0, 1800.0];

/// What was counted is put together this often when nobody asks.
const UPKEEP: Duration = Duration::from_secs(30);

/// Starts counting, once in a process. Until then everything that is counted is lost, which is what other commands want.
pub(crate) fn install() -> Outcome<PrometheusHandle> {
    let failed = |error: String| Failure::failed(format!("metrics cannot start: {error}"));
    let builder = PrometheusBuilder::new();
    let builder = builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS);
    let recorder = builder.map_err(|error| failed(error.to_string()))?.build_recorder();
    let handle = recorder.handle();
    ::metrics::set_global_recorder(recorder).map_err(|error| failed(error.to_string()))?;
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => ::metrics::describe_counter!(metric.name, metric.help),
            Kind::Gauge => ::metrics::describe_gauge!(metric.name, metric.help),
            Kind::Histogram => ::metrics::describe_histogram!(metric.name, metric.help),
        }
    }
    ::metrics::gauge!("tacho_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

/// Keeps what was counted small until `stop`.
pub(crate) async fn upkeep(handle: PrometheusHandle, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = tokio::time::sleep(UPKEEP) => handle.run_upkeep(),
            () = stop.cancelled() => {}
        }
    }
}

/// The page for Prometheus.
pub(crate) struct Page {
    handle: PrometheusHandle,
    store: Store,
    clock: Clock,
}

impl Page {
    pub(crate) fn new(handle: PrometheusHandle, store: Store, clock: Clock) -> Arc<Self> {
        Arc::new(Self { handle, store, clock })
    }
}

#[async_trait]
impl Metrics for Page {
    /// What is read now is written here and not recorded: an integration that was removed would stay there for good.
    async fn render(&self) -> Result<String, Box<dyn Error + Send + Sync>> {
        let now = (self.clock)();
        let age = |since: tacho_domain::Instant| seconds(now.0 - since.0);
        let (queue, fresh) = (self.store.queue_state(now).await?, self.store.list_freshness().await?);
        let pool = self.store.pool_state();
        let mut text = self.handle.render();
        write_one(&mut text, "tacho_jobs_queued", queue.queued);
        write_one(&mut text, "tacho_jobs_due", queue.due);
        write_one(&mut text, "tacho_jobs_running", queue.running);
        write_one(&mut text, "tacho_jobs_abandoned", queue.abandoned);
        write_one(&mut text, "tacho_jobs_oldest_due_age_seconds", queue.oldest_due_at.map_or(0, age));
        let connections = [("idle", pool.idle), ("used", pool.open.saturating_sub(pool.idle))];
        let connections = connections.map(|(state, count)| (format!("{{state=\"{state}\"}}"), i64::from(count)));
        write_all(&mut text, "tacho_database_connections", connections);
        write_one(&mut text, "tacho_database_connections_max", i64::from(pool.most));
        let of = |value: fn(&Freshness) -> bool| fresh.iter().map(move |row| (labels(row), i64::from(value(row))));
        let synced = fresh.iter().map(|row| (labels(row), age(row.last_synced_at.unwrap_or(row.created_at))));
        write_all(&mut text, "tacho_integration_last_sync_age_seconds", synced);
        let days = fresh.iter().filter_map(|row| Some((labels(row), age(row.newest_final_day?.plus(1).start()))));
        write_all(&mut text, "tacho_integration_newest_final_day_age_seconds", days);
        write_all(&mut text, "tacho_integration_failing", of(|row| row.failing));
        write_all(&mut text, "tacho_integration_paused", of(|row| row.paused));
        Ok(text)
    }
}

fn seconds(micros: i64) -> i64 {
    micros / 1_000_000
}

fn labels(row: &Freshness) -> String {
    // Ids are numbers and a connector's id is ours: nothing to escape.
    format!("{{organization=\"{}\",integration=\"{}\",connector=\"{}\"}}", row.organization.0, row.integration.0, row.connector)
}

fn write_one(text: &mut String, name: &str, value: i64) {
    write_all(text, name, [(String::new(), value)]);
}

fn write_all(text: &mut String, name: &str, values: impl IntoIterator<Item = (String, i64)>) {
    let help = METRICS.iter().find(|metric| metric.name == name).map_or("", |metric| metric.help);
    // A String takes everything.
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
    for (labels, value) in values {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_page_lists_every_metric_with_its_labels_and_help() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md")).unwrap();
        let written: Vec<&str> = page.lines().filter(|line| line.starts_with("| `tacho_")).collect();
        let row = |metric: &Described| {
            let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
            let kind = format!("{:?}", metric.kind).to_lowercase();
            format!("| `{}` | {kind} | {} | {} |", metric.name, labels.join(", "), metric.help)
        };
        let expected: Vec<String> = METRICS.iter().map(row).collect();
        assert_eq!(written, expected, "docs/operations.md and metrics.rs differ:\n{}", expected.join("\n"));
    }

    #[test]
    fn names_say_their_unit_and_counters_that_they_only_grow() {
        for metric in METRICS {
            assert_eq!(metric.name.ends_with("_total"), metric.kind == Kind::Counter, "{}", metric.name);
            assert!(metric.kind != Kind::Histogram || metric.name.ends_with("_seconds"), "{}", metric.name);
            assert!(!metric.help.is_empty() && !metric.name.ends_with("_ms"), "{}", metric.name);
        }
    }

    #[test]
    fn what_the_rooms_count_is_described() {
        let rooms = ["web", "sync", "transport", "tacho"];
        let mut found = 0;
        for room in rooms {
            let mut paths = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(room).join("src")];
            while let Some(path) = paths.pop() {
                if path.is_dir() {
                    paths.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for call in ["counter!(\"", "gauge!(\"", "histogram!(\""] {
                    for rest in text.split(call).skip(1).filter(|rest| rest.starts_with("tacho_")) {
                        let name = rest.split('"').next().unwrap();
                        assert!(METRICS.iter().any(|metric| metric.name == name), "{}: {name}", path.display());
                        found += 1;
                    }
                }
            }
        }
        assert!(found >= 14, "{found} were found");
    }
}
