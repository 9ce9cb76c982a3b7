//! A running `tacho serve` with everything it writes, and short commands beside it.
#![allow(dead_code, reason = "every test file is a program of its own and uses a part of this")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tacho_domain::{Day, Instant};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

#[expect(
    clippy::disallowed_methods,
    reason = "the binary under test asks the real clock, and the simulator has to agree with it"
)]
pub(crate) fn today() -> Day {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Instant(i64::try_from(now.as_micros()).unwrap()).day()
}

fn tacho(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tacho"));
    command.args(arguments).current_dir(folder).env_clear().envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command that has to work, with that input.
pub(crate) fn run(folder: &Path, variables: &[(&str, &str)], arguments: &[&str], input: &str) {
    let mut child = tacho(folder, variables, arguments).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Runs a command; gives its exit code and all it wrote.
pub(crate) fn exit(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let output = tacho(folder, variables, arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
}

/// A running server, killed when dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: String,
    lines: Receiver<String>,
    log: Vec<String>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Starts one on a free port and waits until it listens.
    pub(crate) fn start(folder: &Path, variables: &[(&str, &str)], scheme: &str) -> Self {
        let mut child = tacho(folder, variables, &["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
        let (sender, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let begin = format!("Tacho is at {scheme}://");
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = stdout.find_map(|line| line.strip_prefix(&begin).map(|rest| rest.trim_end_matches('/').to_owned()));
        let address = address.unwrap_or_else(|| panic!("{:?}", lines.iter().collect::<Vec<_>>()));
        // Read on, so that it never writes into a pipe that nobody empties.
        std::thread::spawn(move || stdout.for_each(drop));
        Self { child, address, lines, log: Vec::new() }
    }

    /// Reads the log until a line has this in it.
    pub(crate) fn wait_for(&mut self, text: &str) {
        loop {
            let line =
                self.lines.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{error}: no `{text}` in {:#?}", self.log));
            self.log.push(line);
            if self.log.last().is_some_and(|line| line.contains(text)) {
                return;
            }
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap().success());
    }

    pub(crate) fn exit_code(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }

    /// Stops it in good order; gives its whole log.
    pub(crate) fn stop(mut self) -> Vec<String> {
        self.signal("TERM");
        assert_eq!(self.exit_code(), 0);
        let mut log = std::mem::take(&mut self.log);
        log.extend(self.lines.iter());
        log
    }
}

/// One request over a connection of its own; gives the whole reply.
pub(crate) fn ask(address: &str, method: &str, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

/// The status of a reply.
pub(crate) fn status(reply: &str) -> u16 {
    reply.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{reply}"))
}
