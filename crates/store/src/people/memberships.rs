//! Who was in which teams on each day of a window, for reports: vendors' snapshots as they are packed, the others' days.

use super::team_members::HOLDS_DAYS;
use super::teams::{TeamRow, TeamSource, read_teams};
use crate::StoreError;
use crate::sql::{Tx, bind};
use std::collections::{BTreeMap, HashMap};
use tacho_domain::columns::decode_teams;
use tacho_domain::memberships::{Memberships, Stay};
use tacho_domain::metrics::People;
use tacho_domain::teams::Span;
use tacho_domain::{Day, Directory, IntegrationId, OrganizationId, SliceState, SubjectId, Window, decode_active};

/// A stream of snapshots.
type Source = (IntegrationId, String);

/// Every team's name by its number.
pub(crate) async fn team_names(tx: &mut Tx, organization: OrganizationId) -> Result<BTreeMap<i64, String>, StoreError> {
    Ok(read_teams(tx, organization).await?.into_iter().map(|team| (team.id, team.name)).collect())
}

/// The teams of each day of the window, or one of them alone. Identities that match no member are in no team.
pub(crate) async fn memberships(
    tx: &mut Tx,
    organization: OrganizationId,
    directory: &Directory,
    window: Window,
    only: Option<i64>,
) -> Result<Memberships, StoreError> {
    let mut teams = read_teams(tx, organization).await?;
    teams.retain(|team| only.is_none_or(|only| team.id == only));
    let mut stays = by_hand(tx, organization, window).await?;
    stays.retain(|stay| only.is_none_or(|only| stay.team == only));
    let vendors: HashMap<(IntegrationId, String), i64> = teams.into_iter().filter_map(vendor_key).collect();
    if !vendors.is_empty() {
        stays.extend(of_vendors(tx, organization, directory, window, &vendors).await?);
    }
    Ok(Memberships::new(window, &stays))
}

fn vendor_key(team: TeamRow) -> Option<((IntegrationId, String), i64)> {
    match (team.source, team.vendor_key) {
        (TeamSource::Vendor(integration), Some(key)) => Some(((integration, key), team.id)),
        _ => None,
    }
}

async fn by_hand(tx: &mut Tx, organization: OrganizationId, window: Window) -> Result<Vec<Stay>, StoreError> {
    let rows = tx
        .fetch(
            "select t.team_id, coalesce(m.merged_into, m.id), t.valid_from, t.valid_to from team_members t
             join members m on m.organization_id = t.organization_id and m.id = t.member_id
             where t.organization_id = $1 and t.valid_from <= $3 and (t.valid_to is null or t.valid_to >= $2)",
            bind![organization, window.from, window.to],
        )
        .await?;
    // Most begin and end together: one set for each run of days, not one for each member.
    let mut stays: BTreeMap<(i64, Span), People> = BTreeMap::new();
    for row in &rows {
        let span = Span { from: row.day(2)?, to: row.maybe_day(3)? };
        stays.entry((row.int(0)?, span)).or_default().insert(SubjectId(row.number(1)?));
    }
    Ok(stays.into_iter().map(|((team, span), people)| Stay { team, span, people }).collect())
}

async fn of_vendors(
    tx: &mut Tx,
    organization: OrganizationId,
    directory: &Directory,
    window: Window,
    teams: &HashMap<(IntegrationId, String), i64>,
) -> Result<Vec<Stay>, StoreError> {
    let spans = snapshots(tx, organization, window).await?;
    let days = || spans.values().flat_map(|spans| spans.keys());
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(Vec::new()) };
    let span = |source: &Source, day: Day| spans.get(source).and_then(|spans| spans.get(&day)).copied();
    let mut runs = Runs { directory, open: HashMap::new(), stays: Vec::new() };
    if let (Some(((integration, key), team)), 1) = (teams.iter().next(), teams.len()) {
        // One team is read by itself: all of them are many times as many bytes.
        let sql = "select day, stream, identities from slice_teams
                   where organization_id = $1 and day between $2 and $3 and integration_id = $4 and team_key = $5 order by day";
        for row in &tx.fetch(sql, bind![organization, *first, *last, *integration, key.as_str()]).await? {
            let source = (*integration, row.text(1)?);
            if let Some(span) = span(&source, row.day(0)?) {
                runs.add(&source, *team, span, &row.bytes(2)?);
            }
        }
        return Ok(runs.end());
    }
    let sql = "select day, integration_id, stream, teams from slice_team_lists
               where organization_id = $1 and day between $2 and $3 order by day";
    for row in &tx.fetch(sql, bind![organization, *first, *last]).await? {
        let (day, source) = (row.day(0)?, (IntegrationId(row.int(1)?), row.text(2)?));
        let Some(span) = span(&source, day) else { continue };
        decode_teams(&row.bytes(3)?, |key, identities| {
            if let Some(team) = teams.get(&(source.0, key.to_owned())) {
                runs.add(&source, *team, span, identities);
            }
        })
        .map_err(|error| StoreError::damaged("slice_team_lists", "teams", day, error))?;
    }
    Ok(runs.end())
}

/// Snapshot after snapshot, by day: to sort so many bytes by team takes longer than to keep a run of each.
struct Runs<'d> {
    directory: &'d Directory,
    open: HashMap<(Source, i64), (Span, Vec<u8>)>,
    stays: Vec<Stay>,
}

impl Runs<'_> {
    fn add(&mut self, source: &Source, team: i64, span: Span, identities: &[u8]) {
        let run = self.open.entry((source.clone(), team)).or_insert_with(|| (span, identities.to_vec()));
        // The next snapshot says the same: the stay goes on, and is unpacked once.
        let goes_on = run.0 == span || run.0.to.is_some_and(|to| to.plus(1) == span.from);
        if goes_on && run.1 == identities {
            run.0.to = span.to;
        } else {
            self.stays.push(stay(team, std::mem::replace(run, (span, identities.to_vec())), self.directory));
        }
    }

    fn end(mut self) -> Vec<Stay> {
        self.stays.extend(self.open.into_iter().map(|((_, team), run)| stay(team, run, self.directory)));
        self.stays
    }
}

fn stay(team: i64, (span, bytes): (Span, Vec<u8>), directory: &Directory) -> Stay {
    let mut people = People::default();
    decode_active(&bytes, |identity| {
        let subject = directory.subject(identity);
        if !directory.unmatched().contains(subject) {
            people.insert(subject);
        }
    });
    Stay { team, span, people }
}

/// The answered snapshots that say something of the window, each with the days it holds for: up to the day before the next
/// one, and no longer than a snapshot says anything.
async fn snapshots(
    tx: &mut Tx,
    organization: OrganizationId,
    window: Window,
) -> Result<HashMap<Source, BTreeMap<Day, Span>>, StoreError> {
    let rows = tx
        .fetch(
            "select s.integration_id, s.stream, s.day from slices s
             join team_streams t on t.organization_id = s.organization_id and t.integration_id = s.integration_id
                  and t.stream = s.stream
             where s.organization_id = $1 and s.day between $2 and $3 and s.state in ($4, $5) order by s.day",
            bind![
                organization,
                window.from.minus(HOLDS_DAYS),
                window.to,
                SliceState::Provisional.as_str(),
                SliceState::Final.as_str()
            ],
        )
        .await?;
    let mut days: HashMap<Source, Vec<Day>> = HashMap::new();
    for row in &rows {
        days.entry((IntegrationId(row.int(0)?), row.text(1)?)).or_default().push(row.day(2)?);
    }
    let spans = |days: Vec<Day>| {
        let nexts = days.iter().skip(1).map(|next| next.minus(1)).chain([window.to]).collect::<Vec<Day>>();
        let held =
            days.into_iter().zip(nexts).map(|(day, end)| (day, Span { from: day, to: Some(end.min(day.plus(HOLDS_DAYS))) }));
        held.filter(|(_, span)| span.to.is_some_and(|to| to >= window.from)).collect()
    };
    Ok(days.into_iter().map(|(source, days)| (source, spans(days))).collect())
}
