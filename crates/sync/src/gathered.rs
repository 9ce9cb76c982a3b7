//! What reading replies brought to light: facts, and the oddities that are counted rather than fatal.

use std::collections::BTreeMap;
use tacho_connectors::Sink;
use tacho_domain::{Day, Fact, Window};

/// What is one thing however often a vendor's pages show it: a search's results move while they are read.
type Key<'f> = (u8, i64, &'f str, u32);

/// Facts and counted oddities of one or more replies.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// In the order they were read.
    pub(crate) facts: Vec<Fact>,
    /// Fields the vendor sends and we do not know, with how often.
    pub(crate) unknown_fields: BTreeMap<String, u64>,
    /// Lines that could not be read.
    pub(crate) skipped_lines: u64,
    /// The first of them: its number and why.
    pub(crate) first_skipped: Option<(u64, String)>,
}

impl Sink for Gathered {
    fn fact(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    fn unknown_field(&mut self, path: &str) {
        match self.unknown_fields.get_mut(path) {
            Some(count) => *count += 1,
            None => drop(self.unknown_fields.insert(path.to_owned(), 1)),
        }
    }

    fn skipped_line(&mut self, line: u64, why: &str) {
        self.skipped_lines += 1;
        self.first_skipped.get_or_insert_with(|| (line, why.to_owned()));
    }
}

impl Gathered {
    /// Takes over what another reply brought.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.facts.extend(other.facts);
        for (path, count) in other.unknown_fields {
            *self.unknown_fields.entry(path).or_default() += count;
        }
        self.skipped_lines += other.skipped_lines;
        if self.first_skipped.is_none() {
            self.first_skipped = other.first_skipped;
        }
    }
}

/// Facts by day, with the days nobody did anything; the number of facts that belong to no day asked for.
#[derive(Debug, Default)]
pub(crate) struct ByDay {
    /// Every day of the window.
    pub(crate) days: BTreeMap<Day, Vec<Fact>>,
    /// Facts left out because their day was not asked for: that day's slice is replaced as a whole by its own reply only.
    pub(crate) outside: u64,
}

/// Groups facts by their day. People of a roster have no day: they go with the newest. Of a pull request or a deployment that
/// came twice the last one stays.
pub(crate) fn by_day(facts: Vec<Fact>, window: Window) -> ByDay {
    let facts = once(facts);
    let mut grouped = ByDay { days: window.days().map(|day| (day, Vec::new())).collect(), outside: 0 };
    for fact in facts {
        match grouped.days.get_mut(&fact.day().unwrap_or(window.to)) {
            Some(day) => day.push(fact),
            None => grouped.outside += 1,
        }
    }
    grouped
}

fn key(fact: &Fact) -> Option<Key<'_>> {
    match fact {
        Fact::PullRequest(pull) => Some((0, pull.repository.id, "", pull.number)),
        Fact::Deployment(deployment) => Some((1, deployment.repository.id, &deployment.key, 0)),
        Fact::ChangedFiles(files) => Some((2, files.repository, "", files.number)),
        Fact::PullCommits(commits) => Some((3, commits.repository, "", commits.number)),
        _ => None,
    }
}

fn once(mut facts: Vec<Fact>) -> Vec<Fact> {
    let mut last = std::collections::HashMap::new();
    for (place, fact) in facts.iter().enumerate() {
        key(fact).map(|key| last.insert(key, place));
    }
    if last.len() == facts.len() || last.is_empty() {
        return facts;
    }
    let keep: Vec<bool> =
        facts.iter().enumerate().map(|(place, fact)| key(fact).is_none_or(|key| last.get(&key) == Some(&place))).collect();
    let mut keep = keep.into_iter();
    facts.retain(|_| keep.next().unwrap_or(true));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_domain::{IdentityRef, PersonFact, TotalFact};

    fn total(day: i32) -> Fact {
        Fact::Total(TotalFact { day: Day(day), name: "seats".into(), value: 1 })
    }

    #[test]
    fn every_day_asked_is_there_and_no_other() {
        let person = PersonFact { identity: IdentityRef::email("ada@example.com"), name: None, email: None, removed: false };
        let facts = vec![total(10), Fact::Person(person), total(12), total(13), total(10)];
        let grouped = by_day(facts, Window::new(Day(10), Day(12)).unwrap());
        let counts: Vec<(i32, usize)> = grouped.days.iter().map(|(day, facts)| (day.0, facts.len())).collect();
        assert_eq!(counts, [(10, 2), (11, 0), (12, 2)], "the roster's person goes with the newest day");
        assert_eq!(grouped.outside, 1);
    }

    #[test]
    fn oddities_are_counted_over_replies() {
        let mut all = Gathered::default();
        for reply in 0..2 {
            let mut one = Gathered::default();
            one.unknown_field("data.new");
            one.unknown_field("data.new");
            one.skipped_line(7 + reply, "not JSON");
            all.absorb(one);
        }
        assert_eq!(all.unknown_fields, BTreeMap::from([("data.new".to_owned(), 4)]));
        assert_eq!((all.skipped_lines, all.first_skipped), (2, Some((7, "not JSON".to_owned()))));
    }
}
