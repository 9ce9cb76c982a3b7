//! Codex's own session logs: the newest by name, from their ends, a bounded number of bytes per look. The tree may hold
//! gigabytes; it is never walked.

use crate::{ApiError, Source, UsageData, read};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tacho_connectors::FailureKind;
use tacho_domain::Instant;

/// The most that is read per look, all files together.
const LOOK_BYTES: u64 = 256 << 10;
/// So many of the newest files by name are considered: a session that goes on keeps the name it began with.
const CANDIDATES: usize = 8;
/// And so many days of them.
const DAYS: usize = 3;

/// What the last look found, so that a file that has not grown is not read again.
#[derive(Debug, Default)]
pub(super) struct CodexLogs {
    seen: Option<Seen>,
}

#[derive(Debug)]
struct Seen {
    log: Log,
    usage: UsageData,
}

/// A session's log as it was met.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Log {
    path: PathBuf,
    bytes: u64,
    written: SystemTime,
}

impl CodexLogs {
    /// Looks for the last limits that Codex noted.
    pub(super) fn look(&mut self, folder: &Path, now: Instant) -> Result<UsageData, ApiError> {
        let logs = newest(&folder.join("sessions")).map_err(|error| unreadable(folder, &error))?;
        let (mut left, mut misread) = (LOOK_BYTES, None);
        for log in logs {
            if let Some(seen) = self.seen.as_ref().filter(|seen| seen.log == log) {
                return Ok(seen.usage.clone());
            }
            // Half of what is left each time: the newest may be one that has just begun and says nothing yet.
            let share = (left / 2).min(log.bytes);
            left -= share;
            let told = tail(&log, share).map_err(|error| unreadable(&log.path, &error));
            match told.and_then(|chunk| read(Source::CodexLogs, &chunk, written_at(&log, now))) {
                Ok(usage) if usage.meters.is_empty() => {}
                Ok(usage) => {
                    self.seen = Some(Seen { log, usage: usage.clone() });
                    return Ok(usage);
                }
                Err(error) => misread = Some(error),
            }
        }
        match (&self.seen, misread) {
            (Some(seen), _) => Ok(seen.usage.clone()),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(nothing(now)),
        }
    }
}

/// The newest logs by name, the one written to last first.
fn newest(sessions: &Path) -> io::Result<Vec<Log>> {
    let mut logs = Vec::new();
    let mut days = 0;
    for year in names(sessions)? {
        for month in names(&sessions.join(&year))? {
            let folder = sessions.join(&year).join(&month);
            for day in names(&folder)? {
                let folder = folder.join(&day);
                let rollouts = names(&folder)?.into_iter().filter(|name| is_rollout(name));
                // A log that is moved away at this moment is none.
                logs.extend(rollouts.take(CANDIDATES - logs.len()).filter_map(|name| log(folder.join(name)).ok()));
                days += 1;
                if days == DAYS || logs.len() == CANDIDATES {
                    return Ok(by_last_written(logs));
                }
            }
        }
    }
    Ok(by_last_written(logs))
}

/// Codex writes its names in lower case, on every system.
#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "a name of Codex's, not a kind of file")]
fn is_rollout(name: &str) -> bool {
    name.starts_with("rollout-") && name.ends_with(".jsonl")
}

fn by_last_written(mut logs: Vec<Log>) -> Vec<Log> {
    logs.sort_by_key(|log| std::cmp::Reverse(log.written));
    logs
}

/// The names in a folder, the last of the alphabet first; what is no folder holds none.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}

fn log(path: PathBuf) -> io::Result<Log> {
    let about = std::fs::metadata(&path)?;
    Ok(Log { bytes: about.len(), written: about.modified()?, path })
}

/// The last bytes of a log as it was met; what is written meanwhile is for the next look.
fn tail(log: &Log, most: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(&log.path)?;
    file.seek(SeekFrom::Start(log.bytes.saturating_sub(most)))?;
    let mut bytes = Vec::new();
    file.take(most.min(log.bytes)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn written_at(log: &Log, now: Instant) -> Instant {
    let since = log.written.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)).min(now)
}

fn nothing(now: Instant) -> UsageData {
    let remarks = vec!["Codex has noted no limits in its newest sessions".to_owned()];
    UsageData { account: None, plan: None, meters: Vec::new(), remarks, as_of: now }
}

fn unreadable(path: &Path, error: &io::Error) -> ApiError {
    let message = format!("`{}` cannot be read: {error}", path.display());
    ApiError { kind: FailureKind::Unknown, ..ApiError::validation(message) }
}

#[cfg(test)]
mod tests;
