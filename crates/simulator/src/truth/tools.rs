//! How a tool was used: by feature and model, how regularly, with agents.

use super::{Figures, Row, Truth};
use crate::activity::copilot::COMPLETION;
use crate::activity::{ClaudeDay, CopilotDay, CursorDay, Tool};
use crate::organization::Kind;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::{Day, Window};

/// Sums by the vendor's word.
pub type ByPart = BTreeMap<&'static str, Figures>;

impl Truth {
    /// Sums by feature over the window; parts that came to nothing may be among them.
    #[must_use]
    pub fn features(&self, window: Window, tool: Tool) -> ByPart {
        let mut parts = ByPart::new();
        for day in window.days() {
            match tool {
                Tool::Copilot if !self.0.has_report(day) => {}
                Tool::Copilot => self.0.copilot(day).iter().for_each(|(_, it)| copilot(it, &mut parts)),
                Tool::Claude => self.0.claude(day).iter().for_each(|(_, it)| claude(it, &mut parts)),
                Tool::Cursor => {
                    let rows = self.0.cursor(day);
                    let members = rows.iter().filter(|(person, ..)| person.kind == Kind::Member);
                    members.for_each(|(_, it, _)| cursor(it, &mut parts));
                }
            }
        }
        parts
    }

    /// Requests, tokens and value by model over the window, where the vendor tells them by model.
    #[must_use]
    pub fn models(&self, window: Window, tool: Tool) -> ByPart {
        let mut parts = ByPart::new();
        for day in window.days() {
            match tool {
                Tool::Copilot => {}
                Tool::Claude => self.0.claude(day).iter().for_each(|(_, it)| claude_models(it, &mut parts)),
                Tool::Cursor => {
                    for event in self.0.cursor_events(Window::day(day)).iter() {
                        let tokens = event.tokens.as_ref();
                        let part = Figures {
                            requests: Some(1),
                            tokens_input: tokens.map(|tokens| tokens.input),
                            tokens_output: tokens.map(|tokens| tokens.output),
                            cost_micros: Some(event.charged_micros),
                            ..Figures::default()
                        };
                        parts.entry(event.model).or_default().add(&part);
                    }
                }
            }
        }
        parts
    }

    /// Distinct members active with at least one of these tools, by day; days without any report are missing.
    #[must_use]
    pub fn active_by_day(&self, window: Window, tools: &[Tool]) -> BTreeMap<Day, usize> {
        let mut by_day = BTreeMap::new();
        for day in window.days() {
            let mut told = false;
            let mut active = BTreeSet::new();
            for tool in tools {
                let Some(rows) = self.rows(*tool, day) else { continue };
                told = true;
                active.extend(rows.iter().filter(|row| row.active && self.is_member(row)).map(|row| row.person));
            }
            if told {
                by_day.insert(day, active.len());
            }
        }
        by_day
    }

    /// Members who were active with at least one of these tools and, on some day, used an agent of one.
    #[must_use]
    pub fn members_with_agents(&self, window: Window, tools: &[Tool]) -> usize {
        let (mut active, mut agents) = (BTreeSet::new(), BTreeSet::new());
        for day in window.days() {
            for row in tools.iter().flat_map(|tool| self.rows(*tool, day).unwrap_or_default()) {
                if self.is_member(&row) {
                    active.extend(row.active.then_some(row.person));
                    agents.extend(row.agent.then_some(row.person));
                }
            }
        }
        active.intersection(&agents).count()
    }

    /// Days on which each member with a row was active with the tool, by index.
    #[must_use]
    pub fn active_days(&self, window: Window, tool: Tool) -> BTreeMap<usize, usize> {
        let mut days = BTreeMap::new();
        for row in window.days().flat_map(|day| self.rows(tool, day).unwrap_or_default()) {
            if self.is_member(&row) {
                *days.entry(row.person).or_insert(0) += usize::from(row.active);
            }
        }
        days
    }

    fn is_member(&self, row: &Row) -> bool {
        self.0.people[row.person].kind == Kind::Member
    }
}

fn copilot(it: &CopilotDay, parts: &mut ByPart) {
    for (feature, counts) in &it.features {
        let completions = *feature == COMPLETION;
        let part = Figures {
            interactions: Some(counts.interactions + if completions { counts.acceptances } else { 0 }),
            suggestions: completions.then_some(counts.generations),
            acceptances: completions.then_some(counts.acceptances),
            lines_added: Some(counts.lines_added),
            lines_removed: Some(counts.lines_deleted),
            ..Figures::default()
        };
        parts.entry(feature).or_default().add(&part);
    }
}

fn claude(it: &ClaudeDay, parts: &mut ByPart) {
    for (feature, accepted, rejected) in it.parts.iter().flat_map(|part| &part.edits) {
        let part = Figures { edits_accepted: Some(*accepted), edits_rejected: Some(*rejected), ..Figures::default() };
        parts.entry(feature).or_default().add(&part);
    }
}

fn cursor(it: &CursorDay, parts: &mut ByPart) {
    let features = [
        ("chat", it.chat),
        ("composer", it.composer),
        ("agent", it.agent),
        ("cmdk", it.cmdk),
        ("tab", it.tabs_accepted),
        ("bugbot", it.bugbot),
    ];
    for (feature, count) in features {
        parts.entry(feature).or_default().add(&Figures { interactions: Some(count), ..Figures::default() });
    }
}

fn claude_models(it: &ClaudeDay, parts: &mut ByPart) {
    for model in it.parts.iter().flat_map(|part| &part.models) {
        let part = Figures {
            tokens_input: Some(model.input),
            tokens_output: Some(model.output),
            cost_micros: Some(model.cost_micros),
            ..Figures::default()
        };
        parts.entry(model.model).or_default().add(&part);
    }
}
