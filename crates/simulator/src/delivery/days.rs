//! Who merges what on a day, and the days already worked out.

use super::repositories::Place;
use super::{agents, human, pull::PullTruth, repositories, reverts};
use crate::dice::Dice;
use crate::organization::{Config, Kind, Person};
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tacho_domain::Day;

/// Days kept: reverts look back 45, a report of what was opened looks on 28.
const DAYS_KEPT: usize = 90;
/// Numbers of a day that has more than its share begin here.
const OVERFLOW: u32 = 1_000_000_000;

type Kept = Mutex<BTreeMap<Day, Arc<Vec<PullTruth>>>>;

/// Repositories, and pull requests by the day of their merge.
#[derive(Debug)]
pub(crate) struct Days {
    pub(crate) places: Vec<Place>,
    plain: Kept,
    whole: Kept,
}

impl Days {
    pub(crate) fn new(config: &Config) -> Self {
        Self { places: repositories::all(config), plain: Mutex::default(), whole: Mutex::default() }
    }
}

fn kept(cache: &Kept, day: Day, make: impl FnOnce() -> Vec<PullTruth>) -> Arc<Vec<PullTruth>> {
    let held = || cache.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = held().get(&day) {
        return Arc::clone(known);
    }
    let made = Arc::new(make());
    let mut days = held();
    days.insert(day, Arc::clone(&made));
    if days.len() > DAYS_KEPT {
        let farthest = days.keys().copied().max_by_key(|other| other.since(day).abs());
        farthest.and_then(|day| days.remove(&day));
    }
    made
}

/// Merged on that day, in the order of the merges; of the running day only the morning is there.
pub(crate) fn merged(world: &World, day: Day) -> Arc<Vec<PullTruth>> {
    let today = world.today();
    if day < world.first_day() || day > today || world.delivery.places.is_empty() {
        return Arc::default();
    }
    let whole = kept(&world.delivery.whole, day, || reverts::settle(world, &plain(world, day)));
    if day < today {
        return whole;
    }
    let noon = world.noon();
    Arc::new(whole.iter().filter(|it| it.merged_at < noon).cloned().collect())
}

/// The same before it is settled which take back which.
pub(super) fn plain(world: &World, day: Day) -> Arc<Vec<PullTruth>> {
    kept(&world.delivery.plain, day, || numbered(world, day, draw(world, day)))
}

fn draw(world: &World, day: Day) -> Vec<PullTruth> {
    let here: Vec<&Person> = world.people.iter().filter(|person| person.kind == Kind::Member && person.is_here(day)).collect();
    let busy = world.config.delivery.busy_day.filter(|(busy, _)| *busy == day);
    let mut all = match busy {
        Some((_, count)) => crowd(world, day, &here, count),
        None => here.iter().flat_map(|person| tries(world, person, day, 0)).map(|(p, n)| human::pull(world, p, day, n)).collect(),
    };
    for person in &here {
        all.extend(tries(world, person, day, 1).filter_map(|(person, attempt)| agents::pull(world, person, day, attempt)));
    }
    all.extend((0..world.delivery.places.len()).filter_map(|place| agents::update(world, place, day)));
    all
}

/// The numbers of the tries that come to something: a person's own (0), or their agents' (1), which are a seventh of those.
fn tries<'w>(world: &World, person: &'w Person, day: Day, kind: u64) -> impl Iterator<Item = (&'w Person, u64)> {
    let productivity = Dice::new(&[person.key, 45]).between(500, 1_500);
    let weekday = if day.is_workday() { 1 } else { 12 };
    let share = if kind == 0 { 1 } else { 7 };
    // In millionths of a pull request a day.
    let wanted = i64::from(world.config.delivery.merged_per_week_milli) * productivity / 5 / weekday / share;
    let tries = (wanted / 400_000 + 2).cast_unsigned();
    let chance = wanted / tries.cast_signed();
    let mut dice = Dice::new(&[person.key, 46, kind, u64::try_from(day.0).unwrap_or(0)]);
    (0..tries).filter(move |_| dice.below(1_000_000) < chance).map(move |attempt| (person, attempt))
}

/// Everybody in turn, until there are so many.
fn crowd(world: &World, day: Day, here: &[&Person], count: u32) -> Vec<PullTruth> {
    let somebody: Vec<&Person> = world.people.iter().filter(|person| person.index < 5).collect();
    let here = if here.is_empty() { somebody.as_slice() } else { here };
    let turns = u64::from(count).div_ceil(u64::try_from(here.len().max(1)).unwrap_or(1));
    let turns = (0..turns).flat_map(|attempt| here.iter().map(move |person| (*person, attempt)));
    turns.take(usize::try_from(count).unwrap_or(0)).map(|(person, attempt)| human::pull(world, person, day, attempt)).collect()
}

/// Sorts them and gives every day its own numbers in every repository, so that no other day has to be known.
fn numbered(world: &World, day: Day, mut all: Vec<PullTruth>) -> Vec<PullTruth> {
    all.sort_by_key(|it| (it.merged_at, it.script.place, it.script.key));
    let config = &world.config;
    let places = u64::try_from(world.delivery.places.len().max(1)).unwrap_or(1);
    let a_week = u64::from(config.members) * u64::from(config.delivery.merged_per_week_milli) / 1_000;
    let share = u32::try_from(a_week / 5 / places * 4 + 20).unwrap_or(u32::MAX).min(5_000);
    let past = u32::try_from(day.since(world.first_day())).unwrap_or(0);
    let mut next = vec![0_u32; world.delivery.places.len()];
    for it in &mut all {
        let place = &mut next[it.script.place];
        it.number = if *place < share { 1 + past * share + *place } else { OVERFLOW + past * 10_000 + *place };
        *place += 1;
    }
    all
}
