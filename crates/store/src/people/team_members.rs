//! Who is in a team as of a day. A vendor's team is read from its newest snapshot up to the day; the others' memberships
//! are kept as days.

use super::teams::{TeamRow, TeamSource, find_team, own_team};
use super::{By, hold};
use crate::sql::{Tx, bind};
use crate::{Store, StoreError};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tacho_domain::columns::decode_teams;
use tacho_domain::teams::{Span, end, join, spans};
use tacho_domain::{Day, Directory, Instant, IntegrationId, OrganizationId, SliceState, SubjectId, decode_active};

/// Somebody in a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    /// Who.
    pub id: SubjectId,
    /// Their name or else address.
    pub name: Option<String>,
    /// Their first day of this membership; `None` where a vendor's snapshot names them.
    pub from: Option<Day>,
    /// Their last day, if it ends.
    pub to: Option<Day>,
}

/// A membership of a team's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamSpan {
    /// Who.
    pub id: SubjectId,
    /// Their name or else address.
    pub name: Option<String>,
    /// Their days in the team.
    pub span: Span,
    /// Who wrote it, and when; `None`: a vendor.
    pub by: Option<(By, Instant)>,
}

/// A vendor's snapshot older than this says nothing of the day any more: the integration was taken away or fails.
pub(super) const HOLDS_DAYS: i32 = 35;

impl Store {
    /// Who was in a team on a day, by name. Empty where there is no such team.
    pub async fn list_team_members(
        &self,
        organization: OrganizationId,
        team: i64,
        day: Day,
    ) -> Result<Vec<TeamMember>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let directory = self.read_directory(&mut tx, organization).await?;
        let members = read(&mut tx, organization, &directory, team, day).await?;
        tx.commit().await?;
        Ok(members)
    }

    /// Writes that a member is in a team from a day on, to a last day or for good. What overlaps an earlier membership
    /// becomes one with it. Gives whether there are such a team and member.
    ///
    /// # Errors
    /// When it would end before it begins, or the team is a vendor's.
    pub async fn put_team_member(
        &self,
        organization: OrganizationId,
        team: i64,
        member: SubjectId,
        span: (Day, Option<Day>),
        by: By,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let Some(span) = Span::new(span.0, span.1) else {
            return Err(StoreError::invalid("`to` lies before `from`: a membership cannot end before it begins"));
        };
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let found = own_team(&mut tx, organization, team).await?;
        if found.is_none() || super::members::read_member(&mut tx, organization, member.0).await?.is_none() {
            return Ok(false);
        }
        change(&mut tx, organization, team, member.0, (by, now), |spans| join(spans, span)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends a membership: `last` is the member's last day in the team. Gives whether that changed anything.
    ///
    /// # Errors
    /// When the team is a vendor's.
    pub async fn end_team_member(
        &self,
        organization: OrganizationId,
        team: i64,
        member: SubjectId,
        last: Day,
        by: By,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        if own_team(&mut tx, organization, team).await?.is_none() {
            return Ok(false);
        }
        let changed = change(&mut tx, organization, team, member.0, (by, now), |spans| end(spans, last)).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Who was in a team when, oldest first.
    pub async fn list_team_history(&self, organization: OrganizationId, team: i64) -> Result<Vec<TeamSpan>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let Some(found) = find_team(&mut tx, organization, team).await? else { return Ok(Vec::new()) };
        let mut history = match (&found.source, &found.vendor_key) {
            (TeamSource::Vendor(integration), Some(key)) => vendor_history(&mut tx, organization, *integration, key).await?,
            _ => own_history(&mut tx, organization, team).await?,
        };
        tx.commit().await?;
        history.sort_by_key(|entry| (entry.span, entry.id));
        Ok(history)
    }

    /// The teams a member was in on a day, by number.
    pub async fn teams_of(&self, organization: OrganizationId, member: SubjectId, day: Day) -> Result<Vec<i64>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let directory = self.read_directory(&mut tx, organization).await?;
        let teams = read_all(&mut tx, organization, &directory, day).await?;
        tx.commit().await?;
        Ok(teams.into_iter().filter(|(_, members)| members.contains(&member)).map(|(team, _)| team).collect())
    }

    /// Everybody who is on the day in a team that the member is in, the member among them; nobody where they are in none.
    pub async fn team_mates(
        &self,
        organization: OrganizationId,
        member: SubjectId,
        day: Day,
    ) -> Result<BTreeSet<SubjectId>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let directory = self.read_directory(&mut tx, organization).await?;
        let teams = read_all(&mut tx, organization, &directory, day).await?;
        tx.commit().await?;
        Ok(teams.into_values().filter(|members| members.contains(&member)).flatten().collect())
    }
}

/// The members of every team on a day.
async fn read_all(
    tx: &mut Tx,
    organization: OrganizationId,
    directory: &Directory,
    day: Day,
) -> Result<BTreeMap<i64, BTreeSet<SubjectId>>, StoreError> {
    let mut all: BTreeMap<i64, BTreeSet<SubjectId>> = BTreeMap::new();
    let by_vendor = vendor_members(tx, organization, directory, day).await?;
    for team in super::teams::read_teams(tx, organization).await? {
        if let (TeamSource::Vendor(integration), Some(key)) = (team.source, team.vendor_key)
            && let Some(members) = by_vendor.get(&(integration, key))
        {
            all.insert(team.id, members.iter().map(|id| SubjectId(*id)).collect());
        }
    }
    let rows = tx
        .fetch(
            "select t.team_id, coalesce(m.merged_into, m.id) from team_members t
             join members m on m.organization_id = t.organization_id and m.id = t.member_id
             where t.organization_id = $1 and t.valid_from <= $2 and (t.valid_to is null or t.valid_to >= $2)",
            bind![organization, day],
        )
        .await?;
    for row in rows {
        all.entry(row.int(0)?).or_default().insert(SubjectId(row.number(1)?));
    }
    Ok(all)
}

/// Who was in a team on a day, by name.
pub(super) async fn read(
    tx: &mut Tx,
    organization: OrganizationId,
    directory: &Directory,
    team: i64,
    day: Day,
) -> Result<Vec<TeamMember>, StoreError> {
    let Some(TeamRow { source, vendor_key, .. }) = find_team(tx, organization, team).await? else { return Ok(Vec::new()) };
    let mut members: BTreeMap<SubjectId, TeamMember> = BTreeMap::new();
    if let (TeamSource::Vendor(integration), Some(key)) = (source, vendor_key) {
        let names = names(tx, organization).await?;
        let all = vendor_members(tx, organization, directory, day).await?;
        for &id in all.get(&(integration, key)).into_iter().flatten() {
            let name = names.get(&id).map(|(_, name)| name.clone()).unwrap_or_default();
            members.insert(SubjectId(id), TeamMember { id: SubjectId(id), name, from: None, to: None });
        }
    } else {
        for entry in own_history(tx, organization, team).await?.into_iter().filter(|entry| entry.span.contains(day)) {
            let (from, to) = (Some(entry.span.from), entry.span.to);
            members.entry(entry.id).or_insert(TeamMember { id: entry.id, name: entry.name, from, to });
        }
    }
    let mut members: Vec<TeamMember> = members.into_values().collect();
    members.sort_by_cached_key(|member| (member.name.as_ref().map(|name| name.to_lowercase()), member.id));
    Ok(members)
}

/// Rewrites a member's days in a team. Days of members who were merged into this one stay where they are.
pub(super) async fn change(
    tx: &mut Tx,
    organization: OrganizationId,
    team: i64,
    member: u32,
    (by, now): (By, Instant),
    change: impl Fn(&[Span]) -> Vec<Span>,
) -> Result<bool, StoreError> {
    // Those merged into them belong to the same person, so all of their days end or are joined at once.
    let rows = tx
        .fetch(
            "select t.member_id, t.valid_from, t.valid_to from team_members t
             join members m on m.organization_id = t.organization_id and m.id = t.member_id
             where t.organization_id = $1 and t.team_id = $2 and coalesce(m.merged_into, m.id) = $3
             order by t.member_id, t.valid_from",
            bind![organization, team, member],
        )
        .await?;
    let mut owners: BTreeMap<u32, Vec<Span>> = BTreeMap::from([(member, Vec::new())]);
    for row in rows {
        owners.entry(row.number(0)?).or_default().push(Span { from: row.day(1)?, to: row.maybe_day(2)? });
    }
    let mut changed = false;
    for (owner, before) in owners {
        let after = if owner == member { change(&before) } else { end_only(&before, &change) };
        for span in before.iter().filter(|span| !after.contains(span)) {
            let sql =
                "delete from team_members where organization_id = $1 and team_id = $2 and member_id = $3 and valid_from = $4";
            changed |= tx.execute(sql, bind![organization, team, owner, span.from]).await? > 0;
        }
        for span in after.iter().filter(|span| !before.contains(span)) {
            tx.execute(
                "insert into team_members (organization_id, team_id, member_id, valid_from, valid_to, by_whom, noted_at)
                 values ($1, $2, $3, $4, $5, $6, $7)",
                bind![organization, team, owner, span.from, span.to, by.to_string().as_str(), now],
            )
            .await?;
            changed = true;
        }
    }
    Ok(changed)
}

/// What a change makes of the days of somebody who was merged: it may shorten them, but adds none.
fn end_only(before: &[Span], change: &impl Fn(&[Span]) -> Vec<Span>) -> Vec<Span> {
    let after = change(before);
    let shortened = |span: &Span| {
        before.iter().any(|old| old.from == span.from && old.to.is_none_or(|to| span.to.is_some_and(|end| end <= to)))
    };
    if after.iter().all(shortened) { after } else { before.to_vec() }
}

/// Names of members, by the number of each and of those merged into them.
async fn names(tx: &mut Tx, organization: OrganizationId) -> Result<HashMap<u32, (u32, Option<String>)>, StoreError> {
    let sql = "select m.id, n.id, coalesce(n.name, n.email) from members m
               join members n on n.organization_id = m.organization_id and n.id = coalesce(m.merged_into, m.id)
               where m.organization_id = $1";
    let mut names = HashMap::new();
    for row in tx.fetch(sql, bind![organization]).await? {
        names.insert(row.number(0)?, (row.number(1)?, row.maybe_text(2)?));
    }
    Ok(names)
}

async fn own_history(tx: &mut Tx, organization: OrganizationId, team: i64) -> Result<Vec<TeamSpan>, StoreError> {
    let names = names(tx, organization).await?;
    let rows = tx
        .fetch(
            "select member_id, valid_from, valid_to, by_whom, noted_at from team_members
             where organization_id = $1 and team_id = $2 order by valid_from, member_id",
            bind![organization, team],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let member = row.number(0)?;
            let (id, name) = names.get(&member).cloned().unwrap_or((member, None));
            let span = Span { from: row.day(1)?, to: row.maybe_day(2)? };
            let by = (By::read("team_members", &row.text(3)?)?, row.instant(4)?);
            Ok(TeamSpan { id: SubjectId(id), name, span, by: Some(by) })
        })
        .collect()
}

/// A vendor's team: key of its integration and its own key.
pub(super) type VendorTeam = (IntegrationId, String);

/// The members that each stream's newest snapshot up to the day names. Identities that match no member are in no team.
pub(super) async fn vendor_members(
    tx: &mut Tx,
    organization: OrganizationId,
    directory: &Directory,
    day: Day,
) -> Result<HashMap<VendorTeam, BTreeSet<u32>>, StoreError> {
    // Stream after stream, so that no day and no stream of anything else is looked at.
    let rows = tx
        .fetch(
            "with newest as materialized (
                 select t.integration_id, t.stream, max(s.day) as day from team_streams t cross join slices s
                 where t.organization_id = $1 and s.organization_id = t.organization_id
                   and s.integration_id = t.integration_id and s.stream = t.stream
                   and s.day between $2 and $3 and s.state in ($4, $5)
                 group by t.integration_id, t.stream)
             select l.integration_id, l.day, l.teams from newest n cross join slice_team_lists l
             where l.organization_id = $1 and l.day = n.day and l.integration_id = n.integration_id and l.stream = n.stream",
            bind![organization, day.minus(HOLDS_DAYS), day, SliceState::Provisional.as_str(), SliceState::Final.as_str()],
        )
        .await?;
    let mut teams: HashMap<VendorTeam, BTreeSet<u32>> = HashMap::new();
    for row in &rows {
        let integration = IntegrationId(row.int(0)?);
        let add = |key: &str, identities: &[u8]| {
            let members = teams.entry((integration, key.to_owned())).or_default();
            decode_active(identities, |identity| {
                let subject = directory.subject(identity);
                if !directory.unmatched().contains(subject) {
                    members.insert(subject.0);
                }
            });
        };
        decode_teams(&row.bytes(2)?, add)
            .map_err(|error| StoreError::damaged("slice_team_lists", "teams", row.day(1).unwrap_or(day), error))?;
    }
    Ok(teams)
}

/// A vendor's memberships, from all of its snapshots.
async fn vendor_history(
    tx: &mut Tx,
    organization: OrganizationId,
    integration: IntegrationId,
    key: &str,
) -> Result<Vec<TeamSpan>, StoreError> {
    let rows = tx
        .fetch(
            "select s.stream, s.day, i.member_id from slices s
             join team_streams t on t.organization_id = s.organization_id and t.integration_id = s.integration_id
                  and t.stream = s.stream
             left join team_members_daily d on d.organization_id = s.organization_id and d.integration_id = s.integration_id
                  and d.stream = s.stream and d.day = s.day and d.team_key = $3
             left join identities i on i.organization_id = d.organization_id and i.id = d.identity_id
             where s.organization_id = $1 and s.integration_id = $2 and s.state in ($4, $5)",
            bind![organization, integration, key, SliceState::Provisional.as_str(), SliceState::Final.as_str()],
        )
        .await?;
    let mut streams: BTreeMap<String, BTreeMap<Day, BTreeSet<u32>>> = BTreeMap::new();
    for row in rows {
        streams.entry(row.text(0)?).or_default().entry(row.day(1)?).or_default().extend(row.maybe_number(2)?);
    }
    let mut history: BTreeMap<u32, Vec<Span>> = BTreeMap::new();
    for (id, of_stream) in streams.values().flat_map(spans) {
        let known = history.entry(id).or_default();
        *known = of_stream.into_iter().fold(std::mem::take(known), |known, span| join(&known, span));
    }
    let names = names(tx, organization).await?;
    let entry = |(id, span)| {
        let name = names.get(&id).map(|(_, name): &(u32, Option<String>)| name.clone()).unwrap_or_default();
        TeamSpan { id: SubjectId(id), name, span, by: None }
    };
    Ok(history.into_iter().flat_map(|(id, spans)| spans.into_iter().map(move |span| (id, span))).map(entry).collect())
}
