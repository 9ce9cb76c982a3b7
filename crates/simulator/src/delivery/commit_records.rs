//! What Cursor knows of the commits in merged pull requests: of some that were made with it, not of all, and never of a commit
//! that GitHub made in squashing. What nobody merged is in nobody's figures, so there are no records of it here.

use super::days::merged;
use super::pull::{Opener, PullTruth};
use crate::activity::Tool;
use crate::dice::Dice;
use crate::organization::Person;
use crate::world::World;
use std::sync::Arc;
use tacho_domain::{Day, Instant, Window};

/// From a commit to its merge it takes at most so long.
const LOOKS_ON_DAYS: i32 = 80;
/// Whoever reads a pull request sees so many of its commits.
const COMMITS_READ: i64 = 50;

/// A record as Cursor tells it; pairs are lines added and deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitRecord {
    pub(crate) commit: String,
    pub(crate) person: usize,
    /// Not every record names one.
    pub(crate) repository: Option<Arc<str>>,
    pub(crate) branch: String,
    pub(crate) primary: bool,
    pub(crate) source: &'static str,
    pub(crate) message: String,
    /// Now and then it is not told when the commit was made.
    pub(crate) made_at: Option<Instant>,
    pub(crate) noted_at: Instant,
    pub(crate) tab: (i64, i64),
    pub(crate) composer: (i64, i64),
    pub(crate) untraced: (i64, i64),
}

impl CommitRecord {
    /// The moment it is listed by.
    pub(crate) fn at(&self) -> Instant {
        self.made_at.unwrap_or(self.noted_at)
    }

    fn is_traced(&self) -> bool {
        self.tab.0 + self.tab.1 + self.composer.0 + self.composer.1 > 0
    }
}

/// The records of a day, in the order they are listed. Those of the running day are not there yet.
pub(crate) fn of_day(world: &World, day: Day) -> Vec<CommitRecord> {
    let today = world.today();
    if !world.config.delivery.commit_records || day >= today {
        return Vec::new();
    }
    let mut records = Vec::new();
    for later in (Window { from: day, to: day.plus(LOOKS_ON_DAYS).min(today) }).days() {
        // A commit of the last minute of a day is noted on the next one.
        let pulls = merged(world, later);
        let near =
            pulls.iter().filter(|it| it.first_commit_at.day() <= day && day <= it.last_commit_at.day().max(it.day).plus(1));
        records.extend(near.flat_map(|it| of_pull(world, it)).map(|(_, record)| record).filter(|it| it.at().day() == day));
    }
    records.sort_by(|a, b| (a.at(), &a.commit, a.primary).cmp(&(b.at(), &b.commit, b.primary)));
    records
}

/// Whether Cursor has told by now that it wrote lines of a commit that whoever reads the pull request sees.
pub(crate) fn is_recorded(world: &World, it: &PullTruth) -> bool {
    let today = world.today();
    let is_seen = |place: Option<i64>| place.is_none_or(|place| place < COMMITS_READ);
    of_pull(world, it).iter().any(|(place, record)| is_seen(*place) && record.is_traced() && record.at().day() < today)
}

/// Every record of it, with the commit's place on the branch; `None`: the merge's own.
fn of_pull(world: &World, it: &PullTruth) -> Vec<(Option<i64>, CommitRecord)> {
    let Opener::Person(index) = it.script.opener else { return Vec::new() };
    let person = &world.people[index];
    if !world.config.delivery.commit_records || person.since[Tool::Cursor as usize].is_none() {
        return Vec::new();
    }
    let mut records = Vec::new();
    for place in 0..it.commits {
        let mut dice = Dice::new(&[it.script.key, 70, place.unsigned_abs()]);
        if !dice.hit(550) {
            continue;
        }
        let commit = it.commit(place);
        if world.came_with(person, Tool::Cursor, commit.authored_at.day()) {
            let record = record(it, person, (commit.id, commit.authored_at, commit.message), &mut dice);
            // Once it is merged as it is, the main branch has it too.
            if dice.hit(120) {
                let main = CommitRecord { branch: "main".into(), primary: true, ..record.clone() };
                records.push((Some(place), main));
            }
            records.push((Some(place), record));
        }
    }
    // Merged on the author's machine, which hardly anybody does.
    let mut dice = Dice::new(&[it.script.key, 71]);
    if dice.hit(40) && world.came_with(person, Tool::Cursor, it.day) {
        let record = record(it, person, (it.merge_commit.clone(), it.merged_at, it.merge_message()), &mut dice);
        records.push((None, CommitRecord { branch: "main".into(), primary: true, ..record }));
    }
    records
}

fn record(it: &PullTruth, person: &Person, commit: (String, Instant, String), dice: &mut Dice) -> CommitRecord {
    let (commit, at, message) = commit;
    let untraced = (dice.below(30), dice.below(10));
    let (tab, composer) = match dice.below(20) {
        0..3 => ((0, 0), (0, 0)),
        3..8 => ((1 + dice.below(12), dice.below(4)), (0, 0)),
        _ => ((dice.below(12), 0), (1 + dice.below(80), dice.below(30))),
    };
    CommitRecord {
        commit,
        person: person.index,
        repository: (!dice.hit(80)).then(|| Arc::clone(&it.repository)),
        branch: it.branch.clone(),
        primary: false,
        source: dice.pick(&["ide", "ide", "ide", "cli", "cloud"]),
        message,
        made_at: (!dice.hit(50)).then_some(at),
        noted_at: at.plus_seconds(dice.between(5, 60)),
        tab,
        composer,
        untraced,
    }
}
