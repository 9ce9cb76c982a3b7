//! The rows that a decision about people touches, as they stand: written down before and after it, put back to undo it.

use crate::StoreError;
use crate::sql::{LIST, Row, Tx, Value, bind, list_of};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tacho_domain::OrganizationId;

/// Which rows a decision touches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Touched {
    pub(super) identities: BTreeSet<u32>,
    pub(super) members: BTreeSet<u32>,
    pub(super) refused: BTreeSet<(u32, u32)>,
    pub(super) addresses: BTreeSet<String>,
    pub(super) users: BTreeSet<i64>,
}

/// How these rows stand. What is not there is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    identities: Vec<IdentityState>,
    members: Vec<MemberState>,
    refused: BTreeSet<(u32, u32)>,
    addresses: BTreeSet<(String, u32)>,
    users: BTreeSet<(i64, Option<u32>)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct IdentityState {
    id: u32,
    member: Option<u32>,
    from: Option<i64>,
    how: String,
    decided_by: Option<String>,
    decided_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct MemberState {
    id: u32,
    email: Option<String>,
    name: Option<String>,
    name_from: Option<i64>,
    name_decided: i64,
    github_login: Option<String>,
    left_on: Option<i64>,
    merged_into: Option<u32>,
}

impl State {
    pub(super) async fn read(tx: &mut Tx, organization: OrganizationId, touched: &Touched) -> Result<Self, StoreError> {
        let mut state = Self::default();
        let sql = "id, member_id, member_from, how, decided_by, decided_at from identities";
        for row in rows_of(tx, organization, sql, "id", touched.identities.iter().map(|id| Value::from(*id))).await? {
            state.identities.push(IdentityState {
                id: row.number(0)?,
                member: row.maybe_number(1)?,
                from: row.maybe_int(2)?,
                how: row.text(3)?,
                decided_by: row.maybe_text(4)?,
                decided_at: row.maybe_int(5)?,
            });
        }
        let sql = "id, email, name, name_from, name_decided, github_login, left_on, merged_into from members";
        for row in rows_of(tx, organization, sql, "id", touched.members.iter().map(|id| Value::from(*id))).await? {
            state.members.push(MemberState {
                id: row.number(0)?,
                email: row.maybe_text(1)?,
                name: row.maybe_text(2)?,
                name_from: row.maybe_int(3)?,
                name_decided: row.int(4)?,
                github_login: row.maybe_text(5)?,
                left_on: row.maybe_int(6)?,
                merged_into: row.maybe_number(7)?,
            });
        }
        state.identities.sort_by_key(|identity| identity.id);
        state.members.sort_by_key(|member| member.id);
        let identities = touched.refused.iter().map(|(identity, _)| Value::from(*identity));
        for row in rows_of(tx, organization, "identity_id, member_id from refused_matches", "identity_id", identities).await? {
            state.refused.extend(Some((row.number(0)?, row.number(1)?)).filter(|pair| touched.refused.contains(pair)));
        }
        let emails = touched.addresses.iter().map(|email| Value::from(email.as_str()));
        for row in rows_of(tx, organization, "email, member_id from member_addresses", "email", emails).await? {
            state.addresses.insert((row.text(0)?, row.number(1)?));
        }
        let users = touched.users.iter().map(|user| Value::from(*user));
        for row in rows_of(tx, organization, "user_id, member_id from memberships", "user_id", users).await? {
            state.users.insert((row.int(0)?, row.maybe_number(1)?));
        }
        Ok(state)
    }

    /// Puts the touched rows back as they are written here; those that are not, are taken away.
    pub(super) async fn restore(&self, tx: &mut Tx, organization: OrganizationId, touched: &Touched) -> Result<(), StoreError> {
        for identity in &self.identities {
            tx.execute(
                "update identities set member_id = $3, member_from = $4, how = $5, decided_by = $6, decided_at = $7
                 where organization_id = $1 and id = $2",
                bind![
                    organization,
                    identity.id,
                    identity.member,
                    identity.from,
                    identity.how.as_str(),
                    identity.decided_by.as_deref(),
                    identity.decided_at
                ],
            )
            .await?;
        }
        for (identity, member) in &touched.refused {
            let sql = "delete from refused_matches where organization_id = $1 and identity_id = $2 and member_id = $3";
            tx.execute(sql, bind![organization, *identity, *member]).await?;
        }
        for email in &touched.addresses {
            let sql = "delete from member_addresses where organization_id = $1 and email = $2";
            tx.execute(sql, bind![organization, email.as_str()]).await?;
        }
        self.restore_members(tx, organization, touched).await?;
        for (identity, member) in &self.refused {
            refuse(tx, organization, *identity, *member).await?;
        }
        for (email, member) in &self.addresses {
            add_address(tx, organization, email, *member).await?;
        }
        for (user, member) in &self.users {
            let sql = "update memberships set member_id = $3 where organization_id = $1 and user_id = $2";
            tx.execute(sql, bind![organization, *user, *member]).await?;
        }
        Ok(())
    }

    async fn restore_members(&self, tx: &mut Tx, organization: OrganizationId, touched: &Touched) -> Result<(), StoreError> {
        for id in touched.members.iter().filter(|id| self.members.iter().all(|member| member.id != **id)) {
            tx.execute("delete from shares where organization_id = $1 and member_id = $2", bind![organization, *id]).await?;
            tx.execute("delete from members where organization_id = $1 and id = $2", bind![organization, *id]).await?;
        }
        for member in &self.members {
            tx.execute(
                "update members set email = $3, name = $4, name_from = $5, name_decided = $6, github_login = $7, left_on = $8,
                 merged_into = $9 where organization_id = $1 and id = $2",
                bind![
                    organization,
                    member.id,
                    member.email.as_deref(),
                    member.name.as_deref(),
                    member.name_from,
                    member.name_decided,
                    member.github_login.as_deref(),
                    member.left_on,
                    member.merged_into
                ],
            )
            .await?;
        }
        Ok(())
    }

    /// The members of the touched rows that are written here.
    pub(super) fn has_member(&self, id: u32) -> bool {
        self.members.iter().any(|member| member.id == id)
    }
}

/// Rows of some keys, in pieces.
pub(super) async fn rows_of(
    tx: &mut Tx,
    organization: OrganizationId,
    sql: &str,
    key: &str,
    keys: impl Iterator<Item = Value>,
) -> Result<Vec<Row>, StoreError> {
    let keys: Vec<Value> = keys.collect();
    let mut rows = Vec::new();
    for chunk in keys.chunks(LIST) {
        let mut values = bind![organization].to_vec();
        values.extend_from_slice(chunk);
        let list = list_of(2, &mut values);
        rows.extend(tx.fetch(format!("select {sql} where organization_id = $1 and {key} in ({list})"), &values).await?);
    }
    Ok(rows)
}

/// Notes that the identity is not the member's.
pub(super) async fn refuse(tx: &mut Tx, organization: OrganizationId, identity: u32, member: u32) -> Result<(), StoreError> {
    let sql = "insert into refused_matches (organization_id, identity_id, member_id) values ($1, $2, $3)
               on conflict (organization_id, identity_id, member_id) do nothing";
    tx.execute(sql, bind![organization, identity, member]).await.map(drop)
}

/// Notes that the address was a member's.
pub(super) async fn add_address(tx: &mut Tx, organization: OrganizationId, email: &str, member: u32) -> Result<(), StoreError> {
    let sql = "insert into member_addresses (organization_id, email, member_id) values ($1, $2, $3)
               on conflict (organization_id, email) do update set member_id = excluded.member_id";
    tx.execute(sql, bind![organization, email, member]).await.map(drop)
}
