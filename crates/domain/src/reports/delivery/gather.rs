//! The pull requests that count, with whom they are credited to and what speaks for an AI tool's part in them.

use super::Material;
use crate::delivery::{Assisted, AuthorKind, Part, PullRow, Reverted, Tier, percentile};
use crate::metrics::{Cohort, People, cohort};
use crate::report::Question;
use crate::reports::people::few;
use crate::{Day, SubjectId, Window};
use std::ops::Range;

/// A merged pull request that counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pull<'a> {
    pub(super) row: &'a PullRow,
    /// Who is credited.
    pub(super) author: Option<SubjectId>,
    /// Whether that is a member: of anybody else nobody knows which tools they use.
    pub(super) is_member: bool,
    /// Of those merged in the window and the one before alone: nobody asks it of others.
    pub(super) assisted: Option<Assisted>,
    /// Whether another one took it back; as `assisted`.
    pub(super) is_reverted: bool,
    pub(super) day: Day,
}

impl Pull<'_> {
    pub(super) fn tier(&self) -> Option<Tier> {
        self.assisted.map(Assisted::tier)
    }

    /// A member's own work, to be compared with other members'.
    pub(super) fn compared(&self) -> Option<SubjectId> {
        self.author.filter(|_| self.is_member && self.row.author_kind == AuthorKind::Human)
    }
}

/// All that counts for the question.
#[derive(Debug)]
pub(super) struct Gathered<'a> {
    pub(super) question: &'a Question,
    pub(super) material: &'a Material<'a>,
    /// In the order of their merges.
    pulls: Vec<Pull<'a>>,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(question: &'a Question, material: &'a Material<'a>) -> Self {
        let mut pulls: Vec<Pull<'a>> = Vec::with_capacity(material.pulls.len());
        let mut counting = Counting::of(question, material);
        pulls.extend(material.pulls.iter().filter_map(|row| counting.pull(row)));
        let by_merge = |pull: &Pull<'_>| (pull.row.merged_at, pull.row.repository, pull.row.number);
        // As the store gives them.
        if !pulls.is_sorted_by_key(by_merge) {
            pulls.sort_unstable_by_key(by_merge);
        }
        let mut gathered = Self { question, material, pulls };
        gathered.judge();
        gathered
    }

    /// Finds what is told of those of the window and the one before alone.
    fn judge(&mut self) {
        let judged = Window { from: self.window().before().from, to: self.window().to };
        let reverted = Reverted::among(&self.material.pulls, judged);
        let places = self.places(judged);
        for pull in &mut self.pulls[places] {
            pull.assisted = Assisted::of(pull.row, pull.author, &self.material.use_days);
            pull.is_reverted = reverted.has(pull.row);
        }
    }

    pub(super) fn window(&self) -> Window {
        self.question.window
    }

    /// Those merged in a window.
    pub(super) fn within(&self, window: Window) -> &[Pull<'a>] {
        &self.pulls[self.places(window)]
    }

    fn places(&self, window: Window) -> Range<usize> {
        let from = self.pulls.partition_point(|pull| pull.day < window.from);
        let to = self.pulls.partition_point(|pull| pull.day <= window.to);
        from..to.max(from)
    }

    pub(super) fn now(&self) -> &[Pull<'a>] {
        self.within(self.window())
    }

    /// Every pull request there is, and whether it counts.
    pub(super) fn every(&self) -> impl Iterator<Item = (&'a PullRow, bool)> {
        let mut counting = Counting::of(self.question, self.material);
        self.material.pulls.iter().map(move |row| (row, counting.pull(row).is_some()))
    }

    /// Whether the question is about everyone.
    pub(super) fn is_whole(&self) -> bool {
        self.question.team.is_none() && self.question.member.is_none()
    }

    /// Whether a total over these people is not given to whoever asks.
    pub(super) fn few(&self, people: &People) -> bool {
        few(&self.question.audience, self.material.directory, people)
    }

    pub(super) fn sees(&self, subject: Option<SubjectId>) -> bool {
        let unmatched = |subject| self.material.directory.unmatched().contains(subject);
        match subject {
            Some(subject) => self.question.audience.sees(subject, unmatched(subject)),
            None => self.question.audience == crate::report::Audience::Everyone,
        }
    }

    /// How much somebody used AI tools in the window.
    pub(super) fn cohort(&self, subject: SubjectId) -> Cohort {
        cohort(self.material.use_days.count(subject, self.window()), self.window().workdays())
    }

    pub(super) fn repository(&self, id: i64) -> String {
        self.material.repositories.get(&id).cloned().unwrap_or_else(|| format!("repository {id}"))
    }

    pub(super) fn is_provisional(&self, window: Window) -> bool {
        self.material.days.range(window.from..=window.to).any(|(_, provisional)| *provisional)
    }

    pub(super) fn is_told(&self, window: Window) -> bool {
        self.material.days.range(window.from..=window.to).next().is_some()
    }
}

/// Tells of one pull request after the other whether it counts.
struct Counting<'a> {
    question: &'a Question,
    material: &'a Material<'a>,
    /// The team's members on the day that was asked for last: one day's pull requests come one after the other.
    team: Option<(Day, Option<&'a People>)>,
}

impl<'a> Counting<'a> {
    fn of(question: &'a Question, material: &'a Material<'a>) -> Self {
        Self { question, material, team: None }
    }

    fn pull(&mut self, row: &'a PullRow) -> Option<Pull<'a>> {
        if row.author_kind == AuthorKind::Bot {
            return None;
        }
        let day = row.merged_at.day();
        let directory = self.material.directory;
        let author = row.author.map(|author| directory.subject(author));
        let is_narrow = self.question.team.is_some() || self.question.member.is_some();
        if is_narrow && !author.is_some_and(|author| self.counts(day, author)) {
            return None;
        }
        let is_member = author.is_some_and(|author| !directory.unmatched().contains(author));
        Some(Pull { row, author, is_member, assisted: None, is_reverted: false, day })
    }

    /// Whether somebody's pull request merged on a day counts for the question.
    fn counts(&mut self, day: Day, subject: SubjectId) -> bool {
        let is_meant = self.question.member.is_none_or(|member| member == subject);
        let Some(team) = self.question.team.filter(|_| is_meant) else { return is_meant };
        let people = match self.team {
            Some((known, people)) if known == day => people,
            _ => self.material.teams.on(day).get(&team),
        };
        self.team = Some((day, people));
        people.is_some_and(|people| people.contains(subject))
    }
}

/// Everybody credited with a pull request merged in a window that counts for the question.
pub(super) fn credited(question: &Question, material: &Material<'_>, window: Window) -> People {
    let mut counting = Counting::of(question, material);
    let mut people = People::default();
    for row in material.pulls.iter().filter(|row| window.contains(row.merged_at.day())) {
        counting.pull(row).and_then(|pull| pull.author).into_iter().for_each(|author| people.insert(author));
    }
    people
}

/// The distinct people credited.
pub(super) fn people<'p>(pulls: impl IntoIterator<Item = &'p Pull<'p>>) -> People {
    let mut people = People::default();
    pulls.into_iter().filter_map(|pull| pull.author).for_each(|author| people.insert(author));
    people
}

/// The known lengths of a part.
pub(super) fn lengths<'p>(pulls: impl IntoIterator<Item = &'p Pull<'p>>, part: Part) -> Vec<i64> {
    pulls.into_iter().filter_map(|pull| part.of(pull.row)).collect()
}

/// The median length of a part in seconds.
pub(super) fn median<'p>(pulls: impl IntoIterator<Item = &'p Pull<'p>>, part: Part) -> Option<i64> {
    percentile(&mut lengths(pulls, part), 50)
}

/// How many pull requests have evidence of each tier, the surest first, and how many there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tiers {
    pub(super) exact: i64,
    pub(super) strong: i64,
    pub(super) weak: i64,
    pub(super) all: i64,
}

impl Tiers {
    pub(super) fn of<'p>(pulls: impl IntoIterator<Item = &'p Pull<'p>>) -> Self {
        let mut tiers = Self::default();
        for pull in pulls {
            tiers.all += 1;
            match pull.tier() {
                Some(Tier::Exact) => tiers.exact += 1,
                Some(Tier::Strong) => tiers.strong += 1,
                Some(Tier::Weak) => tiers.weak += 1,
                None => {}
            }
        }
        tiers
    }

    pub(super) fn floor(self) -> Option<f64> {
        crate::metrics::ratio(Some(self.exact), Some(self.all))
    }

    pub(super) fn ceiling(self) -> Option<f64> {
        crate::metrics::ratio(Some(self.exact + self.strong + self.weak), Some(self.all))
    }
}
