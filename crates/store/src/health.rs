//! How the database and what lies in it fare: for the doctor, and for metrics.

use crate::sql::bind;
use crate::{Engine, Store, StoreError};
use tacho_domain::{Day, Instant, IntegrationId, OrganizationId};

/// What a look at the database found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The engine's own version.
    pub version: String,
    /// The newest migration it has.
    pub migration: i64,
    /// Its size on the disk.
    pub size_bytes: i64,
    /// How `SQLite` keeps its journal: `wal`.
    pub journal: Option<String>,
    /// What time `PostgreSQL` thinks it is.
    pub clock: Option<Instant>,
    /// What its own check found damaged, in its own words; empty when nothing is, and where it has no such check.
    pub damage: Vec<String>,
}

/// How the job queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueState {
    /// Waiting, due or not.
    pub queued: i64,
    /// Waiting although it is due.
    pub due: i64,
    /// With a worker.
    pub running: i64,
    /// With a worker whose lease ran out, which no other has taken over.
    pub abandoned: i64,
    /// Since when the oldest one that is due waits.
    pub oldest_due_at: Option<Instant>,
}

/// How fresh an integration's data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// Whose.
    pub organization: OrganizationId,
    /// Which.
    pub integration: IntegrationId,
    /// Its connector.
    pub connector: String,
    /// When it was made.
    pub created_at: Instant,
    /// When its last sync that went well ended.
    pub last_synced_at: Option<Instant>,
    /// The newest day that its vendor will not restate any more.
    pub newest_final_day: Option<Day>,
    /// Whether its last sync failed.
    pub failing: bool,
    /// Whether it is not to be synced.
    pub paused: bool,
}

impl Store {
    /// Looks at the database itself; `thorough` reads all of a `SQLite` file.
    pub async fn examine(&self, thorough: bool) -> Result<Examination, StoreError> {
        let (version, size) = match self.engine() {
            Engine::Sqlite => {
                ("select sqlite_version()", "select page_count * page_size from pragma_page_count(), pragma_page_size()")
            }
            Engine::Postgres => ("select current_setting('server_version')", "select pg_database_size(current_database())"),
        };
        let migration = self.find("select max(number) from migrations", bind![]).await?;
        let mut found = Examination {
            version: self.find(version, bind![]).await?.map_or_else(|| Ok(String::new()), |row| row.text(0))?,
            migration: migration.map_or(Ok(None), |row| row.maybe_int(0))?.unwrap_or(0),
            size_bytes: self.find(size, bind![]).await?.map_or(Ok(0), |row| row.int(0))?,
            journal: None,
            clock: None,
            damage: Vec::new(),
        };
        if self.engine() == Engine::Postgres {
            let clock = self.find("select (extract(epoch from clock_timestamp()) * 1000000)::bigint", bind![]).await?;
            found.clock = clock.map(|row| row.instant(0)).transpose()?;
            return Ok(found);
        }
        found.journal = self.find("pragma journal_mode", bind![]).await?.map(|row| row.text(0)).transpose()?;
        if thorough {
            for row in self.fetch("pragma quick_check(5)", bind![]).await? {
                found.damage.push(row.text(0)?);
            }
            found.damage.retain(|said| said != "ok");
        }
        Ok(found)
    }

    /// How the job queue of the whole installation stands.
    pub async fn queue_state(&self, now: Instant) -> Result<QueueState, StoreError> {
        let row = self
            .find(
                "select coalesce(sum(case when state = 'queued' then 1 else 0 end), 0),
                        coalesce(sum(case when state = 'queued' and run_at <= $1 then 1 else 0 end), 0),
                        coalesce(sum(case when state = 'running' then 1 else 0 end), 0),
                        coalesce(sum(case when state = 'running' and lease_until <= $1 then 1 else 0 end), 0),
                        min(case when state = 'queued' and run_at <= $1 then run_at end)
                 from jobs where state in ('queued', 'running')",
                bind![now],
            )
            .await?;
        let Some(row) = row else { return Ok(QueueState::default()) };
        Ok(QueueState {
            queued: row.int(0)?,
            due: row.int(1)?,
            running: row.int(2)?,
            abandoned: row.int(3)?,
            oldest_due_at: row.maybe_instant(4)?,
        })
    }

    /// How fresh every integration of the installation is, but for those made from files or removed.
    pub async fn list_freshness(&self) -> Result<Vec<Freshness>, StoreError> {
        let sql = "select i.organization_id, i.id, i.connector, i.created_at, i.last_synced_at, i.paused,
                          cast(case when i.failure is null then 0 else 1 end as bigint),
                          (select max(s.day) from slice_rollups s where s.organization_id = i.organization_id
                           and s.integration_id = i.id and s.provisional = 0)
                   from integrations i
                   where i.removed = 0 and i.credential_tail is not null
                   order by i.organization_id, i.id";
        let rows = self.fetch(sql, bind![]).await?;
        let freshness = rows.iter().map(|row| {
            let day = row.maybe_int(7)?.and_then(|day| i32::try_from(day).ok()).map(Day);
            Ok(Freshness {
                organization: OrganizationId(row.int(0)?),
                integration: IntegrationId(row.int(1)?),
                connector: row.text(2)?,
                created_at: row.instant(3)?,
                last_synced_at: row.maybe_instant(4)?,
                newest_final_day: day,
                failing: row.int(6)? != 0,
                paused: row.int(5)? != 0,
            })
        });
        freshness.collect()
    }
}
