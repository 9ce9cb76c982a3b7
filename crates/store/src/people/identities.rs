//! Identities: whose they are, how that came about, and what a person decides about them.

use super::changes::{Decision, Kind, record};
use super::members::read_member;
use super::state::{State, Touched, refuse};
use super::{By, hold};
use crate::sql::{Row, Tx, bind};
use crate::{Store, StoreError};
use std::collections::{BTreeSet, HashMap};
use tacho_domain::{Day, IdentityId, IdentityKind, Instant, OrganizationId, SubjectId, ToolId, decode_active};

/// How an identity came to its member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchKind {
    /// It has none; its usage is shown as a line of its own.
    Unmatched,
    /// A vendor's roster gives its owner's address.
    ByRoster,
    /// Its key is the member's own address.
    ByAddress,
    /// It is the GitHub login that the member's record names.
    ByLogin,
    /// A person said so.
    ByHand,
    /// A person said that it is nobody: a bot, a shared account.
    Ignored,
}

impl MatchKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [Self::Unmatched, Self::ByRoster, Self::ByAddress, Self::ByLogin, Self::ByHand, Self::Ignored];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unmatched => "unmatched",
            Self::ByRoster => "by_roster",
            Self::ByAddress => "by_address",
            Self::ByLogin => "by_login",
            Self::ByHand => "by_hand",
            Self::Ignored => "ignored",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Unmatched => "not matched",
            Self::ByRoster => "by a vendor's roster",
            Self::ByAddress => "by the address",
            Self::ByLogin => "by the GitHub login",
            Self::ByHand => "by a person",
            Self::Ignored => "set aside",
        }
    }
}

/// A vendor's login, address or key name, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// Its number.
    pub id: IdentityId,
    /// What the key is.
    pub kind: IdentityKind,
    /// The key; a pseudonym once its member is pseudonymised.
    pub key: String,
    /// What people read; a pseudonym likewise.
    pub label: String,
    /// Whose it is.
    pub member: Option<SubjectId>,
    /// Their name or else address.
    pub member_name: Option<String>,
    /// How that came about.
    pub how: MatchKind,
    /// Its last active day.
    pub last_active: Option<Day>,
    /// The tools it was active with.
    pub tools: Vec<ToolId>,
}

impl Store {
    /// Every identity, by number.
    pub async fn list_identities(&self, organization: OrganizationId) -> Result<Vec<IdentityRow>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let identities = read_identities(&mut tx, organization, None).await?;
        tx.commit().await?;
        Ok(identities)
    }

    /// The identity of that number.
    pub async fn find_identity(&self, organization: OrganizationId, id: IdentityId) -> Result<Option<IdentityRow>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let identities = read_identities(&mut tx, organization, Some(id)).await?;
        tx.commit().await?;
        Ok(identities.into_iter().next())
    }

    /// Says whose an identity is; no roster changes it from then on. Gives whether there are such an identity and member.
    ///
    /// # Errors
    /// When either was pseudonymised.
    pub async fn match_identity(
        &self,
        organization: OrganizationId,
        id: IdentityId,
        member: SubjectId,
        by: By,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let Some(found) = read_member(&mut tx, organization, member.0).await? else { return Ok(false) };
        if found.erased {
            return Err(StoreError::invalid("this member was pseudonymised for good: nothing can be matched with them"));
        }
        let decided = Decided { kind: Kind::Match, how: MatchKind::ByHand, member: Some(member.0) };
        decided.apply(tx, organization, id, (by, now)).await
    }

    /// Says that an identity is nobody to be counted among the people; its usage stays in the totals. Gives whether there
    /// is such an identity.
    ///
    /// # Errors
    /// When its member was pseudonymised.
    pub async fn ignore_identity(
        &self,
        organization: OrganizationId,
        id: IdentityId,
        by: By,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let decided = Decided { kind: Kind::Ignore, how: MatchKind::Ignored, member: None };
        self.decide(organization, id, decided, (by, now)).await
    }

    /// Takes an identity away from its member, and it stays so: no roster brings it back, and they are not suggested for
    /// it. One that is ignored is ignored no longer. Gives whether there is such an identity with a member, or ignored.
    ///
    /// # Errors
    /// When its member was pseudonymised.
    pub async fn split_identity(
        &self,
        organization: OrganizationId,
        id: IdentityId,
        by: By,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let decided = Decided { kind: Kind::Split, how: MatchKind::Unmatched, member: None };
        self.decide(organization, id, decided, (by, now)).await
    }

    /// A decision that leaves the identity without a member.
    async fn decide(
        &self,
        organization: OrganizationId,
        id: IdentityId,
        decided: Decided,
        made: (By, Instant),
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        decided.apply(tx, organization, id, made).await
    }

    /// Says that an identity is not a member's, so that they are not suggested for it again. Gives whether there are such
    /// an identity and member.
    pub async fn refuse_suggestion(
        &self,
        organization: OrganizationId,
        id: IdentityId,
        member: SubjectId,
        by: By,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let known = owner(&mut tx, organization, id).await?.is_some();
        if !known || read_member(&mut tx, organization, member.0).await?.is_none() {
            return Ok(false);
        }
        let touched = Touched { refused: BTreeSet::from([(id.0, member.0)]), ..Touched::default() };
        let before = State::read(&mut tx, organization, &touched).await?;
        refuse(&mut tx, organization, id.0, member.0).await?;
        let decision = Decision::of_identity(Kind::Refuse, id.0, Some(member.0));
        record(&mut tx, organization, &decision, Some((&touched, &before)), (by, now)).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// What a person decided about an identity.
struct Decided {
    kind: Kind,
    how: MatchKind,
    member: Option<u32>,
}

impl Decided {
    async fn apply(
        self,
        mut tx: Tx,
        organization: OrganizationId,
        id: IdentityId,
        (by, now): (By, Instant),
    ) -> Result<bool, StoreError> {
        let Some(Owner { member: owner, erased, ignored }) = owner(&mut tx, organization, id).await? else { return Ok(false) };
        if erased {
            return Err(StoreError::invalid("this identity's member was pseudonymised for good: it stays theirs"));
        }
        if self.kind == Kind::Split && owner.is_none() && !ignored {
            return Ok(false);
        }
        let mut touched = Touched { identities: BTreeSet::from([id.0]), ..Touched::default() };
        let refused = owner.filter(|_| self.kind == Kind::Split);
        touched.refused.extend(self.member.or(refused).map(|member| (id.0, member)));
        let before = State::read(&mut tx, organization, &touched).await?;
        tx.execute(
            "update identities set member_id = $3, member_from = null, how = $4, decided_by = $5, decided_at = $6
             where organization_id = $1 and id = $2",
            bind![organization, id.0, self.member, self.how.as_str(), by.to_string().as_str(), now],
        )
        .await?;
        if let Some(member) = refused {
            refuse(&mut tx, organization, id.0, member).await?;
        }
        if let Some(member) = self.member {
            let sql = "delete from refused_matches where organization_id = $1 and identity_id = $2 and member_id = $3";
            tx.execute(sql, bind![organization, id.0, member]).await?;
        }
        let named = self.member.or(owner.filter(|_| self.kind == Kind::Split));
        let decision = Decision::of_identity(self.kind, id.0, named);
        record(&mut tx, organization, &decision, Some((&touched, &before)), (by, now)).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Whose an identity is, as it stands.
struct Owner {
    member: Option<u32>,
    erased: bool,
    ignored: bool,
}

/// Whose an identity is; `None` where there is none of that number.
async fn owner(tx: &mut Tx, organization: OrganizationId, id: IdentityId) -> Result<Option<Owner>, StoreError> {
    let sql = "select member_id, erased, how from identities where organization_id = $1 and id = $2";
    let row = tx.find(sql, bind![organization, id.0]).await?;
    let read = |row: Row| {
        let ignored = row.text(2)? == MatchKind::Ignored.as_str();
        Ok(Owner { member: row.maybe_number(0)?, erased: row.int(1)? != 0, ignored })
    };
    row.map(read).transpose()
}

pub(super) async fn read_identities(
    tx: &mut Tx,
    organization: OrganizationId,
    only: Option<IdentityId>,
) -> Result<Vec<IdentityRow>, StoreError> {
    let rows = tx
        .fetch(
            "select i.id, i.kind, i.key, i.label, i.member_id, coalesce(m.name, m.email), i.how
             from identities i left join members m on m.organization_id = i.organization_id and m.id = i.member_id
             where i.organization_id = $1 and ($2 is null or i.id = $2) order by i.id",
            bind![organization, only.map(|id| id.0)],
        )
        .await?;
    let mut identities = rows.iter().map(identity).collect::<Result<Vec<_>, _>>()?;
    note_activity(tx, organization, &mut identities).await?;
    Ok(identities)
}

fn identity(row: &Row) -> Result<IdentityRow, StoreError> {
    let id = row.number(0)?;
    let (kind, how) = (row.text(1)?, row.text(6)?);
    let wrong = |column, text: &str| StoreError::damaged("identities", column, id, format!("`{text}`"));
    Ok(IdentityRow {
        id: IdentityId(id),
        kind: IdentityKind::parse(&kind).ok_or_else(|| wrong("kind", &kind))?,
        key: row.text(2)?,
        label: row.text(3)?,
        member: row.maybe_number(4)?.map(SubjectId),
        member_name: row.maybe_text(5)?,
        how: MatchKind::ALL.into_iter().find(|known| known.as_str() == how).ok_or_else(|| wrong("how", &how))?,
        last_active: None,
        tools: Vec::new(),
    })
}

/// Reads last days and tools from the days' packed sets of who was active: a kilobyte a day where the facts would be
/// millions of rows.
async fn note_activity(tx: &mut Tx, organization: OrganizationId, identities: &mut [IdentityRow]) -> Result<(), StoreError> {
    let places: HashMap<u32, usize> = identities.iter().enumerate().map(|(place, row)| (row.id.0, place)).collect();
    let rows = tx
        .fetch(
            "select r.day, r.tool, p.active from slice_rollups r
             join slice_people p on p.organization_id = r.organization_id and p.day = r.day
                  and p.integration_id = r.integration_id and p.stream = r.stream
             where r.organization_id = $1 order by r.day desc, r.tool",
            bind![organization],
        )
        .await?;
    for row in rows {
        let (day, tool) = (row.day(0)?, ToolId(row.text(1)?.into()));
        decode_active(&row.bytes(2)?, |id| {
            if let Some(&place) = places.get(&id.0) {
                let identity = &mut identities[place];
                identity.last_active = identity.last_active.or(Some(day));
                if !identity.tools.contains(&tool) {
                    identity.tools.push(tool.clone());
                }
            }
        });
    }
    for identity in identities {
        identity.tools.sort();
    }
    Ok(())
}
