//! Whether anything changed that reports are made of: what whoever watches compares, whichever process made the change.

use crate::sql::bind;
use crate::{ProgressState, Store, StoreError};
use tacho_domain::{Instant, OrganizationId};

/// How an organization's data stand. Two marks are equal exactly when nothing changed in between that reports show, but for
/// slices of a sync that still runs: those are told by its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DataMark {
    /// When a sync last ended, well or not.
    pub synced_at: Option<Instant>,
    /// When somebody last decided about people, teams, budgets or seats, as far as the decision is still there.
    pub decided_at: Option<Instant>,
    /// Counts changes of people and teams.
    people: i64,
    /// How many budgets and seat exclusions there are: one that was taken away leaves no instant.
    rules: i64,
    /// Counts changes of surveys and of their answers.
    surveys: i64,
}

impl Store {
    /// How an organization's data stand: a few rows by their keys, cheap enough to be asked again and again.
    pub async fn data_mark(&self, organization: OrganizationId) -> Result<DataMark, StoreError> {
        let mut tx = self.begin_reading().await?;
        let row = tx
            .find(
                "select people_version,
                     (select max(at) from sync_progress where organization_id = $1 and state <> $2),
                     (select max(at) from people_changes where organization_id = $1
                      and id = (select max(id) from people_changes where organization_id = $1)),
                     (select max(changed_at) from budgets where organization_id = $1),
                     (select max(made_at) from seat_exclusions where organization_id = $1),
                     (select count(*) from budgets where organization_id = $1)
                     + (select count(*) from seat_exclusions where organization_id = $1),
                     coalesce((select changes from surveys where organization_id = $1), 0)
                 from organizations where id = $1",
                bind![organization, ProgressState::Running.as_str()],
            )
            .await?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(DataMark::default()) };
        let decided = [row.maybe_instant(2)?, row.maybe_instant(3)?, row.maybe_instant(4)?];
        Ok(DataMark {
            synced_at: row.maybe_instant(1)?,
            decided_at: decided.into_iter().max().flatten(),
            people: row.int(0)?,
            rules: row.int(5)?,
            surveys: row.int(6)?,
        })
    }
}

impl DataMark {
    /// When anything last changed, as far as that has an instant.
    #[must_use]
    pub fn at(&self) -> Option<Instant> {
        self.synced_at.max(self.decided_at)
    }
}
