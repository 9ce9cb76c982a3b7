//! Users: people who sign in, with a password, a second factor and recovery codes. They belong to the installation; what
//! they may do in an organization is in their membership.

use super::{email, name};
use crate::credentials::{current_key, open_row};
use crate::organizations::next_number;
use crate::sql::{Row, Tx, bind};
use crate::vault::SealedAs;
use crate::{Store, StoreError, Vault};
use secrecy::SecretString;
use tacho_domain::person::normal_email;
use tacho_domain::{Instant, UserId};

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their number.
    pub id: UserId,
    /// Their e-mail address, in lower case.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Whether they may sign in with a password.
    pub has_password: bool,
    /// Whether they are asked for a code too.
    pub has_second_factor: bool,
    /// Since when.
    pub created_at: Instant,
    /// When they were last here, to five minutes.
    pub last_seen_at: Option<Instant>,
}

/// A user to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewUser<'a> {
    /// Their e-mail address.
    pub email: &'a str,
    /// Their name; without one the address stands for it.
    pub name: &'a str,
    /// The password's hash, a PHC string; none for somebody who signs on elsewhere.
    pub password_hash: Option<&'a str>,
}

/// The columns of `users u` that [`user`] reads.
pub(super) const USER: &str = "u.id, u.email, u.name, cast(case when u.password_hash is null then 0 else 1 end as bigint),
    cast(case when exists (select 1 from second_factors f where f.user_id = u.id) then 1 else 0 end as bigint),
    u.created_at, u.last_seen_at";

impl Store {
    /// Adds a user, who is in no organization yet.
    ///
    /// # Errors
    /// When somebody has the e-mail address already, or it is none.
    pub async fn add_user(&self, new: &NewUser<'_>, now: Instant) -> Result<UserId, StoreError> {
        let mut tx = self.begin().await?;
        let id = add_user(&mut tx, new, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The user of that number.
    pub async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = self.find(format!("select {USER} from users u where u.id = $1"), bind![id]).await?;
        row.map(|row| user(&row)).transpose()
    }

    /// The user of that e-mail address.
    pub async fn find_user_by_email(&self, address: &str) -> Result<Option<User>, StoreError> {
        let address = normal_email(address);
        let row = self.find(format!("select {USER} from users u where u.email = $1"), bind![address.as_str()]).await?;
        row.map(|row| user(&row)).transpose()
    }

    /// How many users the installation has; none means that it is not set up.
    pub async fn count_users(&self) -> Result<i64, StoreError> {
        self.find("select count(*) from users", &[]).await?.map_or(Ok(0), |row| row.int(0))
    }

    /// Gives a user another name. Gives whether there is such a user.
    pub async fn rename_user(&self, id: UserId, new: &str) -> Result<bool, StoreError> {
        Ok(self.execute("update users set name = $2 where id = $1", bind![id, name(new)?]).await? > 0)
    }

    /// The hash of a user's password.
    pub async fn find_password_hash(&self, id: UserId) -> Result<Option<String>, StoreError> {
        let row = self.find("select password_hash from users where id = $1", bind![id]).await?;
        row.map_or(Ok(None), |row| row.maybe_text(0))
    }

    /// Puts a password's hash; ends every session of the user but the one of that hash, and drops the links that would let
    /// somebody in without it.
    pub async fn put_password_hash(
        &self,
        id: UserId,
        password_hash: &str,
        keep_session: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if tx.execute("update users set password_hash = $2 where id = $1", bind![id, password_hash]).await? == 0 {
            return Err(StoreError::invalid(format!("there is no user {id}")));
        }
        let nothing: &[u8] = &[];
        tx.execute("delete from sessions where user_id = $1 and hash <> $2", bind![id, keep_session.unwrap_or(nothing)]).await?;
        let links = "delete from one_time_links where user_id = $1 and kind in ('password_reset', 'sign_in')";
        tx.execute(links, bind![id]).await?;
        tx.commit().await
    }

    /// Puts another hash of the same password, made with the parameters of today. Ends nothing, and does nothing where the
    /// password was changed meanwhile.
    pub async fn renew_password_hash(&self, id: UserId, old: &str, new: &str) -> Result<bool, StoreError> {
        let sql = "update users set password_hash = $3 where id = $1 and password_hash = $2";
        Ok(self.execute(sql, bind![id, old, new]).await? > 0)
    }

    /// Puts or takes away the secret of a user's second factor, sealed as theirs. Recovery codes of the one before are gone.
    pub async fn put_second_factor(
        &self,
        id: UserId,
        secret: Option<&SecretString>,
        vault: &Vault,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.execute("delete from recovery_codes where user_id = $1", bind![id]).await?;
        tx.execute("delete from second_factors where user_id = $1", bind![id]).await?;
        if let Some(secret) = secret {
            let key = current_key(&mut tx, vault, now).await?;
            let sealed = key.seal(&SealedAs::SecondFactor(id), secret)?;
            tx.execute(
                "insert into second_factors (user_id, data_key_id, nonce, sealed, last_step, created_at)
                 values ($1, $2, $3, $4, 0, $5)",
                bind![id, key.id, sealed.nonce, sealed.bytes, now],
            )
            .await?;
        }
        tx.commit().await
    }

    /// Opens the secret of a user's second factor.
    ///
    /// # Errors
    /// When the vault's master key is another one, or the row was tampered with.
    pub async fn find_second_factor(&self, id: UserId, vault: &Vault) -> Result<Option<SecretString>, StoreError> {
        let row = self
            .find(
                "select f.nonce, f.sealed, k.id, k.nonce, k.sealed from second_factors f join data_keys k on k.id = f.data_key_id
                 where f.user_id = $1",
                bind![id],
            )
            .await?;
        row.map(|row| open_row(&row, vault, &SealedAs::SecondFactor(id))).transpose()
    }

    /// Notes that the code of a time step was used. Gives false when that one or a later one was used before: a code works
    /// once, even for two who send it at the same moment.
    pub async fn claim_second_factor_step(&self, id: UserId, step: i64) -> Result<bool, StoreError> {
        let sql = "update second_factors set last_step = $2 where user_id = $1 and last_step < $2";
        Ok(self.execute(sql, bind![id, step]).await? > 0)
    }

    /// Puts a user's recovery codes in the place of those before, by their hashes.
    pub async fn put_recovery_codes(&self, id: UserId, hashes: &[Vec<u8>]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.execute("delete from recovery_codes where user_id = $1", bind![id]).await?;
        for hash in hashes {
            tx.execute("insert into recovery_codes (user_id, hash) values ($1, $2)", bind![id, hash.as_slice()]).await?;
        }
        tx.commit().await
    }

    /// How many recovery codes a user has left.
    pub async fn count_recovery_codes(&self, id: UserId) -> Result<i64, StoreError> {
        let row = self.find("select count(*) from recovery_codes where user_id = $1", bind![id]).await?;
        row.map_or(Ok(0), |row| row.int(0))
    }

    /// Uses a recovery code up: a second claim gives false.
    pub async fn claim_recovery_code(&self, id: UserId, hash: &[u8]) -> Result<bool, StoreError> {
        let sql = "delete from recovery_codes where user_id = $1 and hash = $2";
        Ok(self.execute(sql, bind![id, hash]).await? > 0)
    }
}

/// Adds a user within a transaction.
pub(super) async fn add_user(tx: &mut Tx, new: &NewUser<'_>, now: Instant) -> Result<UserId, StoreError> {
    let address = email(new.email)?;
    let called = if new.name.trim().is_empty() { address.as_str() } else { new.name };
    // The counter makes whoever else adds one wait; they may have added this one.
    let id = UserId(next_number(tx, "users").await?);
    let added = tx
        .execute(
            "insert into users (id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5)
             on conflict (email) do nothing",
            bind![id, address.as_str(), name(called)?, new.password_hash, now],
        )
        .await?;
    if added == 0 {
        return Err(StoreError::invalid(format!("`{address}` has an account already")));
    }
    Ok(id)
}

/// Takes away a user who is in no organization, with all that was theirs.
pub(super) async fn remove_stray_user(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    if tx.find("select 1 from memberships where user_id = $1", bind![id]).await?.is_some() {
        return Ok(());
    }
    for table in ["recovery_codes", "second_factors", "sign_ons"] {
        tx.execute(format!("delete from {table} where user_id = $1"), bind![id]).await?;
    }
    tx.execute("delete from users where id = $1", bind![id]).await.map(drop)
}

/// Reads the columns of [`USER`], which stand first.
pub(super) fn user(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: UserId(row.int(0)?),
        email: row.text(1)?,
        name: row.text(2)?,
        has_password: row.int(3)? != 0,
        has_second_factor: row.int(4)? != 0,
        created_at: row.instant(5)?,
        last_seen_at: row.maybe_instant(6)?,
    })
}
