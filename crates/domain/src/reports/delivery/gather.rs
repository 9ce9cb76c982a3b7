//! The pull requests that count, with whom they are credited to and what speaks for an AI tool's part in them.

use super::{Material, counts};
use crate::delivery::{Assisted, AuthorKind, Part, PullRow, Reverted, Tier, percentile};
use crate::metrics::{Cohort, People, cohort};
use crate::report::Question;
use crate::reports::people::few;
use crate::{Day, SubjectId, Window};

/// A merged pull request that counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pull {
    pub(super) row: PullRow,
    /// Who is credited.
    pub(super) author: Option<SubjectId>,
    /// Whether that is a member: of anybody else nobody knows which tools they use.
    pub(super) is_member: bool,
    pub(super) assisted: Option<Assisted>,
    pub(super) day: Day,
}

impl Pull {
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
    pulls: Vec<Pull>,
    pub(super) reverted: Reverted,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(question: &'a Question, material: &'a Material<'a>) -> Self {
        let mut pulls: Vec<Pull> = material.pulls.iter().filter_map(|row| pull(question, material, row)).collect();
        pulls.sort_unstable_by_key(|pull| (pull.row.merged_at, pull.row.repository, pull.row.number));
        Self { question, material, pulls, reverted: Reverted::among(&material.pulls) }
    }

    pub(super) fn window(&self) -> Window {
        self.question.window
    }

    /// Those merged in a window.
    pub(super) fn within(&self, window: Window) -> &[Pull] {
        let from = self.pulls.partition_point(|pull| pull.day < window.from);
        let to = self.pulls.partition_point(|pull| pull.day <= window.to);
        &self.pulls[from..to.max(from)]
    }

    pub(super) fn now(&self) -> &[Pull] {
        self.within(self.window())
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

fn pull(question: &Question, material: &Material<'_>, row: &PullRow) -> Option<Pull> {
    if row.author_kind == AuthorKind::Bot {
        return None;
    }
    let day = row.merged_at.day();
    let author = row.author.map(|author| material.directory.subject(author));
    let is_narrow = question.team.is_some() || question.member.is_some();
    if is_narrow && !author.is_some_and(|author| counts(question, material.teams, day, author)) {
        return None;
    }
    let is_member = author.is_some_and(|author| !material.directory.unmatched().contains(author));
    let assisted = Assisted::of(row, author, &material.use_days);
    Some(Pull { row: *row, author, is_member, assisted, day })
}

/// The distinct people credited.
pub(super) fn people<'p>(pulls: impl IntoIterator<Item = &'p Pull>) -> People {
    let mut people = People::default();
    pulls.into_iter().filter_map(|pull| pull.author).for_each(|author| people.insert(author));
    people
}

/// The known lengths of a part.
pub(super) fn lengths<'p>(pulls: impl IntoIterator<Item = &'p Pull>, part: Part) -> Vec<i64> {
    pulls.into_iter().filter_map(|pull| part.of(&pull.row)).collect()
}

/// The median length of a part in seconds.
pub(super) fn median<'p>(pulls: impl IntoIterator<Item = &'p Pull>, part: Part) -> Option<i64> {
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
    pub(super) fn of<'p>(pulls: impl IntoIterator<Item = &'p Pull>) -> Self {
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
