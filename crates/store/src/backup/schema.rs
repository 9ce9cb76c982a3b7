//! The tables as the database itself describes them.

use crate::sql::{Tx, bind};
use crate::{Engine, StoreError};
use serde::{Deserialize, Serialize};

/// What a column holds. Everything stored is one of three kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Int,
    Text,
    Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The columns of its primary key, where the engine told them.
    #[serde(skip)]
    pub(super) key: Vec<String>,
}

/// Tables that migrations fill: they say how the others are built, and are built with them.
pub(super) const OF_MIGRATIONS: [&str; 2] = ["migrations", "measure_columns"];

/// Tables that hold something in a database nobody has used yet.
pub(super) const NEVER_EMPTY: [&str; 3] = ["migrations", "measure_columns", "counters"];

const OF_SQLITE: &str = "select t.name, c.name, lower(c.type), c.pk from sqlite_schema t join pragma_table_info(t.name) c
    where t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\' order by t.name, c.cid";

const OF_POSTGRES: &str = "select c.table_name::text, c.column_name::text, c.data_type::text, 0::bigint
    from information_schema.columns c join information_schema.tables t
      on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' order by c.table_name, c.ordinal_position";

/// Every table there is, by name.
pub(super) async fn tables(tx: &mut Tx, engine: Engine) -> Result<Vec<Table>, StoreError> {
    let sql = match engine {
        Engine::Sqlite => OF_SQLITE,
        Engine::Postgres => OF_POSTGRES,
    };
    let mut tables: Vec<Table> = Vec::new();
    let mut places: Vec<(i64, String)> = Vec::new();
    for row in tx.fetch(sql, bind![]).await? {
        let (table, name, kind, place) = (row.text(0)?, row.text(1)?, row.text(2)?, row.int(3)?);
        let kind = match kind.as_str() {
            "integer" | "bigint" => Kind::Int,
            "text" => Kind::Text,
            "blob" | "bytea" => Kind::Bytes,
            other => {
                return Err(StoreError::damaged("a table", "type", format!("{table}.{name}"), format!("`{other}` is not known")));
            }
        };
        if tables.last().is_none_or(|last| last.name != table) {
            places.clear();
            tables.push(Table { name: table, columns: Vec::new(), key: Vec::new() });
        }
        let Some(last) = tables.last_mut() else { continue };
        if place > 0 {
            places.push((place, name.clone()));
            places.sort();
            last.key = places.iter().map(|(_, name)| name.clone()).collect();
        }
        last.columns.push(Column { name, kind });
    }
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(tables)
}

impl Table {
    /// Its columns, ready for a statement.
    pub(super) fn list(&self) -> String {
        self.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn has_bytes(&self) -> bool {
        self.columns.iter().any(|column| column.kind == Kind::Bytes)
    }
}

/// A name as both engines take it, whatever it is.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
