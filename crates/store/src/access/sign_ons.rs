//! Who a user is to an identity provider: a code host, or a company's own.

use super::User;
use super::users::{USER, user};
use crate::sql::bind;
use crate::{Store, StoreError};
use tacho_domain::{Instant, UserId};

/// A way to sign on that a user has linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOn {
    /// The identity provider.
    pub provider: String,
    /// The user's name with it, which never changes.
    pub subject: String,
    /// What people read: a login or an address.
    pub label: String,
    /// Since when.
    pub created_at: Instant,
}

impl Store {
    /// Links a user to who they are to an identity provider; the same once more changes the label.
    ///
    /// # Errors
    /// When that identity is somebody else's, or the user has another one of that provider.
    pub async fn link_sign_on(
        &self,
        id: UserId,
        provider: &str,
        subject: &str,
        label: &str,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = "insert into sign_ons (provider, subject, user_id, label, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing";
        if tx.execute(sql, bind![provider, subject, id, label, now]).await? == 0 {
            let sql = "update sign_ons set label = $4 where provider = $1 and subject = $2 and user_id = $3";
            if tx.execute(sql, bind![provider, subject, id, label]).await? == 0 {
                return Err(StoreError::invalid(format!(
                    "`{label}` is linked to another account, or this account to another of that provider: unlink it first"
                )));
            }
        }
        tx.commit().await
    }

    /// The user whom an identity provider knows by that subject.
    pub async fn find_user_by_sign_on(&self, provider: &str, subject: &str) -> Result<Option<User>, StoreError> {
        let sql =
            format!("select {USER} from sign_ons s join users u on u.id = s.user_id where s.provider = $1 and s.subject = $2");
        self.find(sql, bind![provider, subject]).await?.map(|row| user(&row)).transpose()
    }

    /// The ways to sign on that a user has linked, by provider.
    pub async fn list_sign_ons(&self, id: UserId) -> Result<Vec<SignOn>, StoreError> {
        let sql = "select provider, subject, label, created_at from sign_ons where user_id = $1 order by provider";
        let rows = self.fetch(sql, bind![id]).await?;
        rows.iter()
            .map(|row| {
                Ok(SignOn { provider: row.text(0)?, subject: row.text(1)?, label: row.text(2)?, created_at: row.instant(3)? })
            })
            .collect()
    }

    /// Unlinks a user from an identity provider. Gives whether they were linked.
    pub async fn unlink_sign_on(&self, id: UserId, provider: &str) -> Result<bool, StoreError> {
        let sql = "delete from sign_ons where user_id = $1 and provider = $2";
        Ok(self.execute(sql, bind![id, provider]).await? > 0)
    }
}
