//! One refresher on the machine: a lock that the system takes back when its holder dies.
//!
//! Not a file with a process number in it: after a crash somebody would have to find out whether that number still means
//! the same process, and whoever finds out wrongly starts a second refresher.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

const NAME: &str = "refresh.lock";

/// The right to ask. It ends when this is dropped, and with the process.
#[derive(Debug)]
pub struct RefreshLock(#[expect(dead_code, reason = "held, not read: the lock lasts as long as the file is open")] File);

/// Why there is no lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Without {
    /// Another process holds it.
    Busy,
    /// The folder cannot be written to, or its file system knows no locks.
    Impossible,
}

impl RefreshLock {
    /// Takes the lock of a state folder, unless somebody has it or it cannot be had.
    #[must_use]
    pub fn try_take(folder: &Path) -> Option<Self> {
        Self::take(folder).ok()
    }

    pub(crate) fn take(folder: &Path) -> Result<Self, Without> {
        let file = open(folder, NAME).map_err(|_| Without::Impossible)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Without::Busy),
            Err(TryLockError::Error(_)) => Err(Without::Impossible),
        }
    }
}

/// Opens an empty file to lock, for its owner only; makes the folder as well.
pub(crate) fn open(folder: &Path, name: &str) -> io::Result<File> {
    let path = folder.join(name);
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(folder)?;
            options.open(&path)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_the_next_gets_it_after() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("a/b");
        let held = RefreshLock::try_take(&inside).unwrap();
        assert_eq!(RefreshLock::take(&inside).unwrap_err(), Without::Busy);
        drop(held);
        assert!(RefreshLock::try_take(&inside).is_some());
    }

    #[test]
    fn a_place_that_cannot_be_written_to_has_no_lock() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(RefreshLock::take(file.path()).unwrap_err(), Without::Impossible);
    }
}
