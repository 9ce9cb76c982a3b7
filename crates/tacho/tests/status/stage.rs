//! A home of its own for the program, and a vendor that answers as told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use tacho_domain::Instant;
use tacho_quota::{Limit, Meter, Milli, Source, State, StateFile, Unit, UsageData};

/// In the year 2096: numbers of then count as fresh, and periods that end then go on.
pub(crate) const FAR: Instant = Instant(4_000_000_000_000_000);

/// A home.
pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap().to_owned();
        Self { folder, variables: vec![("HOME".to_owned(), home)] }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn settings(self, text: &str) -> Self {
        let folder = self.folder.path().join(".config/tacho");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("status.toml"), text).unwrap();
        self
    }

    pub(crate) fn state_folder(&self) -> PathBuf {
        self.folder.path().join(".local/state/tacho")
    }

    /// As if Claude Code had told that much of five hours. Nobody is ever asked about this source.
    pub(crate) fn knows_claude(self, percent: i64, as_of: Instant) -> Self {
        let mut meter =
            Meter::new("five_hour", "5 hours", Unit::Percent, Milli::whole(percent), Limit::Of(Milli::whole(100))).unwrap();
        meter.resets_at = Some(FAR);
        let usage = UsageData { account: None, plan: None, meters: vec![meter], remarks: Vec::new(), as_of };
        let mut state = State::default();
        state.turn_to(Source::ClaudeStatusLine, Some("somebody"));
        state.entry(Source::ClaudeStatusLine, "somebody").learn(usage, as_of);
        StateFile::in_folder(&self.state_folder()).write(&state, as_of).unwrap();
        self
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tacho"));
        command.arg("status").args(arguments).current_dir(self.folder.path());
        command.env_clear().envs(self.variables.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Standard output of a run that ended well and said nothing else.
    pub(crate) fn line(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same with something on standard input.
    pub(crate) fn told(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // A program that has read enough may be gone before all is written.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Goes on, with both ends of a conversation.
    pub(crate) fn talk(&self, arguments: &[&str]) -> Talk {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Talk { child, lines }
    }
}

/// A program that goes on.
pub(crate) struct Talk {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Talk {
    pub(crate) fn say(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        input.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// The next line, when it comes.
    pub(crate) fn next(&mut self) -> serde_json::Value {
        let mut line = String::new();
        assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "it ended");
        serde_json::from_str(&line).unwrap()
    }

    /// The first of the next lines that is as `wanted`.
    pub(crate) fn until(&mut self, wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        loop {
            let line = self.next();
            if wanted(&line) {
                return line;
            }
        }
    }

    pub(crate) fn arguments(&self) -> String {
        let read = |file: &str| std::fs::read(format!("/proc/{}/{file}", self.child.id())).unwrap_or_default();
        String::from_utf8_lossy(&[read("cmdline"), read("environ")].concat()).into_owned()
    }

    /// Closes its input, and gives the exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        drop(self.child.stdin.take());
        self.child.wait().unwrap().code()
    }
}

/// GitHub, as far as Copilot's numbers go.
pub(crate) struct GitHub {
    pub(crate) address: String,
    /// What it was asked with.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl GitHub {
    /// Answers everybody that `used` of 100 are used.
    pub(crate) fn telling(used: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/copilot_internal/user", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                answer(stream, used, &heard);
            }
        });
        Self { address, asked }
    }
}

fn answer(mut stream: TcpStream, used: u32, heard: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    heard.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
    let left = 100 - used;
    let body = format!(
        "{{\"login\":\"octocat\",\"copilot_plan\":\"individual\",\"quota_reset_date_utc\":\"2096-12-01T00:00:00.000Z\",\
         \"quota_snapshots\":{{\"premium_interactions\":{{\"entitlement\":100,\"remaining\":{left},\"quota_remaining\":{left}.0,\
         \"percent_remaining\":{left}.0,\"unlimited\":false,\"overage_count\":0,\"overage_permitted\":false}}}}}}"
    );
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(reply.as_bytes());
}
