//! Reads an integration's totals beside the vendor's own.

use super::Asked;
use crate::StoreError;
use crate::slices::state;
use crate::sql::{Row, Tx, bind};
use std::collections::BTreeMap;
use tacho_domain::reconcile::{Ours, Pair, VendorTotal};
use tacho_domain::report::Report;
use tacho_domain::reports::reconciliation::{Line, Material, build};
use tacho_domain::{
    Day, IdentityKind, Instant, IntegrationId, Measure, Measures, SliceState, WHOLE_ORGANIZATION, Window, decode_active,
};

/// No billing cycle is longer.
const CYCLE_DAYS: i32 = 31;

/// One integration's days.
struct Of<'a> {
    asked: &'a Asked<'a>,
    id: IntegrationId,
    /// The days asked for, with those of a cycle that began before.
    reach: Window,
}

/// `None`: there is no such integration, or its tool is not known.
pub(super) async fn answer(tx: &mut Tx, asked: &Asked<'_>, id: IntegrationId) -> Result<Option<Report>, StoreError> {
    let row = tx
        .find(
            "select name, tool, last_synced_at from integrations where organization_id = $1 and id = $2 and removed = 0",
            bind![asked.question.organization, id],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let tool = row.text(1)?;
    let Some(profile) = asked.known.profiles.iter().find(|profile| profile.id == tool) else { return Ok(None) };
    let window = asked.question.window;
    let reach = Window { from: window.from.minus(CYCLE_DAYS), to: window.to };
    let of = Of { asked, id, reach };
    let ours = of.ours(tx).await?;
    let mut lines = Vec::new();
    for stream in streams(profile.vendor_totals) {
        let theirs = of.theirs(tx, stream).await?;
        let of_stream = profile.vendor_totals.iter().filter(|total| total.stream == stream);
        lines.extend(of_stream.map(|total| Line { total, days: pairs(window, total, &ours, &theirs) }));
    }
    lines.sort_by_key(|line| profile.vendor_totals.iter().position(|total| total == line.total));
    let material = Material { integration: id, name: row.text(0)?, profile, lines, last_synced: row.maybe_instant(2)? };
    Ok(Some(build(asked.question, &material)))
}

fn streams(totals: &[VendorTotal]) -> Vec<&'static str> {
    let mut streams: Vec<&str> = totals.iter().map(|total| total.stream).collect();
    streams.sort_unstable();
    streams.dedup();
    streams
}

/// What one side has of a day, and when it was read.
#[derive(Default)]
struct Side {
    provisional: bool,
    read: Option<Instant>,
}

impl Side {
    fn note(&mut self, row: &Row, at: usize) -> Result<SliceState, StoreError> {
        let state = state(&row.text(at)?)?;
        self.provisional |= matches!(state, SliceState::Provisional | SliceState::Pending);
        self.read = self.read.max(Some(row.instant(at + 1)?));
        Ok(state)
    }
}

/// Our day.
#[derive(Default)]
struct OurDay {
    side: Side,
    /// `None`: no stream that knows has an answer.
    active: Option<i64>,
    sums: Measures,
    /// What service accounts have of the sums.
    of_services: Measures,
    seats: Option<i64>,
}

impl OurDay {
    /// A day of which it is known that nobody did anything is nought in every measure that the vendor tells.
    fn sum(&self, measure: Measure, is_told: bool) -> Option<i64> {
        let nobody = self.active == Some(0) && self.sums.said().all(|(said, value)| said == Measure::Interactions && value == 0);
        self.sums[measure].or((nobody && is_told).then_some(0))
    }

    fn of_people(&self, measure: Measure) -> Option<i64> {
        Some(self.sums[measure]?.saturating_sub(self.of_services[measure].unwrap_or(0)))
    }
}

/// The vendor's day in one stream.
#[derive(Default)]
struct TheirDay {
    side: Side,
    totals: BTreeMap<String, i64>,
}

impl Of<'_> {
    /// Ours, from roll-ups.
    async fn ours(&self, tx: &mut Tx) -> Result<BTreeMap<Day, OurDay>, StoreError> {
        let mut days: BTreeMap<Day, OurDay> = BTreeMap::new();
        let organization = self.asked.question.organization;
        let values = bind![organization, self.reach.from, self.reach.to, self.id];
        let sql = format!(
            "select r.day, r.knows_activity, p.active, s.state, s.fetched_at, {}
             from slice_rollups r
             join slice_people p on p.organization_id = r.organization_id and p.day = r.day
                  and p.integration_id = r.integration_id and p.stream = r.stream
             join slices s on s.organization_id = r.organization_id and s.integration_id = r.integration_id
                  and s.stream = r.stream and s.day = r.day
             where r.organization_id = $1 and r.day between $2 and $3 and p.day between $2 and $3 and r.integration_id = $4",
            crate::migrations::measure_list("r.", Measure::ALL)
        );
        for row in tx.fetch(sql, values).await? {
            let day = days.entry(row.day(0)?).or_default();
            day.side.note(&row, 3)?;
            day.sums.add(&row.measures(5, Measure::ALL)?);
            if row.int(1)? != 0 {
                let mut people = 0;
                decode_active(&row.bytes(2)?, |identity| people += i64::from(identity != WHOLE_ORGANIZATION));
                day.active = tacho_domain::measure::plus(day.active, Some(people));
            }
        }
        let seats = "select day, seats from slice_seats where organization_id = $1 and day between $2 and $3
                     and integration_id = $4";
        for row in tx.fetch(seats, values).await? {
            let day = days.entry(row.day(0)?).or_default();
            day.seats = day.seats.max(Some(row.int(1)?));
        }
        for (day, sums) in self.services(tx).await? {
            days.entry(day).or_default().of_services = sums;
        }
        Ok(days)
    }

    /// What service accounts did, each by its key: they are few.
    async fn services(&self, tx: &mut Tx) -> Result<Vec<(Day, Measures)>, StoreError> {
        let sql = format!(
            "with wanted as materialized (
                 select r.stream, r.day, i.id from slice_rollups r cross join identities i
                 where r.organization_id = $1 and r.day between $2 and $3 and r.integration_id = $4
                   and i.organization_id = $1 and i.kind = $5)
             select w.day, {} from wanted w cross join usage_daily u
             where u.organization_id = $1 and u.integration_id = $4 and u.stream = w.stream and u.day = w.day
               and u.identity_id = w.id
             group by w.day",
            crate::migrations::measure_sums("u.", Measure::ALL)
        );
        let kind = IdentityKind::ServiceAccount.as_str();
        let values = bind![self.asked.question.organization, self.reach.from, self.reach.to, self.id, kind];
        let rows = tx.fetch(sql, values).await?;
        rows.iter().map(|row| Ok((row.day(0)?, row.measures(1, Measure::ALL)?))).collect()
    }

    /// The vendor's own, by the keys of one stream.
    async fn theirs(&self, tx: &mut Tx, stream: &'static str) -> Result<BTreeMap<Day, TheirDay>, StoreError> {
        let mut days: BTreeMap<Day, TheirDay> = BTreeMap::new();
        let rows = tx
            .fetch(
                "select s.day, s.state, s.fetched_at, t.name, t.value from slices s
                 join usage_totals t on t.organization_id = s.organization_id and t.integration_id = s.integration_id
                      and t.stream = s.stream and t.day = s.day
                 where s.organization_id = $1 and s.integration_id = $2 and s.stream = $3 and s.day between $4 and $5",
                bind![self.asked.question.organization, self.id, stream, self.reach.from, self.reach.to],
            )
            .await?;
        for row in &rows {
            let day = days.entry(row.day(0)?).or_default();
            day.side.note(row, 1)?;
            day.totals.insert(row.text(3)?, row.int(4)?);
        }
        Ok(days)
    }
}

fn pairs(
    window: Window,
    total: &VendorTotal,
    ours: &BTreeMap<Day, OurDay>,
    theirs: &BTreeMap<Day, TheirDay>,
) -> BTreeMap<Day, Pair> {
    let mut pairs = BTreeMap::new();
    for day in window.days() {
        let (our_day, their_day) = (ours.get(&day), theirs.get(&day));
        let value = their_day.and_then(|theirs| theirs.totals.get(total.name).copied());
        let mine = our_number(total, day, ours, their_day);
        if value.is_none() && mine.is_none() {
            continue;
        }
        let sides = [our_day.map(|ours| &ours.side), their_day.map(|theirs| &theirs.side)];
        let read = |place: usize| sides[place].and_then(|side: &Side| side.read).map(Instant::day);
        pairs.insert(
            day,
            Pair {
                ours: mine,
                theirs: value,
                provisional: sides.iter().flatten().any(|side| side.provisional) || is_open(total, day, ours),
                read_apart: read(0).zip(read(1)).is_some_and(|(ours, theirs)| ours != theirs),
            },
        );
    }
    pairs
}

/// A cycle so far is not settled before the day of its snapshot has closed, nor while one of its days may be restated.
fn is_open(total: &VendorTotal, day: Day, ours: &BTreeMap<Day, OurDay>) -> bool {
    let Ours::SinceCycleBegan { .. } = total.ours else { return false };
    let has_closed = ours.get(&day).is_some_and(|ours| ours.side.read.is_some());
    !has_closed || ours.range(day.minus(CYCLE_DAYS)..=day).any(|(_, ours)| ours.side.provisional)
}

fn our_number(total: &VendorTotal, day: Day, ours: &BTreeMap<Day, OurDay>, theirs: Option<&TheirDay>) -> Option<(i64, i64)> {
    let same = |value: i64| (value, value);
    let is_told = theirs.is_some_and(|theirs| theirs.totals.contains_key(total.name));
    match total.ours {
        Ours::ActivePeople => ours.get(&day)?.active.map(same),
        Ours::Seats => ours.get(&day)?.seats.map(same),
        Ours::Sum(measure) => ours.get(&day)?.sum(measure, is_told).map(same),
        Ours::SinceCycleBegan { first_day, measure } => {
            let first = theirs?.totals.get(first_day).and_then(|first| i32::try_from(*first).ok()).map(Day)?;
            if first > day || day.since(first) > CYCLE_DAYS {
                return None;
            }
            let sum = |to: Day| {
                let days = ours.range(first..to.plus(1).max(first)).filter_map(|(_, ours)| ours.of_people(measure));
                days.fold(0i64, i64::saturating_add)
            };
            Some((sum(day.minus(1)), sum(day)))
        }
    }
}
