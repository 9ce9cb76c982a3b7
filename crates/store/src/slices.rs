//! Slices: what was read of a stream's day, and how it is replaced as a whole.

use crate::facts::{self, Gathered};
use crate::integrations::hold;
use crate::people;
use crate::person_months::{forget_month, keep_from_rolling};
use crate::sql::{Tx, bind};
use crate::{Store, StoreError};
use futures_util::future::BoxFuture;
use tacho_domain::{Day, Fact, Instant, IntegrationId, OrganizationId, SliceState, StreamRole, ToolId, Window};

/// What is known of one day of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SliceRow {
    /// The stream.
    pub stream: String,
    /// The day.
    pub day: Day,
    /// How it stands.
    pub state: SliceState,
    /// The checksum it was written with.
    pub checksum: Option<Vec<u8>>,
    /// Facts it holds, after those with the same key were added up.
    pub rows: i64,
    /// When it was last read.
    pub fetched_at: Instant,
}

/// A day of a stream, to be put in place of what was there.
#[derive(Debug, Clone, Copy)]
pub struct SliceWrite<'a> {
    /// From which connection.
    pub integration: IntegrationId,
    /// Of which tool.
    pub tool: &'a ToolId,
    /// Which stream.
    pub stream: &'a str,
    /// What its facts are for.
    pub role: StreamRole,
    /// The day.
    pub day: Day,
    /// How it stands now.
    pub state: SliceState,
    /// Of what was read. The same checksum as stored means that the facts are the same, and they are left alone.
    pub checksum: &'a [u8],
    /// Write the facts even when the checksum is the stored one: after a reader was repaired.
    pub force: bool,
    /// When it was read.
    pub fetched_at: Instant,
    /// The facts; those with a day must be about `day`.
    pub facts: &'a [Fact],
}

/// What a replacement did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// Rows the slice holds now.
    pub rows: u64,
    /// Whether facts were written.
    pub changed: bool,
}

impl Store {
    /// The known days of an integration's stream (or of all its streams) in a window, by stream and day.
    pub async fn list_slices(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        stream: Option<&str>,
        window: Window,
    ) -> Result<Vec<SliceRow>, StoreError> {
        let rows = self
            .fetch(
                "select stream, day, state, checksum, row_count, fetched_at from slices
                 where organization_id = $1 and integration_id = $2 and ($3 is null or stream = $3) and day between $4 and $5
                 order by stream, day",
                bind![organization, integration, stream, window.from, window.to],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(SliceRow {
                    stream: row.text(0)?,
                    day: row.day(1)?,
                    state: state(&row.text(2)?)?,
                    checksum: row.maybe_bytes(3)?,
                    rows: row.int(4)?,
                    fetched_at: row.instant(5)?,
                })
            })
            .collect()
    }

    /// Puts a slice in place of what was there, with its roll-ups, people and mark, in one short transaction.
    ///
    /// # Errors
    /// When a fact is about another day than the slice.
    pub async fn replace_slice(&self, organization: OrganizationId, write: &SliceWrite<'_>) -> Result<Replaced, StoreError> {
        self.write_slice(organization, write).await
    }

    /// Boxed, so that the loops over rows are compiled here, with this crate's optimisation.
    fn write_slice<'s>(
        &'s self,
        organization: OrganizationId,
        write: &'s SliceWrite<'s>,
    ) -> BoxFuture<'s, Result<Replaced, StoreError>> {
        Box::pin(async move {
            let known = self.identities.of(organization);
            let mut tx = self.begin().await?;
            keep_from_rolling(&mut tx, organization).await?;
            hold(&mut tx, organization, write.integration).await?;
            let before = Before::mark(&mut tx, organization, write).await?;
            if let Some(rows) = before.rows.filter(|_| !write.force && before.says_the_same_as(write)) {
                before.restate(&mut tx, organization, write).await?;
                tx.commit().await?;
                return Ok(Replaced { rows, changed: false });
            }
            let resolved = facts::resolve(&mut tx, &known, organization, write).await?;
            let mut rows = Gathered::of(write, &resolved)?;
            if before.rows.is_some() {
                facts::delete_rows(&mut tx, organization, write).await?;
            }
            if !rows.people.is_empty() {
                let erased = facts::match_people(&mut tx, organization, write.integration, &rows.people).await?;
                rows.people.retain(|identity, _| !erased.contains(identity));
            }
            if !rows.teams.is_empty() {
                people::note_teams(&mut tx, organization, write, &rows.team_names()).await?;
            }
            forget_month(&mut tx, organization, write.day).await?;
            facts::write_rows(&mut tx, organization, write, &rows).await?;
            facts::write_rollups(&mut tx, organization, write, &rows).await?;
            let count = rows.len();
            tx.execute(
                "update slices set tool = $5, state = $6, checksum = $7, row_count = $8, stamp = $9
             where organization_id = $1 and integration_id = $2 and stream = $3 and day = $4",
                bind![
                    organization,
                    write.integration,
                    write.stream,
                    write.day,
                    write.tool.as_str(),
                    write.state.as_str(),
                    write.checksum,
                    i64::try_from(count).unwrap_or(i64::MAX),
                    rows.delivery_stamp(write)
                ],
            )
            .await?;
            tx.commit().await?;
            self.identities.learn(organization, resolved);
            Ok(Replaced { rows: count as u64, changed: true })
        })
    }
}

/// What was known of a slice before it is replaced.
struct Before {
    /// Its rows; `None`: it was not known.
    rows: Option<u64>,
    checksum: Option<Vec<u8>>,
    state: String,
}

impl Before {
    /// Marks the slice as fetched, and by that makes another transaction that wants to replace it wait.
    async fn mark(tx: &mut Tx, organization: OrganizationId, write: &SliceWrite<'_>) -> Result<Self, StoreError> {
        let row = tx
            .find(
                "insert into slices (organization_id, integration_id, stream, day, tool, state, row_count, fetched_at)
                 values ($1, $2, $3, $4, $5, $6, -1, $7)
                 on conflict (organization_id, integration_id, stream, day) do update set fetched_at = excluded.fetched_at
                 returning row_count, checksum, state",
                bind![
                    organization,
                    write.integration,
                    write.stream,
                    write.day,
                    write.tool.as_str(),
                    write.state.as_str(),
                    write.fetched_at
                ],
            )
            .await?
            .ok_or_else(|| StoreError::damaged("slices", "day", write.day, "was written but did not come back"))?;
        Ok(Self { rows: u64::try_from(row.int(0)?).ok(), checksum: row.maybe_bytes(1)?, state: row.text(2)? })
    }

    /// The same facts, and the vendor answered both times or neither: no rows and no answer are not the same.
    fn says_the_same_as(&self, write: &SliceWrite<'_>) -> bool {
        let answered = SliceState::parse(&self.state).is_some_and(SliceState::is_answered);
        self.checksum.as_deref() == Some(write.checksum) && answered == write.state.is_answered()
    }

    /// The facts are the same, but the day may have settled.
    async fn restate(&self, tx: &mut Tx, organization: OrganizationId, write: &SliceWrite<'_>) -> Result<(), StoreError> {
        if self.state == write.state.as_str() {
            return Ok(());
        }
        forget_month(tx, organization, write.day).await?;
        tx.execute(
            "update slices set state = $5 where organization_id = $1 and integration_id = $2 and stream = $3 and day = $4",
            bind![organization, write.integration, write.stream, write.day, write.state.as_str()],
        )
        .await?;
        tx.execute(
            "update slice_rollups set provisional = $5
             where organization_id = $1 and integration_id = $2 and stream = $3 and day = $4",
            bind![organization, write.integration, write.stream, write.day, write.state == SliceState::Provisional],
        )
        .await
        .map(drop)
    }
}

pub(crate) fn state(name: &str) -> Result<SliceState, StoreError> {
    SliceState::parse(name).ok_or_else(|| StoreError::damaged("slices", "state", format!("`{name}`"), "no such state"))
}
