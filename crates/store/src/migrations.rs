//! Numbered migrations, one text for both engines but for the names of types. A migration that was changed after it ran,
//! or that only a newer Tacho knows, is an error: nothing is guessed.

use crate::backup::Applied;
use crate::sql::{Tx, bind};
use crate::{Engine, Store, StoreError, facts};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use tacho_domain::Measure;

struct Migration {
    number: i64,
    name: &'static str,
    text: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "first_tables", text: include_str!("../migrations/0001_first_tables.sql") },
    Migration { number: 2, name: "accounts", text: include_str!("../migrations/0002_accounts.sql") },
    Migration { number: 3, name: "people", text: include_str!("../migrations/0003_people.sql") },
    Migration { number: 4, name: "connections", text: include_str!("../migrations/0004_connections.sql") },
    Migration { number: COLUMNS, name: "columns", text: include_str!("../migrations/0005_columns.sql") },
    Migration { number: 6, name: "hours", text: include_str!("../migrations/0006_hours.sql") },
    Migration { number: 7, name: "money", text: include_str!("../migrations/0007_money.sql") },
    Migration { number: 8, name: "shares", text: include_str!("../migrations/0008_shares.sql") },
    Migration { number: SEAT_LISTS, name: "seat_lists", text: include_str!("../migrations/0009_seat_lists.sql") },
    Migration { number: 10, name: "delivery", text: include_str!("../migrations/0010_delivery.sql") },
    Migration { number: 11, name: "stamps", text: include_str!("../migrations/0011_stamps.sql") },
    Migration { number: PARTS, name: "parts", text: include_str!("../migrations/0012_parts.sql") },
    Migration { number: 13, name: "person_months", text: include_str!("../migrations/0013_person_months.sql") },
    Migration { number: 14, name: "commit_records", text: include_str!("../migrations/0014_commit_records.sql") },
    Migration { number: 15, name: "delivery_stamps", text: include_str!("../migrations/0015_delivery_stamps.sql") },
];

/// After this one, the packed columns are filled from the rows.
const COLUMNS: i64 = 5;

/// After this one, the lists of seats are packed from the rows.
const SEAT_LISTS: i64 = 9;

/// After this one, the parts and hours of people and the teams of snapshots are packed from the rows.
const PARTS: i64 = 12;

/// The tables that have a column for each measure.
const MEASURED: [&str; 4] = ["usage_daily", "usage_splits", "slice_rollups", "slice_splits"];

/// Any number that nothing else locks: replicas that start at once migrate one after the other.
const LOCK: i64 = 0x7461_6368_6f00;

pub(crate) async fn run(store: &Store) -> Result<(), StoreError> {
    let engine = store.engine();
    let mut tx = store.begin().await?;
    if engine == Engine::Postgres {
        tx.fetch("select pg_advisory_xact_lock($1)", bind![LOCK]).await?;
    }
    tx.run(for_engine(engine, RECORD)).await?;
    catch_up(&mut tx, engine).await?;
    tx.commit().await
}

/// Where it is written down what was done.
const RECORD: &str = "create table if not exists migrations
    (number {int} primary key, name text not null, checksum {bytes} not null){table};
    create table if not exists measure_columns (name text primary key){table};";

/// Does what has not been done yet.
pub(crate) async fn catch_up(tx: &mut Tx, engine: Engine) -> Result<(), StoreError> {
    apply(tx, engine, MIGRATIONS).await?;
    add_measures(tx, engine).await
}

/// Makes the tables of an empty database as these migrations left them: those of a backup.
pub(crate) async fn rebuild(tx: &mut Tx, engine: Engine, done: &[Applied]) -> Result<(), StoreError> {
    for applied in done {
        let Some(known) = MIGRATIONS.iter().find(|migration| migration.number == applied.number) else {
            return Err(StoreError::migration(format!(
                "the backup has migration {} (`{}`), which this version does not know: run the newer Tacho that wrote it",
                applied.number, applied.name
            )));
        };
        if applied.checksum != hex::encode(Sha256::digest(known.text)) {
            let Applied { number, name, .. } = applied;
            return Err(StoreError::migration(format!("migration {number} (`{name}`) is not the one the backup was made with")));
        }
    }
    tx.run(for_engine(engine, RECORD)).await?;
    let newest = done.last().map_or(0, |applied| applied.number);
    let until = MIGRATIONS.iter().filter(|migration| migration.number <= newest).count();
    apply(tx, engine, &MIGRATIONS[..until]).await?;
    add_measures(tx, engine).await
}

async fn apply(tx: &mut Tx, engine: Engine, known: &[Migration]) -> Result<(), StoreError> {
    let applied = tx.fetch("select number, name, checksum from migrations order by number", &[]).await?;
    for row in &applied {
        let (number, name) = (row.int(0)?, row.text(1)?);
        let Some(migration) = known.iter().find(|migration| migration.number == number) else {
            return Err(StoreError::migration(format!(
                "the database has migration {number} (`{name}`), which this version does not know: run the newer Tacho that made it"
            )));
        };
        if row.bytes(2)? != Sha256::digest(migration.text).as_slice() {
            return Err(StoreError::migration(format!(
                "migration {number} (`{name}`) is not the one this database was made with"
            )));
        }
    }
    let newest = applied.last().map_or(Ok(0), |row| row.int(0))?;
    for migration in known.iter().filter(|migration| migration.number > newest) {
        tx.run(for_engine(engine, migration.text)).await?;
        match migration.number {
            COLUMNS => facts::fill_columns(tx).await?,
            SEAT_LISTS => facts::fill_seat_lists(tx).await?,
            PARTS => {
                facts::fill_parts(tx).await?;
                facts::fill_team_lists(tx).await?;
                facts::fill_hour_counts(tx).await?;
            }
            _ => {}
        }
        let checksum = Sha256::digest(migration.text).to_vec();
        tx.execute(
            "insert into migrations (number, name, checksum) values ($1, $2, $3)",
            bind![migration.number, migration.name, checksum],
        )
        .await?;
    }
    Ok(())
}

/// Columns follow `Measure::ALL`: a measure that was added to the domain gets its columns here, without a migration text.
async fn add_measures(tx: &mut Tx, engine: Engine) -> Result<(), StoreError> {
    let mut known = Vec::new();
    for row in tx.fetch("select name from measure_columns", &[]).await? {
        known.push(row.text(0)?);
    }
    for measure in Measure::ALL.iter().filter(|measure| !known.iter().any(|name| name == measure.name())) {
        for table in MEASURED {
            tx.run(for_engine(engine, &format!("alter table {table} add column {} {{int}}", measure.name()))).await?;
        }
        tx.execute("insert into measure_columns (name) values ($1)", bind![measure.name()]).await?;
    }
    Ok(())
}

/// Puts the engine's own words into a text; lines after `--{sqlite}` or `--{postgres}` are for that engine alone.
fn for_engine(engine: Engine, text: &str) -> String {
    let (int, bytes, table, clustered) = match engine {
        Engine::Sqlite => ("integer", "blob", " strict", " strict, without rowid"),
        Engine::Postgres => ("bigint", "bytea", "", ""),
    };
    let text = match engine {
        Engine::Sqlite => text.replace("--{sqlite} ", ""),
        Engine::Postgres => text.replace("--{postgres} ", ""),
    };
    text.replace("{int}", int).replace("{bytes}", bytes).replace("{table}", table).replace("{clustered}", clustered)
}

/// The measures' column names, each with a prefix: `u.interactions, u.prompts, ...`.
pub(crate) fn measure_list(prefix: &str, measures: &[Measure]) -> String {
    let mut list = String::new();
    for measure in measures {
        let comma = if list.is_empty() { "" } else { ", " };
        let _ = write!(list, "{comma}{prefix}{}", measure.name());
    }
    list
}

/// Sums of the measures' columns under their own names; null where no row says anything.
pub(crate) fn measure_sums(prefix: &str, measures: &[Measure]) -> String {
    let sum = |measure: &Measure| format!("cast(sum({prefix}{name}) as bigint) as {name}", name = measure.name());
    measures.iter().map(sum).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fresh() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("t.db").display());
        (folder, Store::open(&url.into(), 1).await.unwrap())
    }

    #[tokio::test]
    async fn a_changed_migration_is_refused() {
        let (_folder, store) = fresh().await;
        let changed = [Migration { number: 1, name: "first_tables", text: "select 1" }];
        let mut tx = store.begin().await.unwrap();
        let error = apply(&mut tx, Engine::Sqlite, &changed).await.unwrap_err();
        assert!(error.is_migration());
        assert!(error.to_string().contains("migration 1 (`first_tables`) is not the one"), "{error}");
    }

    #[tokio::test]
    async fn a_newer_database_is_refused() {
        let (_folder, store) = fresh().await;
        store
            .execute("insert into migrations (number, name, checksum) values ($1, $2, $3)", bind![99i64, "later", vec![1u8]])
            .await
            .unwrap();
        let error = run(&store).await.unwrap_err();
        assert!(error.to_string().contains("has migration 99 (`later`)"), "{error}");
    }

    /// A database of the version before the columns, with a day of usage and a team in it.
    async fn before_columns(url: String) -> Store {
        let store = Store::connect(&url.into(), 1, true).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.run(for_engine(Engine::Sqlite, RECORD)).await.unwrap();
        let until = MIGRATIONS.iter().position(|migration| migration.number == COLUMNS).unwrap();
        apply(&mut tx, Engine::Sqlite, &MIGRATIONS[..until]).await.unwrap();
        add_measures(&mut tx, Engine::Sqlite).await.unwrap();
        for sql in [
            "insert into slices (organization_id, integration_id, stream, day, tool, state, row_count, fetched_at) values (1, 2, 'teams', 9, 't', 'final', 2, 0)",
            "insert into team_streams (organization_id, integration_id, stream) values (1, 2, 'teams')",
            "insert into team_members_daily (organization_id, integration_id, stream, day, team_key, identity_id, team) values (1, 2, 'teams', 9, 'a', 3, 'A'), (1, 2, 'teams', 9, 'a', 8, 'A')",
            "insert into slice_people (organization_id, day, integration_id, stream, active, people) values (1, 9, 2, 'usage', x'', x'')",
            "insert into usage_daily (organization_id, integration_id, stream, day, identity_id, interactions, lines_added) values (1, 2, 'usage', 9, 8, 5, 70), (1, 2, 'usage', 9, 3, 6, null), (1, 2, 'evidence', 9, 3, 6, 1)",
        ] {
            tx.run(sql.to_owned()).await.unwrap();
        }
        tx.commit().await.unwrap();
        store
    }

    #[tokio::test]
    async fn what_was_read_before_there_were_columns_is_packed_by_the_migration() {
        let folder = tempfile::tempdir().unwrap();
        let store = before_columns(format!("sqlite:{}", folder.path().join("t.db").display())).await;
        run(&store).await.unwrap();
        let columns = store.fetch("select stream, day, measure, packed from slice_columns", &[]).await.unwrap();
        assert_eq!(columns.len(), 1, "interactions are with the people, and evidence is not counted");
        assert_eq!((columns[0].text(0).unwrap().as_str(), columns[0].int(1).unwrap()), ("usage", 9));
        assert_eq!(columns[0].text(2).unwrap(), "lines_added");
        let expected = tacho_domain::columns::encode_values(&[None, Some(70)]);
        assert_eq!(columns[0].bytes(3).unwrap(), expected, "in the order of the identities");
        let teams = store.fetch("select team_key, identities from slice_teams", &[]).await.unwrap();
        assert_eq!((teams.len(), teams[0].text(0).unwrap().as_str()), (1, "a"));
        let mut named = Vec::new();
        tacho_domain::decode_active(&teams[0].bytes(1).unwrap(), |identity| named.push(identity.0));
        assert_eq!(named, [3, 8]);
        run(&store).await.unwrap();
        assert_eq!(store.fetch("select stream from slice_columns", &[]).await.unwrap().len(), 1, "once");
    }

    #[tokio::test]
    async fn what_bills_said_before_there_were_lines_is_added_up_by_the_migration() {
        let folder = tempfile::tempdir().unwrap();
        let store = before_columns(format!("sqlite:{}", folder.path().join("t.db").display())).await;
        for sql in [
            "insert into cost_daily (organization_id, integration_id, stream, day, identity_id, ledger, sku, model, quantity_micros, gross_micros, net_micros)
             values (1, 2, 'bills', 9, 0, 'metered', 'credits', 'm', null, 4, null), (1, 2, 'bills', 9, 7, 'metered', 'credits', 'm', 3, 5, 1),
                    (1, 2, 'bills', 9, 0, 'metered', 'credits', '', 1, 6, 0), (1, 2, 'evidence', 9, 0, 'metered', 'credits', 'm', 9, 9, 9)",
            "insert into slice_costs (organization_id, day, integration_id, stream, ledger, tool, gross_micros, net_micros)
             values (1, 9, 2, 'bills', 'metered', 't', 15, 1)",
        ] {
            store.execute(sql, &[]).await.unwrap();
        }
        run(&store).await.unwrap();
        let sql = "select model, quantity_micros, gross_micros, net_micros, tool from slice_cost_lines order by model";
        let lines = store.fetch(sql, &[]).await.unwrap();
        let told: Vec<_> = lines
            .iter()
            .map(|row| (row.text(0).unwrap(), row.maybe_int(1).unwrap(), row.int(2).unwrap(), row.maybe_int(3).unwrap()))
            .collect();
        assert_eq!(
            told,
            [(String::new(), Some(1), 6, Some(0)), ("m".to_owned(), Some(3), 9, Some(1))],
            "evidence is not counted"
        );
        assert_eq!(lines[0].text(4).unwrap(), "t");
    }

    #[tokio::test]
    async fn seats_that_were_listed_before_are_packed_by_the_migration() {
        let folder = tempfile::tempdir().unwrap();
        let store = before_columns(format!("sqlite:{}", folder.path().join("t.db").display())).await;
        for sql in [
            "insert into slice_seats (organization_id, day, integration_id, stream, tool, seats, unpriced, monthly_price_micros)
             values (1, 9, 2, 'seats', 't', 2, 1, 19), (1, 10, 2, 'seats', 't', 0, 0, 0)",
            "insert into seats_daily (organization_id, integration_id, stream, day, identity_id, created_at, last_activity_at, plan, cancels_on, monthly_price_micros)
             values (1, 2, 'seats', 9, 8, 86400000001, null, 'business', 12, 19), (1, 2, 'seats', 9, 3, null, 0, null, null, null)",
        ] {
            store.execute(sql, &[]).await.unwrap();
        }
        run(&store).await.unwrap();
        let lists = store.fetch("select day, seats from slice_seat_lists", &[]).await.unwrap();
        assert_eq!((lists.len(), lists[0].int(0).unwrap()), (1, 9), "a list without seats has nothing to pack");
        let (bytes, mut seats) = (lists[0].bytes(1).unwrap(), Vec::new());
        tacho_domain::columns::decode_seats(&bytes, |seat| {
            seats.push((seat.identity.0, seat.since.map(|day| day.0), seat.last_activity.map(|day| day.0), seat.plan));
        })
        .unwrap();
        assert_eq!(seats, [(3, None, Some(0), None), (8, Some(1), None, Some("business"))]);
    }

    #[tokio::test]
    async fn parts_and_teams_that_were_read_before_are_packed_by_the_migration() {
        let folder = tempfile::tempdir().unwrap();
        let store = before_columns(format!("sqlite:{}", folder.path().join("t.db").display())).await;
        for sql in [
            "insert into slice_rollups (organization_id, day, integration_id, stream, tool, provisional, knows_activity)
             values (1, 9, 2, 'usage', 't', 0, 1), (1, 10, 2, 'usage', 't', 0, 1)",
            "insert into usage_splits (organization_id, integration_id, stream, day, identity_id, dimension, value, interactions)
             values (1, 2, 'usage', 9, 8, 'model', 'm', 5), (1, 2, 'usage', 9, 3, 'model', 'm', 6),
                    (1, 2, 'usage', 9, 3, 'language', 'rust', null), (1, 2, 'evidence', 9, 3, 'model', 'm', 6)",
        ] {
            store.execute(sql, &[]).await.unwrap();
        }
        run(&store).await.unwrap();
        let parts = store.fetch("select stream, day, packed from slice_parts", &[]).await.unwrap();
        assert_eq!(parts.len(), 1, "a day without parts has nothing to pack, and evidence is not counted");
        assert_eq!((parts[0].text(0).unwrap().as_str(), parts[0].int(1).unwrap()), ("usage", 9));
        let mut sums = tacho_domain::columns::PartSums::new();
        let laid = tacho_domain::columns::LaidParts::unpack(&parts[0].bytes(2).unwrap()).unwrap();
        laid.add(&[tacho_domain::IdentityId(3)], None, &mut sums).unwrap();
        let told: Vec<_> = sums.iter().map(|((_, value), sums)| (value.as_str(), sums[Measure::Interactions])).collect();
        assert_eq!(told, [("m", Some(6)), ("rust", None)]);
        let lists = store.fetch("select day, stream, teams from slice_team_lists", &[]).await.unwrap();
        let (bytes, mut teams) = (lists[0].bytes(2).unwrap(), Vec::new());
        tacho_domain::columns::decode_teams(&bytes, |key, people| {
            tacho_domain::decode_active(people, |identity| teams.push((key.to_owned(), identity.0)));
        })
        .unwrap();
        assert_eq!((lists.len(), teams), (1, vec![("a".to_owned(), 3), ("a".to_owned(), 8)]));
    }

    #[tokio::test]
    async fn a_measure_that_is_new_gets_its_columns() {
        let (_folder, store) = fresh().await;
        for table in MEASURED {
            store.execute(format!("alter table {table} drop column active_ms"), &[]).await.unwrap();
        }
        store.execute("delete from measure_columns where name = $1", bind!["active_ms"]).await.unwrap();
        run(&store).await.unwrap();
        for table in MEASURED {
            assert!(store.fetch(format!("select active_ms from {table}"), &[]).await.unwrap().is_empty());
        }
    }
}
