//! The state file: one small file, replaced as a whole, that every bar of a person reads.

use crate::lock::open;
use crate::{Entry, Source, State, write_own_file};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tacho_domain::Instant;

/// The most that is written, and read: a bar reads it before every line it paints.
pub const STATE_BYTES: usize = 64 << 10;
const VERSION: u32 = 1;
const NAME: &str = "status.json";
const LOCK: &str = "status.lock";
/// An account that nobody has asked about for so long is forgotten.
const KEPT_SECONDS: i64 = 40 * 86_400;

/// The state file of a folder.
#[derive(Debug, Clone)]
pub struct StateFile(PathBuf);

/// A state file that is there and holds nothing that can be used. Whoever meets it goes on as if there were none.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The system does not give it.
    #[error("`{path}` cannot be read: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Larger than it is ever written.
    #[error("`{path}` is larger than a state file ever is; it is written anew with the next answer")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Of another version of the program.
    #[error("`{path}` is of version {version}, this program writes {VERSION}; it is written anew with the next answer")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// Torn, or not ours.
    #[error("`{path}` is not a whole state file; it is written anew with the next answer")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
}

#[derive(Deserialize)]
struct Stored {
    entries: Vec<Entry>,
    current: BTreeMap<Source, String>,
}

#[derive(Serialize)]
struct Storing<'a> {
    version: u32,
    entries: &'a [Entry],
    current: &'a BTreeMap<Source, String>,
}

/// Read by itself: another version's entries need not look like ours.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl StateFile {
    /// The state file of a folder, which need not exist.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join(NAME))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What it holds; nothing where there is no file yet.
    ///
    /// # Errors
    /// When what is there cannot be used.
    pub fn read(&self) -> Result<State, Unreadable> {
        let path = || self.0.clone();
        let bytes = match self.bytes() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
            Err(error) => return Err(Unreadable::Io { path: path(), error }),
        };
        if bytes.len() > STATE_BYTES {
            return Err(Unreadable::TooLarge { path: path() });
        }
        match serde_json::from_slice::<Versioned>(&bytes) {
            Ok(Versioned { version: VERSION }) => {}
            Ok(Versioned { version }) => return Err(Unreadable::Version { path: path(), version }),
            Err(_) => return Err(Unreadable::Foreign { path: path() }),
        }
        let Stored { entries, current } = serde_json::from_slice(&bytes).map_err(|_| Unreadable::Foreign { path: path() })?;
        Ok(State { entries, current })
    }

    /// Writes beside and renames, so that whoever reads finds the old or the new, and nobody else may read it. Nothing is
    /// written where nothing has changed. Accounts that have long not been asked about, and the oldest where there are too
    /// many, are left out.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub fn write(&self, state: &State, now: Instant) -> io::Result<()> {
        self.put(&mut state.clone(), now)
    }

    /// As [`StateFile::write`], and leaves out of the state what is left out of the file.
    fn put(&self, state: &mut State, now: Instant) -> io::Result<()> {
        let text = text(state, now)?;
        if self.bytes().is_ok_and(|bytes| bytes == text) {
            return Ok(());
        }
        // What a power cut tears is told, and mended by the next answer.
        write_own_file(&self.0, &text)
    }

    /// Reads, changes and writes, while nobody else does. What cannot be read counts as nothing. The change is made in any
    /// case, once.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn update(&self, now: Instant, change: impl FnOnce(&mut State)) -> io::Result<State> {
        let _alone = self.alone();
        let mut state = self.read().unwrap_or_default();
        change(&mut state);
        self.put(&mut state, now)?;
        Ok(state)
    }

    /// At most one byte more than a state file has.
    fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(&self.0)?.take(STATE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Waits for whoever is writing, which takes a millisecond; after half a second it goes on regardless, since somebody who
    /// was stopped in the middle must not stop every bar. The worst is then that one answer is lost. Painting waits for nobody.
    fn alone(&self) -> io::Result<File> {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        let file = open(folder, LOCK)?;
        for _ in 0..250 {
            if file.try_lock().is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(file)
    }
}

/// The file's text, of the newest accounts that fit; the others are forgotten.
fn text(state: &mut State, now: Instant) -> io::Result<Vec<u8>> {
    let State { entries, current } = state;
    let is_present = |entry: &Entry| current.get(&entry.source) == Some(&entry.account);
    entries.retain(|entry| is_present(entry) || last_heard(entry).plus_seconds(KEPT_SECONDS) > now);
    loop {
        let text = serde_json::to_vec(&Storing { version: VERSION, entries, current })?;
        if text.len() <= STATE_BYTES {
            return Ok(text);
        }
        if entries.is_empty() {
            return Err(io::Error::other("the state is too large"));
        }
        // Those that matter least go to the end, and as many of them are cut off as the text is too long by.
        entries.sort_by_key(|entry| Reverse((is_present(entry), last_heard(entry))));
        let excess = entries.len() * (text.len() - STATE_BYTES) / text.len();
        entries.truncate(entries.len() - excess.max(1));
    }
}

fn last_heard(entry: &Entry) -> Instant {
    let told = entry.usage.as_ref().map(|usage| usage.as_of);
    told.max(entry.asked_at).unwrap_or(Instant(0))
}

#[cfg(test)]
mod tests;
