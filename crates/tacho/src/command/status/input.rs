//! What an editor tells on standard input, a line of JSON at a time. A session's token comes this way and no other: arguments
//! and environment can be read by others.

use secrecy::SecretString;
use serde::Deserialize;
use std::io::{BufRead, IsTerminal, Read};
use tacho_quota::{CopilotHost, Display, Session};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The longest line that is taken.
const LONGEST_LINE: u64 = 64 << 10;

/// What was told.
#[derive(Debug)]
pub(super) enum Told {
    /// The editor's session; `None`: it is over.
    Session(Option<Session>),
    /// Ask now.
    Refresh,
    /// Other settings; what is missing stays.
    Settings(Change),
    /// Something else.
    Nonsense,
    /// There is nobody any more.
    End,
}

/// Settings of an editor.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// In seconds.
    pub(super) interval: Option<u64>,
    pub(super) warn: Option<u64>,
    pub(super) critical: Option<u64>,
    #[serde(default, deserialize_with = "terms")]
    pub(super) display: Option<Display>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Message {
    Session(Option<SessionLine>),
    Refresh(bool),
    Settings(Change),
}

#[derive(Deserialize)]
struct SessionLine {
    host: String,
    account: Option<String>,
    token: SecretString,
}

fn terms<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Display>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    let parsed = |name: String| Display::parse(&name).ok_or_else(|| serde::de::Error::custom("no terms of ours"));
    name.map(parsed).transpose()
}

/// Listens to standard input. `None`: there is nobody behind it, and no end to wait for.
pub(super) fn listen() -> Option<UnboundedReceiver<Told>> {
    if !somebody_is_there() {
        return None;
    }
    let (sender, receiver) = unbounded_channel();
    // A thread of its own, since a read from a pipe cannot be called off; it ends with the process.
    std::thread::spawn(move || read_all(&mut std::io::stdin().lock(), &sender));
    Some(receiver)
}

/// A terminal is for a person, and `/dev/null` is what bars start programs with.
#[cfg(unix)]
fn somebody_is_there() -> bool {
    let stdin = std::io::stdin();
    let kind = rustix::fs::fstat(&stdin).map(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode));
    !stdin.is_terminal() && kind.is_ok_and(|kind| kind != rustix::fs::FileType::CharacterDevice)
}

#[cfg(not(unix))]
fn somebody_is_there() -> bool {
    !std::io::stdin().is_terminal()
}

fn read_all(input: &mut impl BufRead, to: &UnboundedSender<Told>) {
    while let Some(line) = next_line(input) {
        let told = match line {
            Line::Whole(line) => parse(&line),
            Line::TooLong => Told::Nonsense,
        };
        if to.send(told).is_err() {
            return;
        }
    }
    let _ = to.send(Told::End);
}

/// A line as it comes.
enum Line {
    Whole(Vec<u8>),
    TooLong,
}

/// The next line; `None` at the end of the input.
fn next_line(input: &mut impl BufRead) -> Option<Line> {
    let mut line = Vec::new();
    let read = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).ok()?;
    if read == 0 {
        return None;
    }
    if line.last() == Some(&b'\n') || line.len() < usize::try_from(LONGEST_LINE).unwrap_or(usize::MAX) {
        return Some(Line::Whole(line));
    }
    // What is left of it is thrown away in pieces, so that no input can fill the memory.
    loop {
        line.clear();
        let read = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).ok()?;
        if read == 0 || line.last() == Some(&b'\n') {
            return Some(Line::TooLong);
        }
    }
}

fn parse(line: &[u8]) -> Told {
    match serde_json::from_slice::<Message>(line) {
        Ok(Message::Session(None)) => Told::Session(None),
        // A token is told for the host it is of; one for a host that Copilot does not live on is of no use.
        Ok(Message::Session(Some(told))) if CopilotHost::parse(&told.host).is_ok() => {
            Told::Session(Some(Session { host: told.host, account: told.account, token: told.token }))
        }
        Ok(Message::Refresh(true)) => Told::Refresh,
        Ok(Message::Settings(change)) => Told::Settings(change),
        Ok(Message::Session(Some(_)) | Message::Refresh(false)) | Err(_) => Told::Nonsense,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(input: &str) -> Vec<String> {
        let (sender, mut receiver) = unbounded_channel();
        read_all(&mut input.as_bytes(), &sender);
        drop(sender);
        std::iter::from_fn(|| receiver.try_recv().ok()).map(|told| format!("{told:?}")).collect()
    }

    #[test]
    fn every_line_is_told_and_a_token_is_not_printed() {
        let lines = told(
            "{\"session\":{\"host\":\"github.com\",\"account\":\"octocat\",\"token\":\"gho_hidden\"}}\n{\"session\":null}\n\
             {\"refresh\":true}\n{\"settings\":{\"interval\":90,\"warn\":50,\"display\":\"left\"}}\n",
        );
        assert!(lines[0].starts_with("Session(Some(") && lines[0].contains("octocat"), "{lines:?}");
        assert!(!lines.concat().contains("hidden"));
        assert_eq!(lines[1..3], ["Session(None)", "Refresh"]);
        assert!(lines[3].contains("interval: Some(90)") && lines[3].contains("display: Some(Left)"), "{lines:?}");
        assert_eq!(lines[4], "End");
    }

    #[test]
    fn what_is_not_understood_is_passed_over_and_the_next_line_counts() {
        let long = "x".repeat(200_000);
        for wrong in [
            "",
            "nonsense",
            "{\"session\":{\"host\":\"evil.example\",\"token\":\"t\"}}",
            "{\"session\":{\"host\":\"github.com\"}}",
            "{\"refresh\":false}",
            "{\"settings\":{\"warm\":1}}",
            "{\"settings\":{\"display\":\"no\"}}",
            "{\"other\":1}",
            "\u{0}",
            long.as_str(),
        ] {
            assert_eq!(told(&format!("{wrong}\n{{\"refresh\":true}}")), ["Nonsense", "Refresh", "End"]);
        }
        assert_eq!(told(""), ["End"]);
    }
}
