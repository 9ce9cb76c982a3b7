//! The figures of the pages, worked out by hand.

use super::{Bill, Figures, Row, Truth};
use crate::activity::Tool;
use crate::organization::Kind;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::{Day, Window};

/// Distinct active people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Active {
    /// Members.
    pub members: usize,
    /// Identities that match no member.
    pub unmatched: usize,
}

/// Kept and offered, to be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// Above the line.
    pub accepted: i64,
    /// Below the line.
    pub offered: i64,
}

impl Acceptance {
    /// The rate; `None` where nothing was offered.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub fn rate(self) -> Option<f64> {
        (self.offered > 0).then(|| self.accepted as f64 / self.offered as f64)
    }
}

/// One person's row in the member table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MemberAnswer {
    /// Their index.
    pub person: usize,
    /// Days with at least one active tool.
    pub active_days: usize,
    /// Active days by tool.
    pub active_days_by_tool: BTreeMap<&'static str, usize>,
    /// Sums by tool.
    pub by_tool: BTreeMap<&'static str, Figures>,
    /// Interactions over the tools.
    pub interactions: i64,
}

impl Truth {
    /// Distinct people active with at least one tool.
    #[must_use]
    pub fn active_members(&self, window: Window) -> Active {
        self.distinct(window, &Tool::ALL, |row| row.active)
    }

    /// Distinct people active with that tool.
    #[must_use]
    pub fn active_by_tool(&self, window: Window, tool: Tool) -> Active {
        self.distinct(window, &[tool], |row| row.active)
    }

    /// Distinct people who used an agent of that tool.
    #[must_use]
    pub fn agents_by_tool(&self, window: Window, tool: Tool) -> Active {
        self.distinct(window, &[tool], |row| row.agent)
    }

    fn distinct(&self, window: Window, tools: &[Tool], counts: fn(&Row) -> bool) -> Active {
        let mut seen = BTreeSet::new();
        for day in window.days() {
            for tool in tools {
                for row in self.rows(*tool, day).unwrap_or_default() {
                    if counts(&row) {
                        seen.insert(row.person);
                    }
                }
            }
        }
        let members = seen.iter().filter(|person| self.0.people[**person].kind == Kind::Member).count();
        Active { members, unmatched: seen.len() - members }
    }

    /// Sums of everything over the window; `None` where the vendor has no row.
    #[must_use]
    pub fn sums(&self, window: Window, tool: Tool) -> Option<Figures> {
        let mut sums = None;
        for day in window.days() {
            for row in self.rows(tool, day).unwrap_or_default() {
                sums.get_or_insert_with(Figures::default).add(&row.figures);
            }
        }
        sums
    }

    /// Interactions in the tool's own unit.
    #[must_use]
    pub fn interactions(&self, window: Window, tool: Tool) -> Option<i64> {
        self.sums(window, tool)?.interactions
    }

    /// Interactions of every day with at least one tool's report, over the tools.
    #[must_use]
    pub fn interactions_by_day(&self, window: Window) -> BTreeMap<Day, i64> {
        let mut by_day = BTreeMap::new();
        for day in window.days() {
            for tool in Tool::ALL {
                for row in self.rows(tool, day).unwrap_or_default() {
                    *by_day.entry(day).or_insert(0) += row.figures.interactions.unwrap_or(0);
                }
            }
        }
        by_day
    }

    /// Inline completions: Copilot's `code_completion`, Cursor's tabs. Claude Code has none.
    #[must_use]
    pub fn completions(&self, window: Window, tool: Tool) -> Option<Acceptance> {
        let sums = self.sums(window, tool)?;
        Some(Acceptance { accepted: sums.acceptances?, offered: sums.suggestions? })
    }

    /// Edits: Claude Code's tool actions (accepted of decided), Cursor's applies (accepted of applied). Copilot has none.
    #[must_use]
    pub fn edits(&self, window: Window, tool: Tool) -> Option<Acceptance> {
        let sums = self.sums(window, tool)?;
        let (accepted, rejected) = (sums.edits_accepted?, sums.edits_rejected?);
        let offered = if tool == Tool::Cursor { sums.edits_proposed? } else { accepted + rejected };
        Some(Acceptance { accepted, offered })
    }

    /// Lines added and removed.
    #[must_use]
    pub fn lines(&self, window: Window, tool: Tool) -> Option<(i64, i64)> {
        let sums = self.sums(window, tool)?;
        Some((sums.lines_added?, sums.lines_removed?))
    }

    /// Value at the vendor's prices and the part charged beyond what is included, in micro-dollars. Copilot's come from
    /// its bill.
    #[must_use]
    pub fn cost(&self, window: Window, tool: Tool) -> Option<(i64, i64)> {
        if tool == Tool::Copilot {
            let bills: Vec<Bill> = window.days().filter_map(|day| self.bill(day)).collect();
            let all = bills.iter().fold((0, 0), |(gross, net), bill| (gross + bill.gross_micros, net + bill.net_micros));
            return (!bills.is_empty()).then_some(all);
        }
        let sums = self.sums(window, tool)?;
        Some((sums.cost_micros?, sums.billed_micros.unwrap_or(0)))
    }

    /// Interactions of members, and of everybody: the share of usage that is matched.
    #[must_use]
    pub fn coverage(&self, window: Window) -> (i64, i64) {
        let (mut matched, mut all) = (0, 0);
        for answer in self.members(window) {
            all += answer.interactions;
            if self.0.people[answer.person].kind == Kind::Member {
                matched += answer.interactions;
            }
        }
        (matched, all)
    }

    /// Everyone with a row in the window, by index; identities that match nobody included.
    #[must_use]
    pub fn members(&self, window: Window) -> Vec<MemberAnswer> {
        let mut answers: BTreeMap<usize, MemberAnswer> = BTreeMap::new();
        for day in window.days() {
            let mut active_today = BTreeSet::new();
            for tool in Tool::ALL {
                for row in self.rows(tool, day).unwrap_or_default() {
                    let answer = answers.entry(row.person).or_default();
                    answer.person = row.person;
                    answer.interactions += row.figures.interactions.unwrap_or(0);
                    answer.by_tool.entry(tool.id()).or_default().add(&row.figures);
                    if row.active {
                        active_today.insert(row.person);
                        *answer.active_days_by_tool.entry(tool.id()).or_insert(0) += 1;
                    }
                }
            }
            for person in active_today {
                answers.entry(person).or_default().active_days += 1;
            }
        }
        answers.into_values().collect()
    }
}
