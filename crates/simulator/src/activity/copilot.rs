//! A person's day with GitHub Copilot.

use crate::dice::{Dice, per_mille};
use crate::organization::Person;
use tacho_domain::Day;

/// 2026-04-09, from which CLI use is part of the top-level counters.
/// <https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics>, read 2026-11-21.
pub(crate) const CLI_IN_TOTALS_SINCE: Day = Day(20_552);
/// 2026-06-01, from which use is billed in AI credits.
pub(crate) const CREDITS_SINCE: Day = Day(20_605);
/// 2026-06-19, from which the users report tells each person's credits.
pub(crate) const CREDITS_TOLD_SINCE: Day = Day(20_623);

/// Counters, as every part of a report has them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) interactions: i64,
    pub(crate) generations: i64,
    pub(crate) acceptances: i64,
    pub(crate) lines_suggested: i64,
    pub(crate) lines_added: i64,
    pub(crate) lines_deleted: i64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        self.interactions += other.interactions;
        self.generations += other.generations;
        self.acceptances += other.acceptances;
        self.lines_suggested += other.lines_suggested;
        self.lines_added += other.lines_added;
        self.lines_deleted += other.lines_deleted;
    }

    /// Two parts that add up to the whole exactly.
    pub(crate) fn halves(&self, share: i64) -> [Self; 2] {
        let first = Self {
            interactions: per_mille(self.interactions, share),
            generations: per_mille(self.generations, share),
            acceptances: per_mille(self.acceptances, share),
            lines_suggested: per_mille(self.lines_suggested, share),
            lines_added: per_mille(self.lines_added, share),
            lines_deleted: per_mille(self.lines_deleted, share),
        };
        let mut second = *self;
        second.interactions -= first.interactions;
        second.generations -= first.generations;
        second.acceptances -= first.acceptances;
        second.lines_suggested -= first.lines_suggested;
        second.lines_added -= first.lines_added;
        second.lines_deleted -= first.lines_deleted;
        [first, second]
    }
}

/// Use of the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cli {
    pub(crate) sessions: i64,
    pub(crate) prompts: i64,
    pub(crate) requests: i64,
    pub(crate) tokens_input: i64,
    pub(crate) tokens_output: i64,
}

/// One day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CopilotDay {
    /// By feature; they add up to the top-level counters.
    pub(crate) features: Vec<(&'static str, Counts)>,
    pub(crate) cli: Option<Cli>,
    /// By model, in hundredths of a credit.
    pub(crate) credits: Vec<(&'static str, i64)>,
    pub(crate) review_active: bool,
    pub(crate) review_passive: bool,
    pub(crate) cloud_agent: bool,
}

pub(crate) const COMPLETION: &str = "code_completion";
pub(crate) const ASK: &str = "chat_panel_ask_mode";
pub(crate) const AGENT: &str = "chat_panel_agent_mode";
pub(crate) const AGENT_EDIT: &str = "agent_edit";
pub(crate) const CLI: &str = "copilot_cli";

impl CopilotDay {
    pub(crate) fn totals(&self) -> Counts {
        let mut totals = Counts::default();
        for (_, counts) in &self.features {
            totals.add(counts);
        }
        totals
    }

    pub(crate) fn feature(&self, name: &str) -> Counts {
        self.features.iter().find(|(feature, _)| *feature == name).map(|(_, counts)| *counts).unwrap_or_default()
    }

    pub(crate) fn used_chat(&self) -> bool {
        self.feature(ASK).interactions + self.feature(AGENT).interactions > 0
    }

    pub(crate) fn used_agent(&self) -> bool {
        self.feature(AGENT).interactions > 0 || self.feature(AGENT_EDIT).generations > 0
    }

    pub(crate) fn is_active(&self) -> bool {
        self.totals().interactions > 0
            || self.feature(COMPLETION).acceptances > 0
            || self.cli.is_some_and(|cli| cli.sessions > 0)
            || self.review_active
    }

    pub(crate) fn credits(&self) -> i64 {
        self.credits.iter().map(|(_, hundredths)| hundredths).sum()
    }

    /// A day of that person; `scale` is in thousandths of their usual day.
    pub(crate) fn of(person: &Person, day: Day, scale: i64, dice: &mut Dice) -> Self {
        let mut it = Self::default();
        match dice.below(100) {
            // Background work costs credits although nobody did anything.
            0..4 => it.credits.push((person.agent_model, dice.between(80, 1_600))),
            4..6 => it.review_active = true,
            _ => it.fill(person, day, scale, dice),
        }
        it.review_passive = dice.hit(50) && !it.review_active;
        if day < CREDITS_SINCE {
            it.credits.clear();
        }
        it
    }

    fn fill(&mut self, person: &Person, day: Day, scale: i64, dice: &mut Dice) {
        let shown = dice.around(per_mille(58, scale));
        let kept = dice.part(shown, person.acceptance);
        self.features.push((COMPLETION, completion(shown, kept, dice)));
        let mut credits = [0, 0];
        if dice.hit(620) {
            let asks = ask(per_mille(5, scale), dice);
            credits[0] += asks.interactions * dice.between(600, 2_000);
            self.features.push((ASK, asks));
        }
        if dice.hit(person.agent) {
            let prompts = 1 + dice.around(per_mille(6, scale));
            credits[1] += prompts * dice.between(2_400, 8_000);
            self.agent(prompts, dice);
            if person.uses_cli && dice.hit(450) {
                self.command_line(day, prompts, dice);
            }
        }
        for (model, hundredths) in [person.chat_model, person.agent_model].into_iter().zip(credits) {
            match self.credits.iter_mut().find(|(known, _)| *known == model) {
                Some(known) => known.1 += hundredths,
                None if hundredths > 0 => self.credits.push((model, hundredths)),
                None => {}
            }
        }
    }

    fn agent(&mut self, prompts: i64, dice: &mut Dice) {
        let outputs = dice.part(prompts * 2, 500);
        let chat = Counts {
            interactions: prompts,
            generations: outputs,
            lines_suggested: outputs * dice.between(2, 9),
            ..Counts::default()
        };
        let edits = dice.around(prompts * 2);
        let edit = Counts {
            generations: edits,
            lines_added: edits * dice.between(6, 24),
            lines_deleted: edits * dice.between(1, 9),
            ..Counts::default()
        };
        self.features.push((AGENT, chat));
        self.features.push((AGENT_EDIT, edit));
        self.cloud_agent = dice.hit(40);
    }

    fn command_line(&mut self, day: Day, agent_prompts: i64, dice: &mut Dice) {
        let prompts = 1 + dice.around(agent_prompts);
        let requests = prompts + dice.around(prompts * 4);
        let cli = Cli {
            sessions: 1 + dice.below(prompts),
            prompts,
            requests,
            tokens_input: requests * dice.between(1_200, 9_000),
            tokens_output: requests * dice.between(150, 900),
        };
        let edits = dice.around(prompts);
        let counts = Counts {
            interactions: prompts,
            generations: edits,
            acceptances: edits,
            lines_suggested: 0,
            lines_added: edits * dice.between(4, 18),
            lines_deleted: edits * dice.between(0, 6),
        };
        self.cli = Some(cli);
        if day >= CLI_IN_TOTALS_SINCE {
            self.features.push((CLI, counts));
        }
    }
}

fn completion(shown: i64, kept: i64, dice: &mut Dice) -> Counts {
    Counts {
        interactions: 0,
        generations: shown,
        acceptances: kept,
        lines_suggested: shown + dice.around(shown),
        lines_added: kept + dice.around(kept),
        lines_deleted: 0,
    }
}

fn ask(mean: i64, dice: &mut Dice) -> Counts {
    let prompts = 1 + dice.around(mean);
    let blocks = dice.part(prompts * 2, 600);
    let kept = dice.part(blocks, 320);
    Counts {
        interactions: prompts,
        generations: blocks,
        acceptances: kept,
        lines_suggested: blocks * dice.between(3, 14),
        lines_added: kept * dice.between(2, 12),
        lines_deleted: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_on_which_the_vendor_changed_are_these() {
        let days = [CLI_IN_TOTALS_SINCE, CREDITS_SINCE, CREDITS_TOLD_SINCE].map(|day| day.to_string());
        assert_eq!(days, ["2026-04-09", "2026-06-01", "2026-06-19"]);
    }

    #[test]
    fn halves_add_up_to_the_whole() {
        let whole =
            Counts { interactions: 7, generations: 13, acceptances: 1, lines_suggested: 99, lines_added: 5, lines_deleted: 0 };
        let [mut first, second] = whole.halves(650);
        first.add(&second);
        assert_eq!(first, whole);
    }
}
