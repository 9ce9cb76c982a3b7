//! Writing a backup: one reading transaction sees one moment, while syncs go on.

use super::body::{BLOCK_BYTES, END, ROW, TABLE, TABLE_END, put_number};
use super::file::{self, Piece, Unfinished};
use super::restore::verify_backup;
use super::schema::{Table, quoted, tables};
use super::{Applied, Backup, Header, Stored, lost, read};
use crate::sql::{Tx, bind};
use crate::{Engine, Store, StoreError};
use std::path::Path;
use tacho_domain::Instant;
use tokio::sync::mpsc::{Sender, channel};

/// Blocks between the reader and the compressor.
const BLOCKS: usize = 4;

/// Writes everything that the database holds now into a new file with mode 0600. With `verify` the file is restored into a
/// temporary database first and compared row for row; only then does it get its name.
///
/// # Errors
/// When there is a file of that name, the database or the disk fails, or the file turns out not to hold what was read.
pub async fn back_up(store: &Store, path: &Path, now: Instant, verify: bool) -> Result<Backup, StoreError> {
    if path.exists() {
        return Err(StoreError::invalid(format!("`{}` exists already: a backup replaces no file", path.display())));
    }
    let unfinished = Unfinished::beside(path);
    let engine = store.engine();
    let mut tx = store.begin_reading().await?;
    let header = header(&mut tx, engine, now).await?;
    let (pieces, receiver) = channel(BLOCKS);
    let (place, told) = (unfinished.path().to_owned(), header.clone());
    let writer = tokio::task::spawn_blocking(move || file::write(&place, &told, receiver));
    let mut blocks = Blocks { pieces, block: Vec::with_capacity(BLOCK_BYTES + 4096) };
    let sent = blocks.send_all(&mut tx, engine, &header).await;
    drop(blocks);
    // Where the writer failed, sending failed because of it: its error is the one to tell.
    let bytes = writer.await.map_err(|_| lost())?;
    let bytes = match (sent, bytes) {
        (Ok(()), bytes) => bytes?,
        (Err(_), Err(error)) if error.kind() != std::io::ErrorKind::Interrupted => return Err(error.into()),
        (Err(error), _) => return Err(error),
    };
    tx.commit().await?;
    if verify {
        verify_backup(unfinished.path()).await?;
    }
    let target = path.to_owned();
    tokio::task::spawn_blocking(move || unfinished.keep(&target)).await.map_err(|_| lost())??;
    Ok(Backup::of(path.to_owned(), &header, bytes))
}

async fn header(tx: &mut Tx, engine: Engine, now: Instant) -> Result<Header, StoreError> {
    let mut migrations = Vec::new();
    for row in tx.fetch("select number, name, checksum from migrations order by number", bind![]).await? {
        migrations.push(Applied { number: row.int(0)?, name: row.text(1)?, checksum: hex::encode(row.bytes(2)?) });
    }
    let mut stored = Vec::new();
    for table in tables(tx, engine).await? {
        let rows = count(tx, &table).await?;
        stored.push(Stored { table, rows });
    }
    Ok(Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: format!("{engine:?}").to_lowercase(),
        created_at: now,
        migrations,
        tables: stored,
    })
}

/// How many rows a table has.
pub(super) async fn count(tx: &mut Tx, table: &Table) -> Result<u64, StoreError> {
    let row = tx.find(format!("select count(*) from {}", quoted(&table.name)), bind![]).await?;
    let rows = row.map_or(Ok(0), |row| row.int(0))?;
    Ok(u64::try_from(rows).unwrap_or(0))
}

/// Rows on their way to the writing thread.
pub(super) struct Blocks {
    pieces: Sender<Piece>,
    block: Vec<u8>,
}

impl Blocks {
    async fn send_all(&mut self, tx: &mut Tx, engine: Engine, header: &Header) -> Result<(), StoreError> {
        for (place, stored) in header.tables.iter().enumerate() {
            self.block.push(TABLE);
            put_number(&mut self.block, place as u64);
            let tally = read::rows(tx, engine, &stored.table, Some(&mut *self)).await?;
            self.block.push(TABLE_END);
            put_number(&mut self.block, tally.rows);
            self.block.extend_from_slice(&tally.sum.to_le_bytes());
        }
        self.block.push(END);
        self.send().await?;
        self.pieces.send(Piece::End).await.map_err(|_| lost())
    }

    pub(super) async fn row(&mut self, row: &[u8]) -> Result<(), StoreError> {
        self.block.push(ROW);
        self.block.extend_from_slice(row);
        if self.block.len() >= BLOCK_BYTES { self.send().await } else { Ok(()) }
    }

    async fn send(&mut self) -> Result<(), StoreError> {
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK_BYTES + 4096));
        self.pieces.send(Piece::Block(block)).await.map_err(|_| lost())
    }
}
