//! Teams: those that vendors name, and those that people make.

use super::hold;
use super::team_members::vendor_members;
use crate::facts::draw_numbers;
use crate::sql::{Row, Tx, bind, clean};
use crate::{SliceWrite, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tacho_domain::{Day, IntegrationId, OrganizationId};

/// Where a team comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TeamSource {
    /// A vendor names it and its members through this integration; nobody else changes it.
    Vendor(IntegrationId),
    /// A person made it.
    Hand,
    /// An imported file named it.
    File,
}

/// A team as it stood on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its number.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Where it comes from.
    pub source: TeamSource,
    /// How many members it had on the day. Identities of a vendor's team that belong to no member are not counted.
    pub members: u32,
}

/// A team without its members.
pub(super) struct TeamRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) source: TeamSource,
    pub(super) vendor_key: Option<String>,
}

impl Store {
    /// The number and the name of every team, by name.
    pub async fn list_team_names(&self, organization: OrganizationId) -> Result<Vec<(i64, String)>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let teams = read_teams(&mut tx, organization).await?;
        tx.commit().await?;
        let mut names: Vec<(i64, String)> = teams.into_iter().map(|team| (team.id, team.name)).collect();
        names.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
        Ok(names)
    }

    /// Every team by name, with how many members it had on a day.
    pub async fn list_teams(&self, organization: OrganizationId, day: Day) -> Result<Vec<Team>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let teams = read_teams(&mut tx, organization).await?;
        let directory = self.read_directory(&mut tx, organization).await?;
        let by_vendor = vendor_members(&mut tx, organization, &directory, day).await?;
        let rows = tx
            .fetch(
                "select t.team_id, coalesce(m.merged_into, m.id) from team_members t
                 join members m on m.organization_id = t.organization_id and m.id = t.member_id
                 where t.organization_id = $1 and t.valid_from <= $2 and (t.valid_to is null or t.valid_to >= $2)",
                bind![organization, day],
            )
            .await?;
        tx.commit().await?;
        let mut by_hand: HashMap<i64, BTreeSet<u32>> = HashMap::new();
        for row in rows {
            by_hand.entry(row.int(0)?).or_default().insert(row.number(1)?);
        }
        let count = |team: &TeamRow| match (&team.source, &team.vendor_key) {
            (TeamSource::Vendor(integration), Some(key)) => by_vendor.get(&(*integration, key.clone())).map_or(0, BTreeSet::len),
            _ => by_hand.get(&team.id).map_or(0, BTreeSet::len),
        };
        let team = |team: TeamRow| {
            let members = u32::try_from(count(&team)).unwrap_or(u32::MAX);
            Team { id: team.id, name: team.name, source: team.source, members }
        };
        let mut teams: Vec<Team> = teams.into_iter().map(team).collect();
        teams.sort_by_cached_key(|team| (team.name.to_lowercase(), team.id));
        Ok(teams)
    }

    /// Makes a team by hand.
    ///
    /// # Errors
    /// When the name is empty, too long, or another team's that is not a vendor's.
    pub async fn add_team(&self, organization: OrganizationId, name: &str) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let name = check_name(&mut tx, organization, None, name).await?;
        let id = insert(&mut tx, organization, &name, TeamSource::Hand).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Gives a team another name. Gives whether there is such a team.
    ///
    /// # Errors
    /// As for making one, and for a vendor's team.
    pub async fn rename_team(&self, organization: OrganizationId, id: i64, name: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        if own_team(&mut tx, organization, id).await?.is_none() {
            return Ok(false);
        }
        let name = check_name(&mut tx, organization, Some(id), name).await?;
        let sql = "update teams set name = $3 where organization_id = $1 and id = $2";
        tx.execute(sql, bind![organization, id, name.as_str()]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes a team away, with all it knew of who was in it. Gives whether there was such a team.
    ///
    /// # Errors
    /// For a vendor's team.
    pub async fn remove_team(&self, organization: OrganizationId, id: i64) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        if own_team(&mut tx, organization, id).await?.is_none() {
            return Ok(false);
        }
        for sql in [
            "delete from team_members where organization_id = $1 and team_id = $2",
            "delete from teams where organization_id = $1 and id = $2",
        ] {
            tx.execute(sql, bind![organization, id]).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// The team, if it is there; a vendor's team is refused, because only the vendor changes it.
pub(super) async fn own_team(tx: &mut Tx, organization: OrganizationId, id: i64) -> Result<Option<TeamRow>, StoreError> {
    let team = find_team(tx, organization, id).await?;
    if team.as_ref().is_some_and(|team| matches!(team.source, TeamSource::Vendor(_))) {
        return Err(StoreError::invalid("this team comes from a vendor: change it there, and the next sync brings it here"));
    }
    Ok(team)
}

async fn check_name(tx: &mut Tx, organization: OrganizationId, own: Option<i64>, name: &str) -> Result<String, StoreError> {
    let name = clean(name).trim().to_owned();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(StoreError::invalid("`name` of a team must have 1 to 200 characters, without line breaks"));
    }
    match find_own_team(tx, organization, &name).await? {
        Some(other) if Some(other.id) != own => Err(StoreError::invalid(format!("`name` `{name}` is another team's"))),
        _ => Ok(name),
    }
}

/// The team of that name, whatever its case, that no vendor names.
pub(super) async fn find_own_team(tx: &mut Tx, organization: OrganizationId, name: &str) -> Result<Option<TeamRow>, StoreError> {
    let wanted = name.to_lowercase();
    let teams = read_teams(tx, organization).await?;
    let is_own = |team: &TeamRow| !matches!(team.source, TeamSource::Vendor(_)) && team.name.to_lowercase() == wanted;
    Ok(teams.into_iter().find(is_own))
}

pub(super) async fn insert(tx: &mut Tx, organization: OrganizationId, name: &str, source: TeamSource) -> Result<i64, StoreError> {
    let id = draw_numbers(tx, organization, 1).await?;
    let word = if source == TeamSource::File { "file" } else { "hand" };
    let sql = "insert into teams (organization_id, id, name, source, name_day) values ($1, $2, $3, $4, 0)";
    tx.execute(sql, bind![organization, id, name, word]).await?;
    Ok(id)
}

const TEAM: &str = "select id, name, source, integration_id, vendor_key from teams where organization_id = $1";

pub(super) async fn read_teams(tx: &mut Tx, organization: OrganizationId) -> Result<Vec<TeamRow>, StoreError> {
    let rows = tx.fetch(format!("{TEAM} order by id"), bind![organization]).await?;
    rows.iter().map(team).collect()
}

pub(super) async fn find_team(tx: &mut Tx, organization: OrganizationId, id: i64) -> Result<Option<TeamRow>, StoreError> {
    let row = tx.find(format!("{TEAM} and id = $2"), bind![organization, id]).await?;
    row.as_ref().map(team).transpose()
}

fn team(row: &Row) -> Result<TeamRow, StoreError> {
    let id = row.int(0)?;
    let source = match (row.text(2)?.as_str(), row.maybe_int(3)?) {
        ("hand", None) => TeamSource::Hand,
        ("file", None) => TeamSource::File,
        ("vendor", Some(integration)) => TeamSource::Vendor(IntegrationId(integration)),
        (other, _) => return Err(StoreError::damaged("teams", "source", id, format!("`{other}`"))),
    };
    Ok(TeamRow { id, name: row.text(1)?, source, vendor_key: row.maybe_text(4)? })
}

/// Makes a vendor's teams known, by its own keys, and names them as their newest facts do.
pub(crate) async fn note_teams(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    teams: &BTreeMap<&str, &str>,
) -> Result<(), StoreError> {
    let sql = "insert into team_streams (organization_id, integration_id, stream) values ($1, $2, $3)
               on conflict (organization_id, integration_id, stream) do nothing";
    tx.execute(sql, bind![organization, write.integration, write.stream]).await?;
    let known = known_keys(tx, organization, write.integration).await?;
    let missing: Vec<_> = teams.iter().filter(|(key, _)| !known.contains_key(**key)).collect();
    if !missing.is_empty() {
        let first = draw_numbers(tx, organization, missing.len()).await?;
        for (id, (key, name)) in (first..).zip(missing) {
            // Another transaction may have made it before it let go of the organization's row.
            tx.execute(
                "insert into teams (organization_id, id, name, source, integration_id, vendor_key, name_day)
                 values ($1, $2, $3, 'vendor', $4, $5, $6)
                 on conflict (organization_id, integration_id, vendor_key) where integration_id is not null do nothing",
                bind![organization, id, *name, write.integration, *key, write.day],
            )
            .await?;
        }
    }
    for (key, name) in teams.iter().filter(|(key, name)| known.get(**key).is_some_and(|(n, day)| n != *name && *day < write.day))
    {
        tx.execute(
            "update teams set name = $4, name_day = $5
             where organization_id = $1 and integration_id = $2 and vendor_key = $3 and name_day < $5",
            bind![organization, write.integration, *key, *name, write.day],
        )
        .await?;
    }
    Ok(())
}

/// The names of the teams that an integration has named, with the days they are of.
async fn known_keys(
    tx: &mut Tx,
    organization: OrganizationId,
    integration: IntegrationId,
) -> Result<HashMap<String, (String, Day)>, StoreError> {
    let sql = "select vendor_key, name, name_day from teams where organization_id = $1 and integration_id = $2";
    let mut known = HashMap::new();
    for row in tx.fetch(sql, bind![organization, integration]).await? {
        known.insert(row.text(0)?, (row.text(1)?, row.day(2)?));
    }
    Ok(known)
}
