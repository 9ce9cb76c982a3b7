//! Integrations: configured connections of an organization, and how they fare.

use crate::connections::{AuthKind, auth_kind, names};
use crate::facts::SLICE_TABLES;
use crate::person_months::{forget_months, keep_from_rolling};
use crate::sql::{Row, Tx, bind};
use crate::vault::Vault;
use crate::{Engine, Store, StoreError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tacho_domain::{Instant, IntegrationId, OrganizationId, ToolId, UserId};

/// How an integration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationState {
    /// The last sync went well, or there was none yet.
    Connected,
    /// The last sync failed; the failure says why.
    Failing,
    /// Not synced until someone resumes it.
    Paused,
    /// Made from files; there is no credential and nothing to sync.
    Imported,
}

/// A failure as it is shown: the same words on the page, in `doctor` and in the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFailure {
    /// The kind's stable name.
    pub kind: String,
    /// What happened.
    pub cause: String,
    /// What to do about it.
    pub fix: String,
    /// When.
    pub at: Instant,
}

/// A failure of one stream, while others may go well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamFailure {
    /// The stream.
    pub stream: String,
    /// What failed.
    pub failure: StoredFailure,
}

/// A configured connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// Its number within the organization.
    pub id: IntegrationId,
    /// The connector it speaks through.
    pub connector: String,
    /// The tool whose use it reports.
    pub tool: ToolId,
    /// What people call it.
    pub name: String,
    /// The connector's settings.
    pub settings: BTreeMap<String, String>,
    /// How it stands.
    pub state: IntegrationState,
    /// The last four characters of the credential, all that is ever shown of it.
    pub credential_tail: Option<String>,
    /// Since when.
    pub created_at: Instant,
    /// When a sync last went well.
    pub last_synced_at: Option<Instant>,
    /// Why the last sync did not.
    pub failure: Option<StoredFailure>,
    /// When the next try is due, while failing.
    pub next_try_at: Option<Instant>,
    /// Whose it is; `None`: the organization's.
    pub owner: Option<UserId>,
    /// How its secret was got.
    pub auth: AuthKind,
    /// What the credential may, where the vendor tells.
    pub granted_scopes: Option<Vec<String>>,
    /// What was asked for beyond what is needed.
    pub extra_scopes: Vec<String>,
    /// When the credential ends, where the vendor tells.
    pub expires_at: Option<Instant>,
}

/// A secret together with the vault that seals it.
#[derive(Debug, Clone, Copy)]
pub struct Credential<'a> {
    /// The secret.
    pub secret: &'a SecretString,
    /// Who seals it.
    pub vault: &'a Vault,
}

/// A connection to be made.
#[derive(Debug, Clone)]
pub struct NewIntegration<'a> {
    /// The connector.
    pub connector: &'a str,
    /// The tool.
    pub tool: &'a ToolId,
    /// What people call it.
    pub name: &'a str,
    /// The connector's settings.
    pub settings: &'a BTreeMap<String, String>,
    /// The credential, stored sealed in the same transaction; `None` makes an imported integration.
    pub credential: Option<Credential<'a>>,
    /// Whose it is; `None`: the organization's.
    pub owner: Option<UserId>,
}

/// How a sync ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// When it went well; `None` leaves the stored instant.
    pub last_synced_at: Option<Instant>,
    /// Why it did not; `None` clears the stored failure.
    pub failure: Option<StoredFailure>,
    /// When the next try is due; `None` clears it.
    pub next_try_at: Option<Instant>,
}

impl Store {
    /// Makes an integration, with its credential sealed in the same transaction.
    pub async fn add_integration(
        &self,
        organization: OrganizationId,
        new: &NewIntegration<'_>,
        now: Instant,
    ) -> Result<IntegrationId, StoreError> {
        let mut tx = self.begin().await?;
        let id = tx
            .find(
                "update organizations set next_number = next_number + 1 where id = $1 returning next_number - 1",
                bind![organization],
            )
            .await?
            .ok_or_else(|| StoreError::invalid(format!("there is no organization {}", organization.0)))?
            .int(0)
            .map(IntegrationId)?;
        tx.execute(
            "insert into integrations (organization_id, id, connector, tool, name, settings, paused, removed, created_at, owner_id)
             values ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8)",
            bind![
                organization,
                id,
                new.connector,
                new.tool.as_str(),
                new.name,
                to_json(new.settings)?.as_str(),
                now,
                new.owner.map(|owner| owner.0)
            ],
        )
        .await?;
        if let Some(credential) = new.credential {
            crate::credentials::seal(&mut tx, organization, id, credential, now).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// The integration of that number.
    pub async fn find_integration(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
    ) -> Result<Option<Integration>, StoreError> {
        let sql = format!("{INTEGRATIONS} and id = $2");
        self.find(sql, bind![organization, id]).await?.map(|row| integration(&row)).transpose()
    }

    /// Every integration, oldest first; removed ones whose data was kept are not among them.
    pub async fn list_integrations(&self, organization: OrganizationId) -> Result<Vec<Integration>, StoreError> {
        let sql = format!("{INTEGRATIONS} order by id");
        self.fetch(sql, bind![organization]).await?.iter().map(integration).collect()
    }

    /// Forgets the credential, and the data unless `keep_data`. Gives whether there was such an integration.
    pub async fn remove_integration(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        keep_data: bool,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        keep_from_rolling(&mut tx, organization).await?;
        // Before all else, so that a slice that is being written is waited for, and none is written afterwards.
        let was_there = tx
            .execute(
                "update integrations set removed = 1 where organization_id = $1 and id = $2 and removed = 0",
                bind![organization, id],
            )
            .await?;
        for table in ["credentials", "webhook_secrets", "webhook_deliveries", "stream_failures", "sync_progress"] {
            let sql = format!("delete from {table} where organization_id = $1 and integration_id = $2");
            tx.execute(sql, bind![organization, id]).await?;
        }
        tx.execute(
            "delete from jobs where organization_id = $1 and integration_id = $2 and state in ('queued', 'running')",
            bind![organization, id],
        )
        .await?;
        let touched = if keep_data {
            tx.execute(
                "update integrations set credential_tail = null, failure = null, next_try_at = null,
                 granted_scopes = null, credential_expires_at = null, probed_at = null, probed = null
                 where organization_id = $1 and id = $2",
                bind![organization, id],
            )
            .await?;
            was_there
        } else {
            for table in SLICE_TABLES.into_iter().chain(["slices", "archive_replies", "archive_chunks", "teams", "team_streams"])
            {
                let sql = format!("delete from {table} where organization_id = $1 and integration_id = $2");
                tx.execute(sql, bind![organization, id]).await?;
            }
            forget_months(&mut tx, organization).await?;
            crate::pull_requests::forget_repositories(&mut tx, organization).await?;
            tx.execute("delete from integrations where organization_id = $1 and id = $2", bind![organization, id]).await?
        };
        tx.commit().await?;
        Ok(touched > 0)
    }

    /// Stops or resumes syncing. Gives whether there was such an integration.
    pub async fn pause_integration(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        paused: bool,
    ) -> Result<bool, StoreError> {
        let touched = self
            .execute(
                "update integrations set paused = $3 where organization_id = $1 and id = $2 and removed = 0",
                bind![organization, id, paused],
            )
            .await?;
        Ok(touched > 0)
    }

    /// Notes how a sync ended.
    pub async fn put_integration_outcome(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        let failure = outcome.failure.as_ref().map(to_json).transpose()?;
        self.execute(
            "update integrations set last_synced_at = coalesce($3, last_synced_at), failure = $4, next_try_at = $5
             where organization_id = $1 and id = $2",
            bind![organization, id, outcome.last_synced_at, failure.as_deref(), outcome.next_try_at],
        )
        .await
        .map(drop)
    }

    /// Notes or clears the failure of one stream.
    pub async fn put_stream_failure(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        stream: &str,
        failure: Option<&StoredFailure>,
    ) -> Result<(), StoreError> {
        match failure {
            Some(failure) => {
                self.execute(
                    "insert into stream_failures (organization_id, integration_id, stream, failure) values ($1, $2, $3, $4)
                     on conflict (organization_id, integration_id, stream) do update set failure = excluded.failure",
                    bind![organization, id, stream, to_json(failure)?.as_str()],
                )
                .await
            }
            None => {
                self.execute(
                    "delete from stream_failures where organization_id = $1 and integration_id = $2 and stream = $3",
                    bind![organization, id, stream],
                )
                .await
            }
        }
        .map(drop)
    }

    /// The failures of an integration's streams.
    pub async fn list_stream_failures(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
    ) -> Result<Vec<StreamFailure>, StoreError> {
        let rows = self
            .fetch(
                "select stream, failure from stream_failures where organization_id = $1 and integration_id = $2 order by stream",
                bind![organization, id],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let stream = row.text(0)?;
                let failure = from_json("stream_failures", "failure", &stream, &row.text(1)?)?;
                Ok(StreamFailure { stream, failure })
            })
            .collect()
    }
}

/// Keeps an integration from being removed until the transaction ends: what is written of it meanwhile would outlive it.
pub(crate) async fn hold(tx: &mut Tx, organization: OrganizationId, id: IntegrationId) -> Result<(), StoreError> {
    let there = "select id from integrations where organization_id = $1 and id = $2 and removed = 0";
    // SQLite has one writer at a time and knows no such lock.
    let sql = if tx.engine() == Engine::Postgres { format!("{there} for share") } else { there.to_owned() };
    let found = tx.find(sql, bind![organization, id]).await?;
    found.map(drop).ok_or_else(|| StoreError::invalid(format!("there is no integration {id}")))
}

const INTEGRATIONS: &str =
    "select id, connector, tool, name, settings, credential_tail, paused, created_at, last_synced_at, failure,
    next_try_at, owner_id, auth, granted_scopes, extra_scopes, credential_expires_at
    from integrations where organization_id = $1 and removed = 0";

fn integration(row: &Row) -> Result<Integration, StoreError> {
    let id = IntegrationId(row.int(0)?);
    let credential_tail = row.maybe_text(5)?;
    let failure: Option<StoredFailure> =
        row.maybe_text(9)?.map(|text| from_json("integrations", "failure", id, &text)).transpose()?;
    let state = match (&credential_tail, row.int(6)?, &failure) {
        (None, _, _) => IntegrationState::Imported,
        (_, 1, _) => IntegrationState::Paused,
        (_, _, Some(_)) => IntegrationState::Failing,
        _ => IntegrationState::Connected,
    };
    Ok(Integration {
        id,
        connector: row.text(1)?,
        tool: ToolId(row.text(2)?.into()),
        name: row.text(3)?,
        settings: from_json("integrations", "settings", id, &row.text(4)?)?,
        state,
        credential_tail,
        created_at: row.instant(7)?,
        last_synced_at: row.maybe_instant(8)?,
        failure,
        next_try_at: row.maybe_instant(10)?,
        owner: row.maybe_int(11)?.map(UserId),
        auth: auth_kind(row, 12, id)?,
        granted_scopes: row.maybe_text(13)?.map(|text| names(&text)),
        extra_scopes: names(&row.text(14)?),
        expires_at: row.maybe_instant(15)?,
    })
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::invalid(format!("cannot be written as JSON: {error}")))
}

/// Reads JSON of our own; the message says where it stands, not what it holds.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(
    table: &'static str,
    column: &'static str,
    row: impl std::fmt::Display,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::damaged(table, column, row, format!("is not the JSON it should be: {error}")))
}
