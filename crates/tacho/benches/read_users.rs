//! Reads 1 GiB of generated Copilot users NDJSON into facts, beside a plain typed parse of the same bytes in the same
//! run. Prints MB/s of both, their ratio, and the peak memory. `TACHO_BENCH_MIB` sets another size.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may panic, and prints")]

use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use tacho_connectors::{Call, Headers, Reply, Sink, find};
use tacho_domain::{Day, Fact, Window};

fn main() {
    #[expect(clippy::disallowed_methods, reason = "a benchmark has no configuration but this")]
    let mib: u64 = std::env::var("TACHO_BENCH_MIB").map_or(1024, |text| text.parse().unwrap());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("users-{mib}.ndjson"));
    if !path.exists() {
        generate(&path, mib << 20);
    }
    let bytes = path.metadata().unwrap().len();
    // The plain parse goes first, so that it, not the reader, pays for a cold page cache.
    let (plain, rows) = timed(|| plain_parse(&path));
    let (read, facts) = timed(|| read_into_facts(&path));
    println!("read_users: {} MiB, {rows} rows, {facts} facts", bytes >> 20);
    println!("plain typed serde_json: {:.0} MB/s", speed(bytes, plain));
    println!("connector into facts:   {:.0} MB/s", speed(bytes, read));
    println!("ratio: {:.2} (aim: at least 0.50)", plain.as_secs_f64() / read.as_secs_f64());
    println!("peak memory: {} MiB (aim: below 64)", peak_mib());
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let value = work();
    (start.elapsed(), value)
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn speed(bytes: u64, took: Duration) -> f64 {
    bytes as f64 / 1e6 / took.as_secs_f64()
}

/// The process's highest resident memory, as Linux counts it.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).map_or(0, |kib| kib >> 10)
}

struct Count(u64);

impl Sink for Count {
    fn fact(&mut self, fact: Fact) {
        std::hint::black_box(&fact);
        self.0 += 1;
    }
    fn unknown_field(&mut self, path: &str) {
        panic!("the generated rows hold an unknown field: {path}");
    }
    fn skipped_line(&mut self, line: u64, why: &str) {
        panic!("line {line} was skipped: {why}");
    }
}

fn read_into_facts(path: &Path) -> u64 {
    let connector = find("github_copilot").unwrap();
    let day: Day = "2026-10-01".parse().unwrap();
    let head = b"{\"day\":\"2026-10-01\",\"user_id\":1,\"user_login\":\"a\",\"user_initiated_interaction_count\":1}\n";
    let seen = connector.recognise(head).unwrap();
    let call = Call::replay(seen.stream, seen.step, Window::day(day));
    let mut body = BufReader::with_capacity(1 << 20, File::open(path).unwrap());
    let mut sink = Count(0);
    let headers = Headers::default();
    connector.read(&call, &mut Reply { status: 200, headers: &headers, body: &mut body }, &mut sink).unwrap();
    sink.0
}

/// What a straightforward program would do: one owned struct per line.
fn plain_parse(path: &Path) -> u64 {
    let mut body = BufReader::with_capacity(1 << 20, File::open(path).unwrap());
    let (mut line, mut rows) = (Vec::new(), 0);
    while body.read_until(b'\n', &mut line).unwrap() > 0 {
        let row: PlainRow = serde_json::from_slice(&line).unwrap();
        std::hint::black_box(&row);
        line.clear();
        rows += 1;
    }
    rows
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "parsed, not used")]
struct PlainRow {
    day: String,
    organization_id: Option<String>,
    enterprise_id: Option<String>,
    user_id: Option<i64>,
    user_login: Option<String>,
    ai_credits_used: Option<f64>,
    user_initiated_interaction_count: Option<i64>,
    code_generation_activity_count: Option<i64>,
    code_acceptance_activity_count: Option<i64>,
    loc_suggested_to_add_sum: Option<i64>,
    loc_suggested_to_delete_sum: Option<i64>,
    loc_added_sum: Option<i64>,
    loc_deleted_sum: Option<i64>,
    used_chat: Option<bool>,
    used_agent: Option<bool>,
    used_cli: Option<bool>,
    #[serde(default)]
    totals_by_ide: Vec<PlainPart>,
    #[serde(default)]
    totals_by_feature: Vec<PlainPart>,
    #[serde(default)]
    totals_by_language_feature: Vec<PlainPart>,
    #[serde(default)]
    totals_by_language_model: Vec<PlainPart>,
    #[serde(default)]
    totals_by_model_feature: Vec<PlainPart>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "parsed, not used")]
struct PlainPart {
    ide: Option<String>,
    feature: Option<String>,
    language: Option<String>,
    model: Option<String>,
    user_initiated_interaction_count: Option<i64>,
    code_generation_activity_count: Option<i64>,
    code_acceptance_activity_count: Option<i64>,
    loc_suggested_to_add_sum: Option<i64>,
    loc_suggested_to_delete_sum: Option<i64>,
    loc_added_sum: Option<i64>,
    loc_deleted_sum: Option<i64>,
}

const LANGUAGES: [&str; 6] = ["typescript", "rust", "python", "go", "markdown", "others"];
const FEATURES: [&str; 4] = ["code_completion", "chat_panel_ask_mode", "chat_panel_agent_mode", "agent_edit"];
const MODELS: [&str; 3] = ["gpt-5.4", "claude-sonnet-4.6", "auto"];

/// Rows of about 3.2 KB, the size seen of a user-day with its breakdowns.
fn generate(path: &Path, size: u64) {
    let partial = path.with_extension("partial");
    let mut out = BufWriter::new(File::create(&partial).unwrap());
    let (mut written, mut user) = (0, 0u64);
    while written < size {
        let line = row(user);
        out.write_all(line.as_bytes()).unwrap();
        written += line.len() as u64;
        user += 1;
    }
    out.flush().unwrap();
    std::fs::rename(partial, path).unwrap();
}

fn row(user: u64) -> String {
    let n = user % 97 + 1;
    let counters = |k: usize| {
        let k = k as u64;
        let (generated, accepted) = (n * k, n * k / 3);
        format!(
            "\"code_generation_activity_count\":{generated},\"code_acceptance_activity_count\":{accepted},\"loc_suggested_to_add_sum\":{},\"loc_suggested_to_delete_sum\":0,\"loc_added_sum\":{},\"loc_deleted_sum\":{}",
            n * k * 4,
            n * k * 5,
            n * k
        )
    };
    let prompts = |k: usize| format!("\"user_initiated_interaction_count\":{}", n * k as u64);
    let list = |parts: Vec<String>| parts.join(",");
    let ides = list(vec![format!("{{\"ide\":\"vscode\",{},{}}}", prompts(3), counters(5))]);
    let features =
        list(FEATURES.iter().zip(1..).map(|(f, k)| format!("{{\"feature\":\"{f}\",{},{}}}", prompts(k), counters(k))).collect());
    let languages = list(
        LANGUAGES
            .iter()
            .zip(1..)
            .map(|(l, k)| format!("{{\"language\":\"{l}\",\"feature\":\"{}\",{}}}", FEATURES[k % 4], counters(k)))
            .collect(),
    );
    let language_models = list(
        MODELS
            .iter()
            .zip(1..)
            .map(|(m, k)| format!("{{\"language\":\"{}\",\"model\":\"{m}\",{}}}", LANGUAGES[k], counters(k)))
            .collect(),
    );
    let models = list(
        MODELS
            .iter()
            .zip(1..)
            .map(|(m, k)| format!("{{\"model\":\"{m}\",\"feature\":\"{}\",{},{}}}", FEATURES[1], prompts(k), counters(k)))
            .collect(),
    );
    format!(
        "{{\"day\":\"2026-10-01\",\"organization_id\":\"7001\",\"enterprise_id\":\"801\",\"user_id\":{},\"user_login\":\"person-{user}\",\"ai_credits_used\":{}.25,{},{},\"used_chat\":true,\"used_agent\":{},\"used_cli\":false,\"totals_by_ide\":[{ides}],\"totals_by_feature\":[{features}],\"totals_by_language_feature\":[{languages}],\"totals_by_language_model\":[{language_models}],\"totals_by_model_feature\":[{models}]}}\n",
        10_000 + user,
        n,
        prompts(6),
        counters(9),
        n.is_multiple_of(2)
    )
}
