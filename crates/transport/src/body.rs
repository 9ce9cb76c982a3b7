//! The body of a reply: received once, bounded, checksummed on arrival, read as often as wanted. A short one lies in memory,
//! a long one in a temporary file that has no name any more and vanishes with its last reader.

use crate::Policy;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// How much is gathered before it is written to disk in one go, off the runtime's threads.
const WRITE_BYTES: usize = 1 << 20;

/// A received body.
#[derive(Clone)]
pub struct Body {
    kept: Kept,
    len: u64,
    checksum: [u8; 32],
}

#[derive(Clone)]
enum Kept {
    Memory(Bytes),
    File(Arc<File>),
}

impl Body {
    /// Its length in bytes, decompressed.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether it was too long for memory.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        matches!(self.kept, Kept::File(_))
    }

    /// SHA-256 of it, decompressed.
    #[must_use]
    pub fn checksum(&self) -> [u8; 32] {
        self.checksum
    }

    /// A reader from its beginning, independent of any other.
    ///
    /// # Errors
    /// None today; reading itself may fail when the disk does.
    pub fn reader(&self) -> io::Result<Box<dyn BufRead + Send>> {
        Ok(match &self.kept {
            Kept::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Kept::File(file) => Box::new(BufReader::with_capacity(1 << 16, FileReader { file: Arc::clone(file), at: 0 })),
        })
    }

    /// No bytes at all, as a 304 has.
    pub(crate) fn empty() -> Self {
        Self { kept: Kept::Memory(Bytes::new()), len: 0, checksum: Sha256::digest([]).into() }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("len", &self.len).field("is_on_disk", &self.is_on_disk()).finish_non_exhaustive()
    }
}

/// Reads a shared file at its own place; the file's cursor, which all would share, is not used.
struct FileReader {
    file: Arc<File>,
    at: u64,
}

impl Read for FileReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(&*self.file, into, self.at)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(&*self.file, into, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// Takes a body as it arrives.
pub(crate) struct Spool {
    limit: u64,
    memory_limit: usize,
    folder: Option<PathBuf>,
    pending: Vec<u8>,
    file: Option<File>,
    len: u64,
    hash: Sha256,
}

/// Why a body was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    #[error("the reply is larger than the limit of {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the reply could not be kept on disk: {0}")]
    Disk(#[from] io::Error),
}

impl Spool {
    pub(crate) fn new(policy: &Policy) -> Self {
        Self {
            limit: policy.body_limit,
            memory_limit: policy.memory_limit,
            folder: policy.spool_folder.clone(),
            pending: Vec::new(),
            file: None,
            len: 0,
            hash: Sha256::new(),
        }
    }

    /// Takes the next bytes.
    pub(crate) async fn take(&mut self, chunk: &[u8]) -> Result<(), NotTaken> {
        self.len += chunk.len() as u64;
        if self.len > self.limit {
            return Err(NotTaken::TooLarge { limit: self.limit });
        }
        self.hash.update(chunk);
        self.pending.extend_from_slice(chunk);
        let most = if self.file.is_some() { WRITE_BYTES } else { self.memory_limit };
        if self.pending.len() > most { self.write().await } else { Ok(()) }
    }

    /// The whole body.
    pub(crate) async fn finish(mut self) -> Result<Body, NotTaken> {
        if self.file.is_some() {
            self.write().await?;
        }
        let kept = match self.file {
            Some(file) => Kept::File(Arc::new(file)),
            None => Kept::Memory(Bytes::from(self.pending)),
        };
        Ok(Body { kept, len: self.len, checksum: self.hash.finalize().into() })
    }

    async fn write(&mut self) -> Result<(), NotTaken> {
        let (pending, file, folder) = (std::mem::take(&mut self.pending), self.file.take(), self.folder.clone());
        let writing = tokio::task::spawn_blocking(move || -> io::Result<(Vec<u8>, File)> {
            let mut file = match (file, folder) {
                (Some(file), _) => file,
                (None, Some(folder)) => tempfile::tempfile_in(folder)?,
                (None, None) => tempfile::tempfile()?,
            };
            file.write_all(&pending)?;
            Ok((pending, file))
        });
        let (mut pending, file) = writing.await.map_err(io::Error::other)??;
        pending.clear();
        pending.shrink_to(WRITE_BYTES);
        (self.pending, self.file) = (pending, Some(file));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn spooled(memory_limit: usize, chunks: &[&[u8]]) -> Body {
        let mut spool = Spool::new(&Policy { memory_limit, ..Policy::default() });
        for chunk in chunks {
            spool.take(chunk).await.unwrap();
        }
        spool.finish().await.unwrap()
    }

    fn text(body: &Body) -> String {
        let mut text = String::new();
        body.reader().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[tokio::test]
    async fn a_body_reads_the_same_from_memory_and_from_disk() {
        let chunks: [&[u8]; 3] = [b"one\n", b"two\n", b"three"];
        let (short, long) = (spooled(100, &chunks).await, spooled(5, &chunks).await);
        assert!(!short.is_on_disk() && long.is_on_disk());
        assert_eq!((text(&short), text(&long)), ("one\ntwo\nthree".to_owned(), "one\ntwo\nthree".to_owned()));
        assert_eq!((short.len(), long.len()), (13, 13));
        assert_eq!(hex::encode(short.checksum()), hex::encode(long.checksum()));
        assert_eq!(hex::encode(Body::empty().checksum()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[tokio::test]
    async fn readers_of_a_file_do_not_disturb_each_other() {
        let body = spooled(0, &[b"one\ntwo\n"]).await;
        let (mut a, mut b) = (body.reader().unwrap(), body.clone().reader().unwrap());
        let (mut from_a, mut from_b) = (String::new(), String::new());
        a.read_line(&mut from_a).unwrap();
        b.read_line(&mut from_b).unwrap();
        drop(body);
        a.read_line(&mut from_a).unwrap();
        assert_eq!((from_a.as_str(), from_b.as_str()), ("one\ntwo\n", "one\n"));
    }

    #[tokio::test]
    async fn a_missing_folder_is_an_error_and_not_a_panic() {
        let policy = Policy { memory_limit: 0, spool_folder: Some("/nowhere/at/all".into()), ..Policy::default() };
        let error = Spool::new(&policy).take(b"x").await.unwrap_err();
        assert!(matches!(error, NotTaken::Disk(_)), "{error}");
    }
}
