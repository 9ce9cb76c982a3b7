//! Restoring a backup, and verifying one by restoring it. Everything happens in one transaction: a file that turns out wrong,
//! or a cut in between, leaves the database as it was.

use super::body::{Cell, END, ROW, Reader, TABLE, TABLE_END, Tally};
use super::file::{Checked, check};
use super::schema::{Column, Kind, NEVER_EMPTY, OF_MIGRATIONS, Table, quoted, tables};
use super::write::count;
use super::{Backup, Header, lost, read, unusable};
use crate::load::Loader;
use crate::sql::{Tx, bind};
use crate::{Engine, Store, StoreError, migrations};
use secrecy::SecretString;
use std::path::Path;
use tokio::sync::mpsc::{Receiver, channel};

/// Blocks between the decompressor and the database.
const BLOCKS: usize = 4;
/// Bytes that a loader may hold before it is begun anew.
const LOADER_BYTES: usize = 4 << 20;

/// Puts a backup into the database at `url`, which may be of the other engine and has to be empty; with `replace`, what is
/// there goes. The file's checksum is looked at before anything is touched. No other Tacho may use the database meanwhile.
///
/// # Errors
/// When the file is damaged, of a newer format or from a newer Tacho, or the database is not empty or fails.
pub async fn restore(url: &SecretString, path: &Path, replace: bool) -> Result<Backup, StoreError> {
    let checked = checked(path).await?;
    let store = Store::connect(url, 1, false).await?;
    let restored = put_back(&store, checked, path, replace).await;
    store.close().await;
    Ok(restored?.0)
}

/// Restores a backup into a temporary database beside it and compares every table, row for row by checksum, with the file.
///
/// # Errors
/// When the file is damaged, or what comes out of it differs from what it says.
pub async fn verify_backup(path: &Path) -> Result<Backup, StoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = tempfile::Builder::new().prefix(".tacho-verify-").tempdir_in(folder)?;
    let url = SecretString::from(format!("sqlite:{}", folder.path().join("verify.db").display()));
    let store = Store::connect(&url, 1, false).await?;
    let verified = async {
        let file = checked(path).await?;
        let header = file.header.clone();
        let (backup, tallies) = put_back(&store, file, path, false).await?;
        let mut tx = store.begin_reading().await?;
        let known = tables(&mut tx, Engine::Sqlite).await?;
        for (stored, told) in header.tables.iter().zip(tallies) {
            // The file does not say keys; the database at hand does.
            let key = known.iter().find(|known| known.name == stored.table.name).map(|known| known.key.clone());
            let table = Table { key: key.unwrap_or_default(), ..stored.table.clone() };
            let found = read::rows(&mut tx, Engine::Sqlite, &table, None).await?;
            if found != told && !OF_MIGRATIONS.contains(&table.name.as_str()) {
                return Err(unusable(format!("table `{}` came out of it otherwise than it went in", table.name)));
            }
        }
        tx.commit().await?;
        Ok(backup)
    };
    let verified = verified.await;
    store.close().await;
    verified
}

async fn checked(path: &Path) -> Result<Checked, StoreError> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || check(&path)).await.map_err(|_| lost())?
}

async fn put_back(store: &Store, file: Checked, path: &Path, replace: bool) -> Result<(Backup, Vec<Tally>), StoreError> {
    let engine = store.engine();
    let header = file.header.clone();
    let backup = Backup::of(path.to_owned(), &header, file.file_bytes);
    let mut tx = store.begin().await?;
    clear(&mut tx, engine, replace).await?;
    migrations::rebuild(&mut tx, engine, &header.migrations).await?;
    let known = tables(&mut tx, engine).await?;
    for stored in &header.tables {
        fits(&stored.table, &known)?;
        // What migrations put there is in the file as well. The audit log has nothing in it yet, and takes no deletion.
        if !OF_MIGRATIONS.contains(&stored.table.name.as_str()) && count(&mut tx, &stored.table).await? > 0 {
            tx.execute(format!("delete from {}", quoted(&stored.table.name)), bind![]).await?;
        }
    }
    let ties = untie(&mut tx, engine).await?;
    let (sender, mut blocks) = channel(BLOCKS);
    let reader = tokio::task::spawn_blocking(move || file.send_blocks(&sender));
    let loaded = load(&mut tx, &header, &mut blocks).await;
    drop(blocks);
    let read = reader.await.map_err(|_| lost())?;
    let tallies = match (loaded, read) {
        (_, Err(error)) => return Err(unusable(error)),
        (loaded, Ok(())) => loaded?,
    };
    for stored in header.tables.iter().filter(|stored| !OF_MIGRATIONS.contains(&stored.table.name.as_str())) {
        let there = count(&mut tx, &stored.table).await?;
        if there != stored.rows {
            return Err(unusable(format!("table `{}` has {} rows in it, and {there} came out", stored.table.name, stored.rows)));
        }
    }
    tie(&mut tx, engine, ties).await?;
    migrations::catch_up(&mut tx, engine).await?;
    tx.commit().await?;
    Ok((backup, tallies))
}

/// Takes away what is there; refuses when that is more than an unused installation has.
async fn clear(tx: &mut Tx, engine: Engine, replace: bool) -> Result<(), StoreError> {
    let there = tables(tx, engine).await?;
    for table in there.iter().filter(|table| !NEVER_EMPTY.contains(&table.name.as_str())) {
        if !replace && tx.find(format!("select 1 from {} limit 1", quoted(&table.name)), bind![]).await?.is_some() {
            return Err(StoreError::invalid(format!(
                "the database is not empty (`{}` has rows): a restore would replace everything in it",
                table.name
            )));
        }
    }
    let names: Vec<String> = there.iter().map(|table| quoted(&table.name)).collect();
    match engine {
        _ if names.is_empty() => Ok(()),
        // Its foreign keys are off on this connection, so the order does not matter.
        Engine::Sqlite => {
            for name in names {
                tx.run(format!("drop table {name}")).await?;
            }
            Ok(())
        }
        Engine::Postgres => {
            tx.run(format!("drop table {} cascade", names.join(", "))).await?;
            drop_functions(tx).await
        }
    }
}

/// Takes away the functions that migrations made for triggers.
async fn drop_functions(tx: &mut Tx) -> Result<(), StoreError> {
    let sql = "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
               where n.nspname = current_schema() and p.prokind = 'f'
                 and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')";
    for row in tx.fetch(sql, bind![]).await? {
        tx.run(format!("drop function {}", row.text(0)?)).await?;
    }
    Ok(())
}

/// Whether every column of the file has its place.
fn fits(table: &Table, known: &[Table]) -> Result<(), StoreError> {
    let there = known.iter().find(|there| there.name == table.name);
    let there = there.ok_or_else(|| unusable(format!("it has a table `{}` that this version does not know", table.name)))?;
    match table.columns.iter().find(|column| !there.columns.contains(column)) {
        Some(Column { name, .. }) => {
            Err(unusable(format!("table `{}` has a column `{name}` that this version does not know", table.name)))
        }
        None => Ok(()),
    }
}

/// Foreign keys wait for the end of the transaction. Gives the statements that make them strict again.
async fn untie(tx: &mut Tx, engine: Engine) -> Result<Vec<String>, StoreError> {
    if engine == Engine::Sqlite {
        return Ok(Vec::new());
    }
    let sql = "select t.relname::text, c.conname::text from pg_constraint c join pg_class t on t.oid = c.conrelid
               join pg_namespace n on n.oid = t.relnamespace
               where c.contype = 'f' and not c.condeferrable and n.nspname = current_schema() order by 1, 2";
    let mut ties = Vec::new();
    for row in tx.fetch(sql, bind![]).await? {
        let constraint = format!("alter table {} alter constraint {}", quoted(&row.text(0)?), quoted(&row.text(1)?));
        tx.run(format!("{constraint} deferrable initially deferred")).await?;
        ties.push(format!("{constraint} not deferrable"));
    }
    Ok(ties)
}

/// Looks at every foreign key and makes them strict again.
async fn tie(tx: &mut Tx, engine: Engine, ties: Vec<String>) -> Result<(), StoreError> {
    if engine == Engine::Sqlite {
        let wrong = tx.find("select \"table\" from pragma_foreign_key_check limit 1", bind![]).await?;
        return match wrong {
            Some(row) => Err(unusable(format!("a row of `{}` belongs to one that is not there", row.text(0)?))),
            None => Ok(()),
        };
    }
    tx.run("set constraints all immediate".to_owned()).await?;
    for statement in ties {
        tx.run(statement).await?;
    }
    Ok(())
}

/// The blocks as they come, with a place in the one at hand.
struct Incoming<'c> {
    blocks: &'c mut Receiver<Vec<u8>>,
    block: Vec<u8>,
    at: usize,
}

impl Incoming<'_> {
    /// What comes next.
    async fn tag(&mut self) -> Result<u8, StoreError> {
        while self.at == self.block.len() {
            self.block = self.blocks.recv().await.ok_or_else(|| unusable("it breaks off"))?;
            self.at = 0;
        }
        self.at += 1;
        Ok(self.block[self.at - 1])
    }

    fn read<T>(&mut self, read: impl FnOnce(&mut Reader<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut reader = Reader::new(&self.block[self.at..]);
        let found = read(&mut reader)?;
        self.at += reader.place();
        Ok(found)
    }
}

/// Loads every table; gives their tallies, which are those that the file says.
async fn load(tx: &mut Tx, header: &Header, blocks: &mut Receiver<Vec<u8>>) -> Result<Vec<Tally>, StoreError> {
    let mut incoming = Incoming { blocks, block: Vec::new(), at: 0 };
    let mut tallies = Vec::new();
    for (place, stored) in header.tables.iter().enumerate() {
        #[expect(clippy::redundant_closure_for_method_calls, reason = "the method alone is for one lifetime only")]
        if incoming.tag().await? != TABLE || incoming.read(|reader| reader.number())? != place as u64 {
            return Err(unusable("its tables are not in order"));
        }
        tallies.push(load_table(tx, &stored.table, &mut incoming).await?);
    }
    if incoming.tag().await? == END { Ok(tallies) } else { Err(unusable("it has no end")) }
}

async fn load_table(tx: &mut Tx, table: &Table, incoming: &mut Incoming<'_>) -> Result<Tally, StoreError> {
    let is_loaded = !OF_MIGRATIONS.contains(&table.name.as_str());
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut tally = Tally::default();
    loop {
        // A loader for as many rows as may be held: one of the archive's is up to 1 MiB.
        let (mut loader, mut held) = (tx.loader(&quoted(&table.name), &columns), 0);
        let ended = loop {
            match incoming.tag().await? {
                ROW => {
                    held += incoming.read(|reader| {
                        let row = reader.row(
                            &table.columns,
                            |kind, cell| {
                                if is_loaded { put(&mut loader, kind, cell) } else { Ok(()) }
                            },
                        )?;
                        tally.add(row);
                        Ok(row.len())
                    })?;
                    if is_loaded {
                        loader.end_row().await?;
                    }
                    if held >= LOADER_BYTES {
                        break false;
                    }
                }
                TABLE_END => break true,
                _ => return Err(unusable("something stands where a row was expected")),
            }
        };
        loader.finish().await?;
        if ended {
            let told = incoming.read(|reader| Ok(Tally { rows: reader.number()?, sum: u128::from_le_bytes(reader.array()?) }))?;
            if told != tally {
                return Err(unusable(format!("the rows of table `{}` are not those that were written", table.name)));
            }
            return Ok(tally);
        }
    }
}

fn put(loader: &mut Loader<'_>, kind: Kind, cell: Cell<'_>) -> Result<(), StoreError> {
    match (kind, cell) {
        (_, Cell::Int(value)) => loader.int(value),
        (_, Cell::Text(text)) => loader.text(text),
        (_, Cell::Bytes(bytes)) => loader.bytes(bytes),
        (Kind::Int, Cell::Null) => loader.int(None),
        (Kind::Text, Cell::Null) => loader.text(None),
        (Kind::Bytes, Cell::Null) => loader.bytes(None),
    }
}
