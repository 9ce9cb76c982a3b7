//! The archive of raw replies: compressed, in pieces, never whole in memory.

use crate::sql::{Row, Tx, Value, bind};
use crate::{Store, StoreError};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use tacho_domain::{Day, Instant, IntegrationId, OrganizationId, Window};
use tempfile::SpooledTempFile;

/// A reply to be kept.
pub struct ArchivedReply {
    /// Its place among the slice's replies.
    pub seq: u32,
    /// Which of the stream's replies it is.
    pub step: String,
    /// The HTTP status.
    pub status: u16,
    /// The days the call was about.
    pub window: Window,
    /// The body, read once on a blocking thread.
    pub body: Box<dyn Read + Send>,
}

/// A reply that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveEntry {
    /// From which connection.
    pub integration: IntegrationId,
    /// Which stream.
    pub stream: String,
    /// The days of the slice that was fetched.
    pub slice: Window,
    /// Its place among the slice's replies.
    pub seq: u32,
    /// Which of the stream's replies it is.
    pub step: String,
    /// The HTTP status.
    pub status: u16,
    /// The days the call was about.
    pub window: Window,
    /// SHA-256 of the body.
    pub checksum: Vec<u8>,
    /// Bytes of the body.
    pub raw_bytes: u64,
    /// When it was fetched.
    pub fetched_at: Instant,
}

/// A kept reply's body, decompressed while it is read; meant for a blocking thread. Damage is an error, not an early end.
pub struct ArchiveBody {
    inner: Box<dyn BufRead + Send>,
}

impl fmt::Debug for ArchivedReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchivedReply").field("seq", &self.seq).field("step", &self.step).finish_non_exhaustive()
    }
}

impl fmt::Debug for ArchiveBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ArchiveBody")
    }
}

impl Read for ArchiveBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl BufRead for ArchiveBody {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
    }
}

impl Store {
    /// Keeps the replies of a slice in place of older ones for the same days: replies of slices that lie wholly within
    /// `slice` go. Bodies are read and compressed before the transaction begins.
    pub async fn put_archive(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        stream: &str,
        slice: Window,
        replies: Vec<ArchivedReply>,
        fetched_at: Instant,
    ) -> Result<(), StoreError> {
        let (mut spool, packed) = blocking(move || pack(replies)).await?;
        let mut tx = self.begin().await?;
        crate::integrations::hold(&mut tx, organization, integration).await?;
        for table in ["archive_chunks", "archive_replies"] {
            tx.execute(
                format!(
                    "delete from {table} where organization_id = $1 and integration_id = $2 and stream = $3
                     and slice_from >= $4 and slice_to <= $5"
                ),
                bind![organization, integration, stream, slice.from, slice.to],
            )
            .await?;
        }
        for reply in packed {
            let key = bind![organization, integration, stream, slice.from, slice.to, reply.seq];
            let mut values = key.to_vec();
            values.extend_from_slice(bind![
                reply.step.as_str(),
                reply.status,
                reply.window.from,
                reply.window.to,
                &reply.checksum[..],
                number(reply.raw_bytes),
                fetched_at
            ]);
            tx.execute(
                "insert into archive_replies (organization_id, integration_id, stream, slice_from, slice_to, seq, step, status,
                 call_from, call_to, checksum, raw_bytes, fetched_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                &values,
            )
            .await?;
            spool = put_chunks(&mut tx, key, spool, reply.length).await?;
        }
        tx.commit().await
    }

    /// The kept replies whose slices touch the window, oldest fetch first, each slice's in order.
    pub async fn list_archive(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        stream: Option<&str>,
        window: Window,
    ) -> Result<Vec<ArchiveEntry>, StoreError> {
        let rows = self
            .fetch(
                "select stream, slice_from, slice_to, seq, step, status, call_from, call_to, checksum, raw_bytes, fetched_at
                 from archive_replies
                 where organization_id = $1 and integration_id = $2 and ($3 is null or stream = $3)
                   and slice_from <= $5 and slice_to >= $4
                 order by fetched_at, stream, slice_from, slice_to, seq",
                bind![organization, integration, stream, window.from, window.to],
            )
            .await?;
        rows.iter().map(|row| entry(integration, row)).collect()
    }

    /// Opens a kept reply: its compressed pieces are spooled (to a file beyond 1 MiB) and decompressed while read.
    pub async fn open_archive(&self, organization: OrganizationId, entry: &ArchiveEntry) -> Result<ArchiveBody, StoreError> {
        let mut spool = SpooledTempFile::new(CHUNK_BYTES);
        let mut tx = self.begin_reading().await?;
        let key = bind![organization, entry.integration, entry.stream.as_str(), entry.slice.from, entry.slice.to, entry.seq];
        for place in 0u32.. {
            let mut values = key.to_vec();
            values.push(place.into());
            let sql = "select bytes from archive_chunks where organization_id = $1 and integration_id = $2 and stream = $3
                       and slice_from = $4 and slice_to = $5 and seq = $6 and place = $7";
            let Some(row) = tx.find(sql, &values).await? else { break };
            let chunk = row.bytes(0)?;
            spool = blocking(move || spool.write_all(&chunk).map(|()| spool)).await?;
        }
        tx.commit().await?;
        let body = blocking(move || {
            if spool.stream_position()? == 0 {
                return Ok(None);
            }
            spool.rewind()?;
            let decoder = zstd::Decoder::new(spool)?.single_frame();
            Ok(Some(ArchiveBody { inner: Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder)) }))
        })
        .await?;
        let row = || format!("({}, {}, {}, {}, {})", organization.0, entry.integration, entry.stream, entry.slice, entry.seq);
        body.ok_or_else(|| StoreError::damaged("archive_chunks", "bytes", row(), "are not there"))
    }
}

/// Compressed bytes in one row.
const CHUNK_BYTES: usize = 1024 * 1024;
const BUFFER_BYTES: usize = 64 * 1024;
const LEVEL: i32 = 3;

/// A reply whose body lies compressed in the spool.
struct Packed {
    seq: u32,
    step: String,
    status: u16,
    window: Window,
    checksum: [u8; 32],
    raw_bytes: u64,
    length: u64,
}

/// Compresses the bodies one after the other into one spool, which is a file from 1 MiB on.
fn pack(replies: Vec<ArchivedReply>) -> io::Result<(SpooledTempFile, Vec<Packed>)> {
    let mut spool = SpooledTempFile::new(CHUNK_BYTES);
    let mut packed = Vec::with_capacity(replies.len());
    let mut buffer = vec![0; BUFFER_BYTES];
    for mut reply in replies {
        let start = spool.stream_position()?;
        let mut encoder = zstd::Encoder::new(spool, LEVEL)?;
        encoder.include_checksum(true)?;
        let mut digest = Sha256::new();
        let mut raw_bytes = 0;
        loop {
            let read = match reply.body.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            digest.update(&buffer[..read]);
            raw_bytes += read as u64;
            encoder.write_all(&buffer[..read])?;
        }
        spool = encoder.finish()?;
        let length = spool.stream_position()? - start;
        let ArchivedReply { seq, step, status, window, .. } = reply;
        packed.push(Packed { seq, step, status, window, checksum: digest.finalize().into(), raw_bytes, length });
    }
    spool.seek(SeekFrom::Start(0))?;
    Ok((spool, packed))
}

/// Moves the next bytes of the spool into rows.
async fn put_chunks(
    tx: &mut Tx,
    key: &[Value],
    mut spool: SpooledTempFile,
    mut left: u64,
) -> Result<SpooledTempFile, StoreError> {
    let mut place = 0u32;
    while left > 0 {
        let (back, chunk) = blocking(move || {
            let mut chunk = Vec::new();
            (&mut spool).take(left.min(CHUNK_BYTES as u64)).read_to_end(&mut chunk)?;
            if chunk.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok((spool, chunk)) }
        })
        .await?;
        spool = back;
        left -= chunk.len() as u64;
        let mut values = key.to_vec();
        values.extend([place.into(), chunk.into()]);
        tx.execute(
            "insert into archive_chunks (organization_id, integration_id, stream, slice_from, slice_to, seq, place, bytes)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &values,
        )
        .await?;
        place += 1;
    }
    Ok(spool)
}

/// Runs file work and compression where it holds nobody up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(error) => Err(io::Error::other(error).into()),
    }
}

fn number(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn entry(integration: IntegrationId, row: &Row) -> Result<ArchiveEntry, StoreError> {
    let window = |from: Day, to: Day| {
        Window::new(from, to).map_err(|error| StoreError::damaged("archive_replies", "slice_to", integration, error))
    };
    let wrong = |column| StoreError::damaged("archive_replies", column, integration, "is out of range");
    Ok(ArchiveEntry {
        integration,
        stream: row.text(0)?,
        slice: window(row.day(1)?, row.day(2)?)?,
        seq: u32::try_from(row.int(3)?).map_err(|_| wrong("seq"))?,
        step: row.text(4)?,
        status: u16::try_from(row.int(5)?).map_err(|_| wrong("status"))?,
        window: window(row.day(6)?, row.day(7)?)?,
        checksum: row.bytes(8)?,
        raw_bytes: u64::try_from(row.int(9)?).map_err(|_| wrong("raw_bytes"))?,
        fetched_at: row.instant(10)?,
    })
}
