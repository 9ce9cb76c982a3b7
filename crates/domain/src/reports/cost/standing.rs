//! Where the costs of the running month stand, in a few numbers: what a status line shows. They are those of the Cost page.

use super::Material;
use super::budgets::Held;
use super::spent::month;
use super::tables::unpriced;
use crate::budget::{Basis, Budget};
use crate::measure::plus;
use crate::{Money, ToolId, Window};

/// Where a month's costs stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The month that today is in.
    pub month: Window,
    /// What is counted: that of the budget, else all metered use.
    pub basis: Basis,
    /// So far: of all tools, or of those that have a budget where only tools have; `None`: no tool names an amount.
    pub spent: Option<Money>,
    /// For the whole month; `None`: none is set.
    pub budget: Option<Money>,
    /// Where the month will end; `None`: not enough is known.
    pub forecast: Option<Money>,
    /// The tools that the budget is of; none: all together.
    pub budget_of: Vec<String>,
    /// Each tool with costs, in the order of their colours.
    pub tools: Vec<ToolStanding>,
    /// Models of the month whose cost nobody gives, each with its tool: they are in no figure.
    pub unpriced: Vec<String>,
}

/// What one tool cost so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolStanding {
    /// The tool.
    pub tool: ToolId,
    /// What it is called.
    pub name: String,
    /// On the same basis; `None`: it names no amount of that kind.
    pub spent: Option<Money>,
}

/// Of several budgets the one that tells most about invoices counts.
const BY_WEIGHT: [Basis; 3] = [Basis::Bill, Basis::Charged, Basis::Value];

/// Where the month's costs stand.
#[must_use]
pub fn standing(material: &Material<'_>) -> Standing {
    let chosen = chosen(&material.budgets);
    let basis = chosen.first().map_or(Basis::Value, |budget| budget.basis);
    let blank = |tool| Budget { id: 0, tool, basis, monthly: Money(0) };
    let (all, every_tool) = (blank(None), material.tools(month(material.today)));
    let counted: Vec<&Budget> = if chosen.is_empty() { vec![&all] } else { chosen.clone() };
    let held: Vec<Held<'_>> = counted.into_iter().map(|budget| Held::of(budget, material)).collect();
    let spent = held.iter().fold(None, |sum, one| plus(sum, one.so_far));
    let is_open = held.iter().any(|one| one.so_far.is_some() && one.end.is_none());
    let forecast = held.iter().fold(None, |sum, one| plus(sum, one.end)).filter(|_| !is_open);
    let tool = |tool: ToolId| {
        let budget = blank(Some(tool.clone()));
        let spent = Held::of(&budget, material).so_far.map(Money);
        ToolStanding { name: material.name_of(&tool), tool, spent }
    };
    Standing {
        month: month(material.today),
        basis,
        spent: spent.map(Money),
        budget: chosen.iter().fold(None, |sum, budget| plus(sum, Some(budget.monthly.0))).map(Money),
        forecast: forecast.map(Money),
        budget_of: chosen.iter().filter_map(|budget| budget.tool.as_ref()).map(|tool| material.name_of(tool)).collect(),
        tools: every_tool.into_iter().map(tool).collect(),
        unpriced: unpriced(material).map(|(name, tool)| format!("{name} ({tool})")).collect(),
    }
}

/// The budget of all tools, else those of single tools that are held against the same.
fn chosen(budgets: &[Budget]) -> Vec<&Budget> {
    let of = |basis: Basis, all: bool| {
        budgets.iter().filter(|budget| budget.basis == basis && budget.tool.is_none() == all).collect::<Vec<_>>()
    };
    let of_all = BY_WEIGHT.into_iter().map(|basis| of(basis, true)).find(|some| !some.is_empty());
    // The first of those that cover equally many tools.
    let of_tools = || BY_WEIGHT.into_iter().rev().map(|basis| of(basis, false)).max_by_key(Vec::len);
    of_all.or_else(of_tools).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::cost::tests::{CLAUDE, COPILOT, directory, material};

    fn budget(tool: Option<&ToolId>, basis: Basis, dollars: i64) -> Budget {
        Budget { id: 1, tool: tool.cloned(), basis, monthly: Money(dollars * 1_000_000) }
    }

    fn with(budgets: Vec<Budget>) -> Standing {
        let directory = directory();
        standing(&Material { budgets, ..material(&directory) })
    }

    fn dollars(money: Option<Money>) -> Option<i64> {
        money.map(|money| money.0 / 1_000_000)
    }

    /// Budget, spent and forecast in dollars.
    fn figures(of: &Standing) -> [Option<i64>; 3] {
        [of.budget, of.spent, of.forecast].map(dollars)
    }

    #[test]
    fn without_a_budget_all_metered_use_counts() {
        let found = with(Vec::new());
        assert_eq!((found.basis, figures(&found)), (Basis::Value, [None, Some(60), Some(90)]));
        let tools: Vec<(&str, Option<i64>)> = found.tools.iter().map(|tool| (tool.name.as_str(), dollars(tool.spent))).collect();
        assert_eq!(tools, [("GitHub Copilot", Some(40)), ("Claude Code", Some(20))]);
        assert_eq!(found.unpriced, ["mystery (Claude Code)"]);
    }

    #[test]
    fn the_budget_of_all_tools_counts_and_what_invoices_say_before_all() {
        let found =
            with(vec![budget(Some(&COPILOT), Basis::Bill, 7), budget(None, Basis::Value, 100), budget(None, Basis::Bill, 200)]);
        // 57 of fees and 10 charged so far, 15 at the end.
        assert_eq!((found.basis, figures(&found)), (Basis::Bill, [Some(200), Some(67), Some(72)]));
        assert!(found.budget_of.is_empty());
        let tools: Vec<Option<i64>> = found.tools.iter().map(|tool| dollars(tool.spent)).collect();
        assert_eq!(tools, [Some(67), None], "Claude has no list price here and charges nothing");
    }

    #[test]
    fn budgets_of_tools_are_added_and_held_against_those_tools_alone() {
        let found = with(vec![budget(Some(&COPILOT), Basis::Value, 50), budget(Some(&COPILOT), Basis::Bill, 100)]);
        assert_eq!((found.basis, found.budget_of.as_slice()), (Basis::Bill, &["GitHub Copilot".to_owned()][..]));
        let found = with(vec![
            budget(Some(&COPILOT), Basis::Value, 50),
            budget(Some(&CLAUDE), Basis::Value, 30),
            budget(Some(&COPILOT), Basis::Bill, 100),
        ]);
        assert_eq!((found.basis, figures(&found)), (Basis::Value, [Some(80), Some(60), Some(90)]));
        assert_eq!(found.budget_of, ["GitHub Copilot", "Claude Code"]);
    }

    #[test]
    fn nothing_known_is_nothing_told() {
        let directory = directory();
        let none = Material {
            days: std::collections::BTreeMap::default(),
            models: Vec::new(),
            seats: Vec::new(),
            ..material(&directory)
        };
        let found = standing(&none);
        assert_eq!((figures(&found), found.tools.len(), found.unpriced.len()), ([None; 3], 0, 0));
    }
}
