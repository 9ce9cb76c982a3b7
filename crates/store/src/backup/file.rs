//! The file around the rows: a mark, the format's number, the header as JSON, the compressed blocks, and the SHA-256 of all
//! of that. Everything here runs on a blocking thread.

use super::body::LONGEST_BLOCK_BYTES;
use super::{FORMAT, Header, unusable};
use crate::StoreError;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::{Receiver, Sender};

const MARK: &[u8; 8] = b"TACHOBK\n";
const DIGEST_BYTES: u64 = 32;
const DIGEST_LENGTH: usize = 32;
/// A header says a line for each table.
const LONGEST_HEADER_BYTES: u32 = 16 << 20;
const LEVEL: i32 = 3;

/// What the writing thread is told.
pub(super) enum Piece {
    Block(Vec<u8>),
    /// Everything was sent: without it the file is not kept.
    End,
}

/// Hashes what passes through.
struct Hashing<W> {
    inner: W,
    digest: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.digest.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A file under a name of its own until it is whole; gone when it is dropped before.
pub(super) struct Unfinished {
    path: PathBuf,
    kept: bool,
}

impl Unfinished {
    /// Beside the name it will have.
    pub(super) fn beside(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self { path: path.with_file_name(format!(".{name}.{}.part", std::process::id())), kept: false }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, for good.
    pub(super) fn keep(mut self, path: &Path) -> io::Result<()> {
        std::fs::rename(&self.path, path)?;
        self.kept = true;
        // The name is on the disk only when its folder is.
        match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Writes a file for its owner only, block by block as they come. Gives its length.
pub(super) fn write(path: &Path, header: &Header, mut pieces: Receiver<Piece>) -> io::Result<u64> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = Hashing { inner: BufWriter::new(options.open(path)?), digest: Sha256::new(), bytes: 0 };
    let header = serde_json::to_vec(header)?;
    out.write_all(MARK)?;
    out.write_all(&FORMAT.to_le_bytes())?;
    out.write_all(&u32::try_from(header.len()).map_err(io::Error::other)?.to_le_bytes())?;
    out.write_all(&header)?;
    let mut encoder = zstd::Encoder::new(out, LEVEL)?;
    loop {
        match pieces.blocking_recv() {
            Some(Piece::Block(block)) => {
                encoder.write_all(&u32::try_from(block.len()).map_err(io::Error::other)?.to_le_bytes())?;
                encoder.write_all(&block)?;
            }
            Some(Piece::End) => break,
            None => return Err(io::Error::new(io::ErrorKind::Interrupted, "the backup was not read to its end")),
        }
    }
    let mut out = encoder.finish()?;
    let digest = out.digest.clone().finalize();
    out.inner.write_all(&digest)?;
    let bytes = out.bytes + DIGEST_BYTES;
    out.inner.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(bytes)
}

/// A file whose checksum is right.
pub(super) struct Checked {
    file: File,
    pub(super) header: Header,
    body_bytes: u64,
    pub(super) file_bytes: u64,
}

/// Opens a file, and reads all of it once to see that it is whole.
pub(super) fn check(path: &Path) -> Result<Checked, StoreError> {
    let mut file = File::open(path)?;
    let file_bytes = file.metadata()?.len();
    let mut begin = [0; 16];
    let short = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => unusable("it is cut off, or no backup at all"),
        _ => error.into(),
    };
    file.read_exact(&mut begin).map_err(short)?;
    if begin[..8] != MARK[..] {
        return Err(unusable("it is no backup of Tacho's"));
    }
    let format = u32::from_le_bytes([begin[8], begin[9], begin[10], begin[11]]);
    if format > FORMAT {
        return Err(unusable(format!(
            "its format is {format}, and this version reads {FORMAT}: run the newer Tacho that wrote it, or one newer still"
        )));
    }
    let header_bytes = u32::from_le_bytes([begin[12], begin[13], begin[14], begin[15]]);
    let before_body = 16 + u64::from(header_bytes);
    if header_bytes > LONGEST_HEADER_BYTES || file_bytes < before_body + DIGEST_BYTES {
        return Err(unusable("it is cut off or damaged"));
    }
    check_digest(&mut file, file_bytes - DIGEST_BYTES)?;
    file.seek(SeekFrom::Start(16))?;
    let mut header = vec![0; header_bytes as usize];
    file.read_exact(&mut header).map_err(short)?;
    let header = serde_json::from_slice(&header).map_err(|error| unusable(format!("its header cannot be read: {error}")))?;
    Ok(Checked { file, header, body_bytes: file_bytes - before_body - DIGEST_BYTES, file_bytes })
}

fn check_digest(file: &mut File, hashed_bytes: u64) -> Result<(), StoreError> {
    file.seek(SeekFrom::Start(0))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut reader = (&mut *file).take(hashed_bytes);
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => digest.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut told = [0; DIGEST_LENGTH];
    file.read_exact(&mut told)?;
    if digest.finalize().as_slice() == told {
        return Ok(());
    }
    Err(unusable("its checksum is wrong: it is cut off or was changed since it was written"))
}

impl Checked {
    /// Sends the blocks one after the other, until they end or nobody wants more.
    pub(super) fn send_blocks(self, blocks: &Sender<Vec<u8>>) -> io::Result<()> {
        let body = BufReader::with_capacity(256 * 1024, self.file.take(self.body_bytes));
        let mut decoder = zstd::Decoder::with_buffer(body)?;
        let mut length = [0; 4];
        loop {
            match decoder.read_exact(&mut length) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                other => other?,
            }
            let bytes = u32::from_le_bytes(length) as usize;
            if bytes > LONGEST_BLOCK_BYTES {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a block of the backup is too long"));
            }
            let mut block = vec![0; bytes];
            decoder.read_exact(&mut block)?;
            if blocks.blocking_send(block).is_err() {
                return Ok(());
            }
        }
    }
}
