//! `tacho status` beside `node -e 0`: with what is known, beside ten gibibytes of logs, without a network and with one that
//! hangs. `TACHO_BENCH_BINARY` names the program [default: the one that was built with this], `TACHO_BENCH_RUNS` how often.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may panic, and prints")]

use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant as Stopwatch};
use tacho_domain::Instant;
use tacho_quota::{Limit, Meter, Milli, Source, State, StateFile, Unit, UsageData};

/// Ten gibibytes in files of one.
const LOGS: u64 = 10;
const GIBIBYTE: u64 = 1 << 30;

fn main() {
    let runs = setting("TACHO_BENCH_RUNS").map_or(200, |text| text.parse().unwrap());
    let binary = setting("TACHO_BENCH_BINARY").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_tacho")), PathBuf::from);
    let bench = Bench { binary, runs };

    let warm = Home::new(true);
    bench.measure("warm state file", &warm.command(&bench.binary, None));
    println!("{:44} {:>6.1} MiB", "  peak memory when the line is painted", bench.peak_mib(&warm));

    let logs = Home::new(true);
    logs.fill_with_logs();
    bench.measure("with 10 GiB of Codex logs", &logs.command(&bench.binary, None));

    // Nobody listens on port 9 of this machine.
    let cold = Home::new(false);
    bench.measure("nothing known, no network", &cold.command(&bench.binary, Some("http://127.0.0.1:9/")));

    let hung = TcpListener::bind("127.0.0.1:0").unwrap();
    let stale = Home::new(false);
    bench.measure(
        "nothing known, a network that hangs",
        &stale.command(&bench.binary, Some(&format!("http://{}/", hung.local_addr().unwrap()))),
    );

    bench.measure("reference: node -e 0", &Line::from(["node", "-e", "0"].map(str::to_owned).to_vec()));
    println!("aim: median at most 10 ms, CPU at most 5 ms, peak at most 12 MiB");
}

#[expect(clippy::disallowed_methods, reason = "a benchmark has no configuration but this")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A command line and its environment.
struct Line {
    words: Vec<String>,
    variables: Vec<(&'static str, String)>,
}

impl From<Vec<String>> for Line {
    fn from(words: Vec<String>) -> Self {
        Self { words, variables: vec![("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned())] }
    }
}

impl Line {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).env_clear().envs(self.variables.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// A person's home.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new(knows: bool) -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        if knows {
            home.learn();
        }
        home
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What the sources would have told just now. Nothing is due, as in most of a bar's lines.
    fn learn(&self) {
        #[expect(clippy::disallowed_methods, reason = "the program asks the real clock")]
        let now = Instant(jiff::Timestamp::now().as_microsecond());
        let mut state = State::default();
        for source in [Source::Copilot, Source::ClaudeStatusLine, Source::CodexLogs] {
            let meter = Meter::new("m", "requests", Unit::Requests, Milli::whole(50), Limit::Of(Milli::whole(100))).unwrap();
            let usage = UsageData { account: None, plan: None, meters: vec![meter], remarks: Vec::new(), as_of: now };
            state.turn_to(source, Some("somebody"));
            state.entry(source, "somebody").learn(usage, now);
        }
        StateFile::in_folder(&self.path().join(".local/state/tacho")).write(&state, now).unwrap();
    }

    /// Holes count as bytes to whoever reads them, and take no room.
    fn fill_with_logs(&self) {
        let day = self.path().join(".codex/sessions/2026/11/21");
        std::fs::create_dir_all(&day).unwrap();
        for n in 0..LOGS {
            let name = format!("rollout-2026-11-21T{n:02}-00-00-00000000-0000-0000-0000-{n:012}.jsonl");
            std::fs::File::create(day.join(name)).unwrap().set_len(GIBIBYTE).unwrap();
        }
    }

    fn command(&self, binary: &Path, address: Option<&str>) -> Line {
        let words = vec![binary.display().to_string(), "status".to_owned()];
        let mut variables = vec![("HOME", self.path().display().to_string())];
        if let Some(address) = address {
            variables.push(("TACHO_STATUS_URL_COPILOT", address.to_owned()));
            variables.push(("TACHO_STATUS_GITHUB_TOKEN", "invented".to_owned()));
        }
        Line { words, variables }
    }
}

struct Bench {
    binary: PathBuf,
    runs: usize,
}

impl Bench {
    /// Prints wall clock and CPU of many runs.
    fn measure(&self, name: &str, line: &Line) {
        let Ok(status) = line.command().status() else {
            println!("{name:44} cannot be run here");
            return;
        };
        assert!(status.success(), "{name}");
        let before = children_ticks();
        let mut times: Vec<Duration> = (0..self.runs).map(|_| timed(line)).collect();
        times.sort_unstable();
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        let (median, late) = (times[times.len() / 2], times[(times.len() * 99 / 100).min(times.len() - 1)]);
        let cpu = (children_ticks() - before) * 10.0 / f64::from(u32::try_from(self.runs).unwrap());
        println!("{name:44} median {:6.2} ms, p99 {:6.2} ms, CPU {cpu:5.2} ms on average", ms(median), ms(late));
    }

    /// The most memory it has had when its line is there: it waits in a full pipe while it is looked at.
    fn peak_mib(&self, home: &Home) -> f64 {
        let (mut reader, mut writer) = std::io::pipe().unwrap();
        // Linux gives a pipe 64 KiB (pipe(7)); the line then has no room.
        std::io::Write::write_all(&mut writer, &vec![b'-'; 64 << 10]).unwrap();
        let mut child = home.command(&self.binary, None).command().stdout(writer).spawn().unwrap();
        let peak = loop {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
            let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").trim().to_owned();
            let waits = std::fs::read_to_string(format!("/proc/{}/wchan", child.id())).unwrap_or_default().contains("pipe");
            if waits && field("State:").starts_with('S') {
                break field("VmHWM:").trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0;
            }
            std::thread::yield_now();
        };
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        child.wait().unwrap();
        peak
    }
}

fn timed(line: &Line) -> Duration {
    let mut command = line.command();
    let begun = Stopwatch::now();
    command.status().unwrap();
    begun.elapsed()
}

/// The CPU time of all children that ended, in ticks of 10 ms (proc(5), fields 16 and 17); exact enough over many runs.
fn children_ticks() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[13..15].iter().map(|field| field.parse::<f64>().unwrap()).sum()
}
