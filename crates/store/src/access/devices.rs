//! Device grants (RFC 8628, where Tacho is the server): a program without a browser shows a code, somebody who is signed in
//! approves it, and the program that keeps asking learns so, once.

use super::scopes;
use crate::sql::{Tx, bind};
use crate::{Store, StoreError};
use tacho_domain::{Instant, OrganizationId, Scopes, UserId};

/// How long a device has to wait between two questions, and how much longer each time it does not (RFC 8628, 3.5).
const INTERVAL_SECONDS: i64 = 5;

/// A device grant to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewDeviceGrant<'a> {
    /// The hash of the device's secret.
    pub device_hash: &'a [u8],
    /// What a person types.
    pub user_code: &'a str,
    /// What the program calls itself.
    pub client_name: &'a str,
    /// What it asks for.
    pub scopes: Scopes,
    /// Until when it waits.
    pub expires_at: Instant,
}

/// A device that waits for somebody's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceGrant {
    /// What the program calls itself.
    pub client_name: String,
    /// What it asks for.
    pub scopes: Scopes,
    /// Until when it waits.
    pub expires_at: Instant,
    /// Since when.
    pub created_at: Instant,
}

/// What a device that asks is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DevicePoll {
    /// Nobody has decided yet.
    Pending,
    /// It asks too often, and has to wait longer from now on.
    SlowDown,
    /// Somebody refused it.
    Denied,
    /// It waited too long, has its answer already, or never was.
    Expired,
    /// Somebody approved it: told once.
    Approved {
        /// In which organization.
        organization: OrganizationId,
        /// Who.
        user: UserId,
        /// What it asked for.
        scopes: Scopes,
        /// What the program calls itself.
        name: String,
    },
}

impl Store {
    /// Adds a device grant.
    ///
    /// # Errors
    /// When its code waits already: make another one.
    pub async fn add_device_grant(&self, new: &NewDeviceGrant<'_>, now: Instant) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.execute("delete from device_grants where expires_at <= $1", bind![now]).await?;
        let scopes = new.scopes.to_string();
        let added = tx
            .execute(
                "insert into device_grants
                 (device_hash, user_code, client_name, scopes, state, interval_seconds, expires_at, created_at)
                 values ($1, $2, $3, $4, 'pending', $5, $6, $7) on conflict do nothing",
                bind![new.device_hash, new.user_code, new.client_name, scopes.as_str(), INTERVAL_SECONDS, new.expires_at, now],
            )
            .await?;
        if added == 0 {
            return Err(StoreError::invalid("a device with this code waits already"));
        }
        tx.commit().await
    }

    /// The device that waits for a decision about that code.
    pub async fn find_device_grant(&self, user_code: &str, now: Instant) -> Result<Option<DeviceGrant>, StoreError> {
        let sql = "select client_name, scopes, expires_at, created_at from device_grants
             where user_code = $1 and state = 'pending' and expires_at > $2";
        let Some(row) = self.find(sql, bind![user_code, now]).await? else { return Ok(None) };
        Ok(Some(DeviceGrant {
            client_name: row.text(0)?,
            scopes: scopes(&row.text(1)?, "device_grants", user_code)?,
            expires_at: row.instant(2)?,
            created_at: row.instant(3)?,
        }))
    }

    /// Approves or refuses a device for a user of the organization. Gives whether it was still waiting.
    pub async fn decide_device_grant(
        &self,
        organization: OrganizationId,
        user_code: &str,
        user: UserId,
        approve: bool,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let sql = "update device_grants set state = $4, organization_id = $1, user_id = $3
             where user_code = $2 and state = 'pending' and expires_at > $5
             and exists (select 1 from memberships where organization_id = $1 and user_id = $3 and locked = 0)";
        let state = if approve { "approved" } else { "denied" };
        Ok(self.execute(sql, bind![organization, user_code, user, state, now]).await? > 0)
    }

    /// What the device is told that asks now.
    pub async fn poll_device_grant(&self, device_hash: &[u8], now: Instant) -> Result<DevicePoll, StoreError> {
        let mut tx = self.begin().await?;
        // Touched first: of two questions at once the second waits and sees what the first was told.
        let sql = "update device_grants set interval_seconds = interval_seconds where device_hash = $1
             returning state, organization_id, user_id, scopes, client_name, last_polled_at, interval_seconds, expires_at";
        let Some(row) = tx.find(sql, bind![device_hash]).await? else { return Ok(DevicePoll::Expired) };
        let state = row.text(0)?;
        let told = if row.instant(7)? <= now {
            DevicePoll::Expired
        } else if state == "pending" {
            let interval = row.int(6)?;
            let early = row.maybe_instant(5)?.is_some_and(|last| last.plus_seconds(interval) > now);
            let next = if early { interval + INTERVAL_SECONDS } else { interval };
            let sql = "update device_grants set last_polled_at = $2, interval_seconds = $3 where device_hash = $1";
            tx.execute(sql, bind![device_hash, now, next]).await?;
            if early { DevicePoll::SlowDown } else { DevicePoll::Pending }
        } else if let ("approved", Some(organization), Some(user)) = (state.as_str(), row.maybe_int(1)?, row.maybe_int(2)?) {
            let name = row.text(4)?;
            let scopes = scopes(&row.text(3)?, "device_grants", &name)?;
            DevicePoll::Approved { organization: OrganizationId(organization), user: UserId(user), scopes, name }
        } else {
            DevicePoll::Denied
        };
        if !matches!(told, DevicePoll::Pending | DevicePoll::SlowDown) {
            remove(&mut tx, device_hash).await?;
        }
        tx.commit().await?;
        Ok(told)
    }
}

async fn remove(tx: &mut Tx, device_hash: &[u8]) -> Result<(), StoreError> {
    tx.execute("delete from device_grants where device_hash = $1", bind![device_hash]).await.map(drop)
}
