//! A slice's facts, added up by key, as rows.

use super::Resolved;
use super::commits::Commits;
use super::delivery::Delivered;
use crate::migrations::measure_list;
use crate::sql::{Tx, clean};
use crate::{SliceWrite, StoreError};
use std::borrow::Cow;
use std::collections::BTreeMap;
use tacho_domain::measure::plus;
use tacho_domain::{
    CostFact, DayHours, Dimension, Fact, Measure, Measures, OrganizationId, PersonFact, SeatFact, SplitFact, UsageFact,
};

/// What an identity did, its facts added up.
pub(crate) struct Usage<'f> {
    pub(crate) identity: u32,
    pub(crate) active: Option<bool>,
    pub(crate) agent: Option<bool>,
    pub(crate) measures: Cow<'f, Measures>,
}

/// A part of it.
pub(crate) struct Split<'f> {
    pub(crate) identity: u32,
    pub(crate) dimension: Dimension,
    pub(crate) value: Cow<'f, str>,
    pub(crate) measures: Cow<'f, Measures>,
}

/// An amount, in micro-dollars and millionths of a unit.
#[derive(Default)]
pub(crate) struct Cost {
    pub(crate) quantity: Option<i64>,
    pub(crate) gross: i64,
    pub(crate) net: Option<i64>,
}

/// Identity, ledger, article, model (empty: none named).
type CostKey<'f> = (u32, &'static str, Cow<'f, str>, Cow<'f, str>);

/// Identity, dimension, value, and the fact they were taken from.
type NamedSplit<'f> = (u32, &'static str, Cow<'f, str>, &'f SplitFact);

/// The rows of a slice, each key once, in the order of the tables' keys.
#[derive(Default)]
pub(crate) struct Gathered<'f> {
    pub(crate) usage: Vec<Usage<'f>>,
    pub(crate) splits: Vec<Split<'f>>,
    totals: BTreeMap<Cow<'f, str>, i64>,
    pub(crate) seats: BTreeMap<u32, &'f SeatFact>,
    pub(crate) teams: BTreeMap<(Cow<'f, str>, u32), &'f str>,
    pub(crate) people: BTreeMap<u32, &'f PersonFact>,
    pub(crate) costs: BTreeMap<CostKey<'f>, Cost>,
    pub(crate) hours: BTreeMap<u32, DayHours>,
    pub(super) delivered: Delivered<'f>,
    commits: Commits<'f>,
}

impl<'f> Gathered<'f> {
    /// Adds up the facts of the same key. A seat, a membership or a person named twice counts once; the last one stays.
    pub(crate) fn of(write: &SliceWrite<'f>, resolved: &Resolved) -> Result<Self, StoreError> {
        let mut rows = Self::default();
        let mut usage: Vec<(u32, &UsageFact)> = Vec::new();
        let mut splits: Vec<NamedSplit<'f>> = Vec::new();
        for (fact, &identity) in write.facts.iter().zip(&resolved.ids) {
            if let Some(day) = fact.day().filter(|day| *day != write.day) {
                return Err(StoreError::invalid(format!("a fact about {day} was given for the slice of {}", write.day)));
            }
            match fact {
                Fact::Usage(fact) => usage.push((identity, fact)),
                Fact::Split(fact) => splits.push((identity, fact.dimension.as_str(), clean(&fact.value), fact)),
                Fact::Total(fact) => {
                    let total = rows.totals.entry(clean(&fact.name)).or_default();
                    *total = total.saturating_add(fact.value);
                }
                Fact::Seat(fact) => drop(rows.seats.insert(identity, fact)),
                Fact::Person(fact) => drop(rows.people.insert(identity, fact)),
                Fact::Team(fact) => drop(rows.teams.insert((clean(&fact.team_key), identity), &fact.team)),
                Fact::Cost(fact) => rows.add_cost(identity, fact),
                Fact::Hours(fact) => rows.hours.entry(identity).or_default().add(&fact.hours),
                Fact::PullRequest(fact) => rows.delivered.add_pull(identity, fact),
                Fact::Deployment(fact) => rows.delivered.add_deployment(fact),
                Fact::ChangedFiles(fact) => rows.delivered.add_files(fact),
                Fact::PullCommits(fact) => rows.commits.add_pull(fact),
                Fact::CommitRecord(fact) => rows.commits.add_record(identity, fact),
            }
        }
        usage.sort_by_key(|(identity, _)| *identity);
        splits.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
        rows.usage = usage.chunk_by(|a, b| a.0 == b.0).map(merge_usage).collect();
        rows.splits = splits.chunk_by(|a, b| (a.0, a.1, &a.2) == (b.0, b.1, &b.2)).map(merge_splits).collect();
        Ok(rows)
    }

    fn add_cost(&mut self, identity: u32, fact: &'f CostFact) {
        let model = clean(fact.model.as_deref().unwrap_or_default());
        let cost = self.costs.entry((identity, fact.ledger.as_str(), clean(&fact.sku), model)).or_default();
        cost.quantity = plus(cost.quantity, fact.quantity_micros);
        cost.gross = cost.gross.saturating_add(fact.gross.0);
        cost.net = plus(cost.net, fact.net.map(|net| net.0));
    }

    /// The teams' names by their vendor's keys.
    pub(crate) fn team_names(&self) -> BTreeMap<&str, &'f str> {
        self.teams.iter().map(|((key, _), name)| (key.as_ref(), *name)).collect()
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.usage.len()
            + self.splits.len()
            + self.totals.len()
            + self.seats.len()
            + self.teams.len()
            + self.people.len()
            + self.costs.len()
            + self.hours.len()
            + self.delivered.len()
            + self.commits.len()
    }
}

fn merge_usage<'f>(facts: &[(u32, &'f UsageFact)]) -> Usage<'f> {
    let (identity, first) = facts[0];
    let mut usage = Usage { identity, active: first.active, agent: first.agent, measures: Cow::Borrowed(&first.measures) };
    for (_, fact) in &facts[1..] {
        // Unsaid < no < yes.
        usage.active = usage.active.max(fact.active);
        usage.agent = usage.agent.max(fact.agent);
        usage.measures.to_mut().add(&fact.measures);
    }
    usage
}

fn merge_splits<'f>(facts: &[NamedSplit<'f>]) -> Split<'f> {
    let (identity, _, value, first) = &facts[0];
    let mut measures = Cow::Borrowed(&first.measures);
    for (_, _, _, fact) in &facts[1..] {
        measures.to_mut().add(&fact.measures);
    }
    Split { identity: *identity, dimension: first.dimension, value: value.clone(), measures }
}

/// The measures that any of the rows says: the others' columns need not be written.
pub(super) fn said<'m>(rows: impl Iterator<Item = &'m Measures>) -> Vec<Measure> {
    let mut said = [false; tacho_domain::measure::COUNT];
    for row in rows {
        for (said, value) in said.iter_mut().zip(row.values()) {
            *said |= value.is_some();
        }
    }
    Measure::ALL.iter().copied().zip(said).filter_map(|(measure, said)| said.then_some(measure)).collect()
}

/// The first columns of every fact table.
pub(super) const SLICE_KEY: [&str; 4] = ["organization_id", "integration_id", "stream", "day"];

pub(super) fn flag(value: Option<bool>) -> Option<i64> {
    value.map(i64::from)
}

/// Loads the rows of a slice whose old rows are gone.
pub(crate) async fn write_rows(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    write_usage(tx, organization, write, &rows.usage).await?;
    write_splits(tx, organization, write, &rows.splits).await?;
    write_rosters(tx, organization, write, rows).await?;
    write_totals(tx, organization, write, rows).await?;
    super::hours::write(tx, organization, write, rows).await?;
    super::delivery::write(tx, organization, write, &rows.delivered).await?;
    super::commits::write(tx, organization, write, &rows.commits).await
}

async fn write_usage(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &[Usage<'_>],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let said = said(rows.iter().map(|row| row.measures.as_ref()));
    let columns: Vec<&str> =
        SLICE_KEY.into_iter().chain(["identity_id", "active", "agent"]).chain(said.iter().map(|m| m.name())).collect();
    let mut loader = tx.loader("usage_daily", &columns);
    for row in rows {
        loader.slice_key(organization, write)?;
        loader.int(i64::from(row.identity))?;
        loader.int(flag(row.active))?;
        loader.int(flag(row.agent))?;
        for &measure in &said {
            loader.int(row.measures[measure])?;
        }
        loader.end_row().await?;
    }
    loader.finish().await.map(drop)
}

async fn write_splits(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &[Split<'_>],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let said = said(rows.iter().map(|row| row.measures.as_ref()));
    let columns: Vec<&str> =
        SLICE_KEY.into_iter().chain(["identity_id", "dimension", "value"]).chain(said.iter().map(|m| m.name())).collect();
    let mut loader = tx.loader("usage_splits", &columns);
    for row in rows {
        loader.slice_key(organization, write)?;
        loader.int(i64::from(row.identity))?;
        loader.text(row.dimension.as_str())?;
        loader.text(row.value.as_ref())?;
        for &measure in &said {
            loader.int(row.measures[measure])?;
        }
        loader.end_row().await?;
    }
    loader.finish().await.map(drop)
}

async fn write_rosters(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    if !rows.seats.is_empty() {
        let rest = ["identity_id", "created_at", "last_activity_at", "last_editor", "plan", "cancels_on", "monthly_price_micros"];
        let columns: Vec<&str> = SLICE_KEY.into_iter().chain(rest).collect();
        let mut loader = tx.loader("seats_daily", &columns);
        for (&identity, seat) in &rows.seats {
            loader.slice_key(organization, write)?;
            loader.int(i64::from(identity))?;
            loader.int(seat.created_at.map(|at| at.0))?;
            loader.int(seat.last_activity_at.map(|at| at.0))?;
            loader.text(seat.last_editor.as_deref())?;
            loader.text(seat.plan.as_deref())?;
            loader.int(seat.cancels_on.map(|day| i64::from(day.0)))?;
            loader.int(seat.monthly_price.map(|price| price.0))?;
            loader.end_row().await?;
        }
        loader.finish().await?;
    }
    if !rows.teams.is_empty() {
        let columns: Vec<&str> = SLICE_KEY.into_iter().chain(["team_key", "identity_id", "team"]).collect();
        let mut loader = tx.loader("team_members_daily", &columns);
        for ((key, identity), team) in &rows.teams {
            loader.slice_key(organization, write)?;
            loader.text(key.as_ref())?;
            loader.int(i64::from(*identity))?;
            loader.text(*team)?;
            loader.end_row().await?;
        }
        loader.finish().await?;
    }
    if !rows.people.is_empty() {
        let columns: Vec<&str> = SLICE_KEY.into_iter().chain(["identity_id", "name", "email", "removed"]).collect();
        let mut loader = tx.loader("roster_daily", &columns);
        for (&identity, person) in &rows.people {
            loader.slice_key(organization, write)?;
            loader.int(i64::from(identity))?;
            loader.text(person.name.as_deref())?;
            loader.text(person.email.as_deref())?;
            loader.int(i64::from(person.removed))?;
            loader.end_row().await?;
        }
        loader.finish().await?;
    }
    Ok(())
}

async fn write_totals(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    if !rows.totals.is_empty() {
        let columns: Vec<&str> = SLICE_KEY.into_iter().chain(["name", "value"]).collect();
        let mut loader = tx.loader("usage_totals", &columns);
        for (name, value) in &rows.totals {
            loader.slice_key(organization, write)?;
            loader.text(name.as_ref())?;
            loader.int(*value)?;
            loader.end_row().await?;
        }
        loader.finish().await?;
    }
    if !rows.costs.is_empty() {
        let rest = ["identity_id", "ledger", "sku", "model", "quantity_micros", "gross_micros", "net_micros"];
        let columns: Vec<&str> = SLICE_KEY.into_iter().chain(rest).collect();
        let mut loader = tx.loader("cost_daily", &columns);
        for ((identity, ledger, sku, model), cost) in &rows.costs {
            loader.slice_key(organization, write)?;
            loader.int(i64::from(*identity))?;
            loader.text(*ledger)?;
            loader.text(sku.as_ref())?;
            loader.text(model.as_ref())?;
            loader.int(cost.quantity)?;
            loader.int(cost.gross)?;
            loader.int(cost.net)?;
            loader.end_row().await?;
        }
        loader.finish().await?;
    }
    Ok(())
}

/// The insert's columns for measures, after others: ", interactions, prompts".
pub(super) fn more_columns(said: &[Measure]) -> String {
    if said.is_empty() { String::new() } else { format!(", {}", measure_list("", said)) }
}
