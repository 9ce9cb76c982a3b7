//! People from a file: made or changed by their address, put into their teams.

use super::changes::{Decision, Kind, record};
use super::members::{MemberSource, Written, check_free, insert, read_member, update};
use super::merging::match_certain;
use super::teams::{TeamSource, find_own_team};
use super::{By, hold, team_members};
use crate::sql::{Tx, bind};
use crate::{Store, StoreError};
use std::collections::BTreeSet;
use tacho_domain::people_file::PersonLine;
use tacho_domain::teams::{Span, end, join};
use tacho_domain::{Day, Instant, OrganizationId};

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// Members made.
    pub added: u32,
    /// Members who are written differently now, or are in other teams.
    pub changed: u32,
    /// Identities that are certainly theirs and had no member.
    pub matched: u32,
    /// Teams made.
    pub teams: u32,
    /// Lines that were left out, and why.
    pub refused: Vec<(u32, String)>,
}

impl Store {
    /// Takes people over from the lines of a file, known by their address. What a line leaves empty stays as it is. Teams
    /// that a line names are made where there are none; the member is in them from the day of the import on, and no longer
    /// in those teams of earlier files that the line does not name. Members whom the file does not name stay as they are.
    pub async fn import_people(
        &self,
        organization: OrganizationId,
        lines: &[PersonLine],
        by: By,
        now: Instant,
    ) -> Result<Imported, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let mut imported = Imported::default();
        for line in lines {
            match take(&mut tx, organization, line, (by, now), &mut imported).await {
                Err(error) if error.is_invalid() => imported.refused.push((line.line, error.to_string())),
                taken => taken?,
            }
        }
        let count = Some(imported.added + imported.changed);
        if count != Some(0) || imported.matched > 0 {
            let decision = Decision { kind: Kind::Import, identity: None, member: None, other: None, count };
            record(&mut tx, organization, &decision, None, (by, now)).await?;
        }
        tx.commit().await?;
        Ok(imported)
    }
}

/// One line. Everything that can be refused is looked at before anything is written.
async fn take(
    tx: &mut Tx,
    organization: OrganizationId,
    line: &PersonLine,
    by: (By, Instant),
    imported: &mut Imported,
) -> Result<(), StoreError> {
    let sql = "select id from members where organization_id = $1 and email = $2 and merged_into is null
               union all select coalesce(m.merged_into, m.id) from member_addresses a
               join members m on m.organization_id = a.organization_id and m.id = a.member_id
               where a.organization_id = $1 and a.email = $2
               union all select merged_into from members where organization_id = $1 and email = $2 and merged_into is not null";
    let known = tx.find(sql, bind![organization, line.email.as_str()]).await?.map(|row| row.number(0)).transpose()?;
    let member = match known {
        None => None,
        Some(id) => read_member(tx, organization, id).await?,
    };
    let said = |new: &Option<String>, old: Option<&String>| new.clone().or_else(|| old.cloned());
    let written = Written {
        // A former address or one of somebody who was merged stays what it is.
        email: member.as_ref().and_then(|member| member.email.clone()).unwrap_or_else(|| line.email.clone()),
        name: said(&line.name, member.as_ref().and_then(|member| member.name.as_ref())),
        github_login: said(&line.github_login, member.as_ref().and_then(|member| member.github_login.as_ref())),
        left_on: line.left_on.or(member.as_ref().and_then(|member| member.left_on)),
    };
    check_free(tx, organization, member.as_ref().map(|member| member.id.0), &written).await?;
    let (id, mut changed) = match &member {
        None => {
            imported.added += 1;
            (insert(tx, organization, &written, MemberSource::File).await?, false)
        }
        Some(member) => {
            let same =
                (&member.name, &member.github_login, member.left_on) == (&written.name, &written.github_login, written.left_on);
            if !same {
                update(tx, organization, member, &written).await?;
            }
            (member.id.0, !same)
        }
    };
    let matched = match_certain(tx, organization, id, &written).await?;
    imported.matched += u32::try_from(matched).unwrap_or(u32::MAX);
    if !line.teams.is_empty() {
        changed |= put_into_teams(tx, organization, id, &line.teams, by, &mut imported.teams).await?;
    }
    imported.changed += u32::from(changed && member.is_some());
    Ok(())
}

async fn put_into_teams(
    tx: &mut Tx,
    organization: OrganizationId,
    member: u32,
    names: &[String],
    (by, now): (By, Instant),
    made: &mut u32,
) -> Result<bool, StoreError> {
    let today: Day = now.day();
    let mut named = BTreeSet::new();
    for name in names {
        let id = if let Some(team) = find_own_team(tx, organization, name).await? {
            team.id
        } else {
            *made += 1;
            super::teams::insert(tx, organization, name, TeamSource::File).await?
        };
        named.insert(id);
    }
    let mut changed = false;
    for team in super::teams::read_teams(tx, organization).await? {
        if named.contains(&team.id) {
            let from_today = Span { from: today, to: None };
            let stays = |spans: &[Span]| {
                let lasts = spans.iter().any(|span| span.contains(today) && span.to.is_none());
                if lasts { spans.to_vec() } else { join(spans, from_today) }
            };
            changed |= team_members::change(tx, organization, team.id, member, (by, now), stays).await?;
        } else if team.source == TeamSource::File {
            let leaves = |spans: &[Span]| end(spans, today.minus(1));
            changed |= team_members::change(tx, organization, team.id, member, (by, now), leaves).await?;
        }
    }
    Ok(changed)
}
