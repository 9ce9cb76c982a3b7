//! Matches that need nobody's yes, and two members who turn out to be one.

use super::changes::{Decision, Kind, record};
use super::members::{Written, read_member};
use super::state::{State, Touched};
use super::{By, MatchKind, hold};
use crate::sql::{Tx, bind};
use crate::{Store, StoreError};
use std::collections::BTreeSet;
use tacho_domain::{IdentityKind, Instant, OrganizationId, SubjectId};

impl Store {
    /// Makes two members one: the identities and the linked user of `from` are `into`'s from now on, the addresses and
    /// memberships of teams are looked up through it. Gives whether there are such members.
    ///
    /// # Errors
    /// When both are the same, or one was pseudonymised.
    pub async fn merge_members(
        &self,
        organization: OrganizationId,
        from: SubjectId,
        into: SubjectId,
        by: By,
        now: Instant,
    ) -> Result<bool, StoreError> {
        if from == into {
            return Err(StoreError::invalid("a member cannot be merged with themselves: choose another one"));
        }
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let here = read_member(&mut tx, organization, from.0).await?;
        let (Some(here), Some(there)) = (here, read_member(&mut tx, organization, into.0).await?) else { return Ok(false) };
        if here.erased || there.erased {
            return Err(StoreError::invalid("a member who was pseudonymised cannot be merged"));
        }
        let touched = touched_by_merge(&mut tx, organization, from.0, into.0, there.name.is_none()).await?;
        let before = State::read(&mut tx, organization, &touched).await?;
        for sql in [
            "update identities set member_id = $3 where organization_id = $1 and member_id = $2",
            "update members set merged_into = $3 where organization_id = $1 and (id = $2 or merged_into = $2)",
            "update memberships set member_id = $3 where organization_id = $1 and member_id = $2",
        ] {
            tx.execute(sql, bind![organization, from, into]).await?;
        }
        if let Some(name) = here.name.filter(|_| there.name.is_none()) {
            let sql = "update members set name = $3 where organization_id = $1 and id = $2";
            tx.execute(sql, bind![organization, into, name.as_str()]).await?;
        }
        let decision = Decision::of_member(Kind::Merge, from.0, Some(into.0));
        record(&mut tx, organization, &decision, Some((&touched, &before)), (by, now)).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn touched_by_merge(
    tx: &mut Tx,
    organization: OrganizationId,
    from: u32,
    into: u32,
    names_into: bool,
) -> Result<Touched, StoreError> {
    let mut touched = Touched::default();
    let sql = "select id from identities where organization_id = $1 and member_id = $2";
    for row in tx.fetch(sql, bind![organization, from]).await? {
        touched.identities.insert(row.number(0)?);
    }
    let sql = "select id from members where organization_id = $1 and (id = $2 or merged_into = $2)";
    for row in tx.fetch(sql, bind![organization, from]).await? {
        touched.members.insert(row.number(0)?);
    }
    touched.members.extend(names_into.then_some(into));
    let sql = "select user_id from memberships where organization_id = $1 and member_id = $2";
    for row in tx.fetch(sql, bind![organization, from]).await? {
        touched.users.insert(row.int(0)?);
    }
    Ok(touched)
}

/// The identities without a member and without anybody's decision that are certainly a member's: by the address, by the
/// GitHub login, and those of old files that name a login which a matched GitHub account has.
pub(super) async fn certain(
    tx: &mut Tx,
    organization: OrganizationId,
    member: Option<u32>,
    written: &Written,
) -> Result<BTreeSet<u32>, StoreError> {
    let rows = tx
        .fetch(
            "select id from identities i where organization_id = $1 and member_id is null and decided_at is null
             and (kind = $3 and key = $4 or kind = $5 and lower(label) = $7 or kind = $6 and key = $7
                  or kind = $6 and key in (select lower(known.label) from identities known
                                           where known.organization_id = $1 and known.member_id = $2 and known.kind = $5))
             and not exists (select 1 from refused_matches r
                             where r.organization_id = $1 and r.identity_id = i.id and r.member_id = $2)",
            bind![
                organization,
                member,
                IdentityKind::Email.as_str(),
                written.email.as_str(),
                IdentityKind::GithubId.as_str(),
                IdentityKind::GithubLogin.as_str(),
                written.github_login.as_deref()
            ],
        )
        .await?;
    rows.iter().map(|row| row.number(0)).collect()
}

/// Matches what is certain; gives how many identities that were.
pub(super) async fn match_certain(
    tx: &mut Tx,
    organization: OrganizationId,
    member: u32,
    written: &Written,
) -> Result<usize, StoreError> {
    let identities = certain(tx, organization, Some(member), written).await?;
    for identity in &identities {
        tx.execute(
            "update identities set member_id = $3, member_from = null, how = case when kind = $4 then $5 else $6 end
             where organization_id = $1 and id = $2",
            bind![
                organization,
                *identity,
                member,
                IdentityKind::Email.as_str(),
                MatchKind::ByAddress.as_str(),
                MatchKind::ByLogin.as_str()
            ],
        )
        .await?;
    }
    Ok(identities.len())
}
