//! How far syncs are, for whoever watches: the process that syncs writes it, every replica reads it.

use crate::sql::{Row, bind};
use crate::{Store, StoreError};
use serde::Serialize;
use tacho_domain::{Instant, IntegrationId, OrganizationId};

/// How a sync stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgressState {
    /// It goes on.
    Running,
    /// It came to its end.
    Finished,
    /// It ended early; the integration says why.
    Failed,
}

impl ProgressState {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Running, Self::Finished, Self::Failed].into_iter().find(|state| state.as_str() == name)
    }
}

/// How far the newest sync of an integration is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Which integration.
    pub integration: IntegrationId,
    /// How it stands.
    pub state: ProgressState,
    /// Slices done so far.
    pub done: u32,
    /// Slices in all.
    pub total: u32,
    /// The stream it is at.
    pub stream: Option<String>,
    /// When it began.
    pub begun_at: Instant,
    /// When this was noted.
    pub at: Instant,
}

impl Store {
    /// Notes how far a sync is, in place of what was noted before.
    pub async fn put_progress(&self, organization: OrganizationId, progress: &Progress) -> Result<(), StoreError> {
        self.execute(
            "insert into sync_progress (organization_id, integration_id, state, done, total, stream, begun_at, at)
             select organization_id, id, $3, $4, $5, $6, $7, $8 from integrations
             where organization_id = $1 and id = $2 and removed = 0
             on conflict (organization_id, integration_id) do update set state = excluded.state, done = excluded.done,
             total = excluded.total, stream = excluded.stream, begun_at = excluded.begun_at, at = excluded.at",
            bind![
                organization,
                progress.integration,
                progress.state.as_str(),
                progress.done,
                progress.total,
                progress.stream.as_deref(),
                progress.begun_at,
                progress.at
            ],
        )
        .await
        .map(drop)
    }

    /// How far the newest sync of every integration is, by integration.
    pub async fn list_progress(&self, organization: OrganizationId) -> Result<Vec<Progress>, StoreError> {
        let rows = self
            .fetch(
                "select integration_id, state, done, total, stream, begun_at, at from sync_progress
                 where organization_id = $1 order by integration_id",
                bind![organization],
            )
            .await?;
        rows.iter().map(progress).collect()
    }
}

fn progress(row: &Row) -> Result<Progress, StoreError> {
    let id = IntegrationId(row.int(0)?);
    let state = row.text(1)?;
    Ok(Progress {
        integration: id,
        state: ProgressState::parse(&state)
            .ok_or_else(|| StoreError::damaged("sync_progress", "state", id, format!("`{state}` is no state")))?,
        done: row.number(2)?,
        total: row.number(3)?,
        stream: row.maybe_text(4)?,
        begun_at: row.instant(5)?,
        at: row.instant(6)?,
    })
}
