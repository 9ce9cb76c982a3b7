//! Reading every row of a table without holding many of them.

use super::body::{Tally, put_row};
use super::schema::{Kind, Table, quoted};
use super::write::Blocks;
use crate::sql::{Row, Tx, Value};
use crate::{Engine, StoreError};
use futures_util::TryStreamExt;

/// Rows with bytes that are fetched at once from `SQLite`, whose driver reads ahead by the row: a piece of the archive is
/// 1 MiB. `PostgreSQL` sends no faster than we take.
const PAGE_ROWS: usize = 32;

/// Where rows go: into the tally, and into a file where there is one.
struct Taken<'s> {
    tally: Tally,
    bytes: Vec<u8>,
    sink: Option<&'s mut Blocks>,
}

impl Taken<'_> {
    async fn take(&mut self, table: &Table, row: &Row) -> Result<(), StoreError> {
        self.bytes.clear();
        put_row(&mut self.bytes, row, &table.columns)?;
        self.tally.add(&self.bytes);
        match &mut self.sink {
            Some(sink) => sink.row(&self.bytes).await,
            None => Ok(()),
        }
    }
}

/// Reads every row of a table into the sink, and tallies them.
pub(super) async fn rows(tx: &mut Tx, engine: Engine, table: &Table, sink: Option<&mut Blocks>) -> Result<Tally, StoreError> {
    let mut taken = Taken { tally: Tally::default(), bytes: Vec::new(), sink };
    if engine == Engine::Sqlite && table.has_bytes() && !table.key.is_empty() {
        let mut after: Vec<Value> = Vec::new();
        loop {
            let page = tx.fetch(page_sql(table, !after.is_empty()), &after).await?;
            for row in &page {
                taken.take(table, row).await?;
            }
            match page.last() {
                Some(last) if page.len() == PAGE_ROWS => after = key_of(table, last)?,
                _ => return Ok(taken.tally),
            }
        }
    }
    let mut rows = tx.stream(format!("select {} from {}", table.list(), quoted(&table.name)));
    while let Some(row) = rows.try_next().await? {
        taken.take(table, &row).await?;
    }
    Ok(taken.tally)
}

/// A page of rows in the order of the key, after the key in `$1`, `$2`, ...
fn page_sql(table: &Table, after: bool) -> String {
    let key = table.key.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let places = (1..=table.key.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let only = if after { format!(" where ({key}) > ({places})") } else { String::new() };
    format!("select {} from {}{only} order by {key} limit {PAGE_ROWS}", table.list(), quoted(&table.name))
}

fn key_of(table: &Table, row: &Row) -> Result<Vec<Value>, StoreError> {
    let mut key = Vec::new();
    for name in &table.key {
        for (place, column) in table.columns.iter().enumerate().filter(|(_, column)| column.name == *name) {
            key.push(match column.kind {
                Kind::Int => Value::Int(row.maybe_int(place)?),
                Kind::Text => Value::Text(row.maybe_text(place)?),
                Kind::Bytes => Value::Bytes(row.maybe_bytes(place)?),
            });
        }
    }
    Ok(key)
}
