//! Budgets: what may be spent in a month, on what, and how much of it is used.

use crate::{Money, ToolId};
use serde::{Deserialize, Serialize};

/// From this share on, a budget is a matter of attention; from the other one, almost gone.
pub const MARKS: [f64; 2] = [0.75, 0.9];

/// What a budget is held against. The two ledgers are added in one case only, and its name says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Metered use that is charged on top of subscriptions.
    Charged,
    /// All metered use at the vendors' prices, whether a subscription includes it or not.
    Value,
    /// Seat fees at list price and charged use: about what invoices will say.
    Bill,
}

impl Basis {
    /// Every basis.
    pub const ALL: [Self; 3] = [Self::Charged, Self::Value, Self::Bill];

    /// The stored name, which is also REST's.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charged => "charged",
            Self::Value => "value",
            Self::Bill => "bill",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Charged => "Charged use",
            Self::Value => "Metered use at vendor prices",
            Self::Bill => "Seat fees and charged use",
        }
    }

    /// The basis of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == name)
    }
}

/// What may be spent in a month. There is one for each tool and basis at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its number.
    pub id: i64,
    /// For this tool; `None`: for all of them together.
    pub tool: Option<ToolId>,
    /// What is held against it.
    pub basis: Basis,
    /// How much, for each calendar month.
    pub monthly: Money,
}

/// How far a budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Burn {
    /// Below three quarters.
    Fine,
    /// From three quarters on.
    Attention,
    /// From nine tenths on.
    AlmostGone,
    /// More than there is.
    Over,
}

/// How far a budget is used up at a share of it.
#[must_use]
pub fn burn(share: f64) -> Burn {
    match share {
        share if share > 1.0 => Burn::Over,
        share if share >= MARKS[1] => Burn::AlmostGone,
        share if share >= MARKS[0] => Burn::Attention,
        _ => Burn::Fine,
    }
}

#[cfg(test)]
mod tests {
    use super::Burn::{AlmostGone, Attention, Fine, Over};
    use super::*;

    #[test]
    fn marks_are_where_the_page_draws_them() {
        let found = [0.0, 0.749, 0.75, 0.899, 0.9, 1.0, 1.001].map(burn);
        assert_eq!(found, [Fine, Fine, Attention, Attention, AlmostGone, AlmostGone, Over]);
    }

    #[test]
    fn every_name_reads_back() {
        assert!(Basis::ALL.iter().all(|basis| Basis::parse(basis.as_str()) == Some(*basis)));
    }
}
