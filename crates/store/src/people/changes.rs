//! The history of decisions about people, and how one is taken back.

use super::state::{State, Touched, rows_of};
use super::{By, hold};
use crate::sql::{Row, Tx, Value, bind};
use crate::{Store, StoreError};
use std::collections::HashMap;
use tacho_domain::{Instant, OrganizationId};

/// A decision about people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleChange {
    /// Its number; later ones are higher.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// Who decided.
    pub by: By,
    /// What, in words, with the names as they are today.
    pub what: String,
    /// When it was taken back.
    pub undone_at: Option<Instant>,
    /// Whether it can be taken back, unless something later overtook it.
    pub can_undo: bool,
}

/// What became of the wish to take a decision back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// Everything is as it was before.
    Done,
    /// There is no such decision.
    NotFound,
    /// It cannot be taken back, and why.
    Overtaken(String),
}

/// What kind of decision it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Match,
    Ignore,
    Split,
    Merge,
    Refuse,
    Add,
    Change,
    Import,
    Erase,
}

impl Kind {
    const ALL: [Self; 9] =
        [Self::Match, Self::Ignore, Self::Split, Self::Merge, Self::Refuse, Self::Add, Self::Change, Self::Import, Self::Erase];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Ignore => "ignore",
            Self::Split => "split",
            Self::Merge => "merge",
            Self::Refuse => "refuse",
            Self::Add => "add",
            Self::Change => "change",
            Self::Import => "import",
            Self::Erase => "erase",
        }
    }
}

/// A decision, to be written down.
pub(super) struct Decision {
    pub(super) kind: Kind,
    pub(super) identity: Option<u32>,
    pub(super) member: Option<u32>,
    pub(super) other: Option<u32>,
    pub(super) count: Option<u32>,
}

impl Decision {
    pub(super) const fn of_identity(kind: Kind, identity: u32, member: Option<u32>) -> Self {
        Self { kind, identity: Some(identity), member, other: None, count: None }
    }

    pub(super) const fn of_member(kind: Kind, member: u32, other: Option<u32>) -> Self {
        Self { kind, identity: None, member: Some(member), other, count: None }
    }
}

/// Writes a decision down, with the rows it touched as they were before and as they are now. Without rows it cannot be
/// taken back.
pub(super) async fn record(
    tx: &mut Tx,
    organization: OrganizationId,
    decision: &Decision,
    rows: Option<(&Touched, &State)>,
    (by, now): (By, Instant),
) -> Result<(), StoreError> {
    let texts = match rows {
        None => [None, None, None],
        Some((touched, before)) => {
            let after = State::read(tx, organization, touched).await?;
            if after == *before {
                return Ok(());
            }
            [Some(to_json(touched)?), Some(to_json(before)?), Some(to_json(&after)?)]
        }
    };
    let [touched, before, after] = &texts;
    tx.execute(
        "insert into people_changes
         (organization_id, id, at, by_whom, kind, identity_id, member_id, other_member_id, count, touched, before, after)
         select $1, coalesce(max(id), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 from people_changes where organization_id = $1",
        bind![
            organization,
            now,
            by.to_string().as_str(),
            decision.kind.as_str(),
            decision.identity,
            decision.member,
            decision.other,
            decision.count,
            touched.as_deref(),
            before.as_deref(),
            after.as_deref()
        ],
    )
    .await
    .map(drop)
}

fn to_json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::encode)
}

impl Store {
    /// Decisions about people, newest first: at most `limit` of those before the one of that number.
    pub async fn list_people_changes(
        &self,
        organization: OrganizationId,
        limit: u32,
        before: Option<i64>,
    ) -> Result<Vec<PeopleChange>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let rows = tx
            .fetch(
                "select id, at, by_whom, kind, identity_id, member_id, other_member_id, count, undone_at,
                        cast(case when touched is null then 0 else 1 end as bigint)
                 from people_changes where organization_id = $1 and id < $2 order by id desc limit $3",
                bind![organization, before.unwrap_or(i64::MAX), limit],
            )
            .await?;
        let names = Names::read(&mut tx, organization, &rows).await?;
        tx.commit().await?;
        rows.iter().map(|row| change(row, &names)).collect()
    }

    /// Takes a decision back: every row it touched is as it was before. Nothing is touched where a later decision, or a
    /// roster, has changed one of them since.
    pub async fn undo_people_change(
        &self,
        organization: OrganizationId,
        id: i64,
        by: By,
        now: Instant,
    ) -> Result<Undone, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let sql = "select undone_at, touched, before, after from people_changes where organization_id = $1 and id = $2";
        let Some(row) = tx.find(sql, bind![organization, id]).await? else { return Ok(Undone::NotFound) };
        if row.maybe_int(0)?.is_some() {
            return Ok(Undone::Overtaken("It was taken back already.".to_owned()));
        }
        let (Some(touched), Some(before), Some(after)) = (row.maybe_text(1)?, row.maybe_text(2)?, row.maybe_text(3)?) else {
            return Ok(Undone::Overtaken("This kind of change is for good.".to_owned()));
        };
        let damaged = |error| StoreError::damaged("people_changes", "touched", id, error);
        let touched: Touched = serde_json::from_str(&touched).map_err(damaged)?;
        let before: State = serde_json::from_str(&before).map_err(damaged)?;
        let after: State = serde_json::from_str(&after).map_err(damaged)?;
        if State::read(&mut tx, organization, &touched).await? != after
            || leaves_loose_ends(&mut tx, organization, &touched, &before).await?
        {
            let what = "Something that was decided or synced later changed the same people: take that back first.";
            return Ok(Undone::Overtaken(what.to_owned()));
        }
        before.restore(&mut tx, organization, &touched).await?;
        tx.execute(
            "update people_changes set undone_at = $3, undone_by = $4, touched = null, before = null, after = null
             where organization_id = $1 and id = $2",
            bind![organization, id, now, by.to_string().as_str()],
        )
        .await?;
        tx.commit().await?;
        Ok(Undone::Done)
    }
}

/// Whether a member who would be gone after the undoing has got something since: an identity, a team, a user, an address.
async fn leaves_loose_ends(
    tx: &mut Tx,
    organization: OrganizationId,
    touched: &Touched,
    before: &State,
) -> Result<bool, StoreError> {
    for &id in touched.members.iter().filter(|id| !before.has_member(**id)) {
        for (sql, known) in [
            ("id from identities where organization_id = $1 and member_id = $2", true),
            ("team_id from team_members where organization_id = $1 and member_id = $2", false),
            ("user_id from memberships where organization_id = $1 and member_id = $2", false),
            ("id from members where organization_id = $1 and merged_into = $2", false),
            ("member_id from member_addresses where organization_id = $1 and member_id = $2", false),
            ("member_id from refused_matches where organization_id = $1 and member_id = $2", false),
        ] {
            for row in tx.fetch(format!("select {sql}"), bind![organization, id]).await? {
                if !(known && touched.identities.contains(&row.number(0)?)) {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// What the changes' identities and members are called today.
struct Names {
    identities: HashMap<u32, String>,
    members: HashMap<u32, String>,
}

impl Names {
    async fn read(tx: &mut Tx, organization: OrganizationId, changes: &[Row]) -> Result<Self, StoreError> {
        let (mut identities, mut members) = (Vec::new(), Vec::new());
        for row in changes {
            identities.extend(row.maybe_number(4)?.map(Value::from));
            members.extend(row.maybe_number(5)?.map(Value::from));
            members.extend(row.maybe_number(6)?.map(Value::from));
        }
        let mut names = Self { identities: HashMap::new(), members: HashMap::new() };
        for row in rows_of(tx, organization, "id, label from identities", "id", identities.into_iter()).await? {
            names.identities.insert(row.number(0)?, row.text(1)?);
        }
        for row in rows_of(tx, organization, "id, coalesce(name, email) from members", "id", members.into_iter()).await? {
            names.members.insert(row.number(0)?, row.maybe_text(1)?.unwrap_or_default());
        }
        Ok(names)
    }
}

fn change(row: &Row, names: &Names) -> Result<PeopleChange, StoreError> {
    let id = row.int(0)?;
    let kind = row.text(3)?;
    let kind = Kind::ALL
        .into_iter()
        .find(|known| known.as_str() == kind)
        .ok_or_else(|| StoreError::damaged("people_changes", "kind", id, format!("`{kind}`")))?;
    let name = |names: &HashMap<u32, String>, column| {
        let known = |id: u32| names.get(&id).cloned().unwrap_or_else(|| format!("somebody ({id})"));
        Ok::<_, StoreError>(row.maybe_number(column)?.map(known).unwrap_or_default())
    };
    let (identity, member, other) = (name(&names.identities, 4)?, name(&names.members, 5)?, name(&names.members, 6)?);
    let what = match kind {
        Kind::Match => format!("{identity} is {member}"),
        Kind::Ignore => format!("{identity} is nobody to be counted among the people"),
        Kind::Split if row.maybe_int(5)?.is_none() => format!("{identity} is counted among the people again"),
        Kind::Split => format!("{identity} is not {member}"),
        Kind::Merge => format!("{member} and {other} are the same person"),
        Kind::Refuse => format!("{identity} is not {member}, as had been suggested"),
        Kind::Add => format!("{member} was added"),
        Kind::Change => format!("{member}'s name, address, login or last day was changed"),
        Kind::Import => format!("{} people came from a file", row.maybe_int(7)?.unwrap_or(0)),
        Kind::Erase => format!("{member} was pseudonymised for good"),
    };
    let undone_at = row.maybe_instant(8)?;
    Ok(PeopleChange {
        id,
        at: row.instant(1)?,
        by: By::read("people_changes", &row.text(2)?)?,
        what,
        undone_at,
        can_undo: undone_at.is_none() && row.int(9)? != 0,
    })
}
