//! The accounts: one for every shape of answer, with a token made from the seed and the use that a person has moved it to.

use crate::dice::Dice;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Copilot's kinds of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copilot {
    Paid,
    Free,
    FreeOld,
    FreeCredits,
    Student,
    Unlimited,
    Placeholder,
    Overage,
    CreditsOnly,
    UserBudget,
}

/// Cursor's kinds of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cursor {
    Pro,
    Enterprise,
    Old,
}

/// What an account's answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Copilot(Copilot),
    Claude { extra: bool },
    Codex,
    Cursor(Cursor),
    Opencode,
}

impl Shape {
    /// The tool's name in calls and switches.
    pub(crate) const fn tool(self) -> &'static str {
        match self {
            Self::Copilot(_) => "copilot",
            Self::Claude { .. } => "claude",
            Self::Codex => "codex",
            Self::Cursor(_) => "cursor",
            Self::Opencode => "opencode",
        }
    }
}

/// One account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// How much is included, in the unit of its main meter; 0: nothing to measure against.
    pub(crate) limit: u32,
    /// What is used by the end of a month, in thousandths of the limit (of one unit where there is no limit).
    pub(crate) pace: u32,
}

const fn account(name: &'static str, shape: Shape, limit: u32, pace: u32) -> Account {
    Account { name, shape, limit, pace }
}

/// All of them.
pub(crate) const ACCOUNTS: [Account; 17] = [
    account("paid", Shape::Copilot(Copilot::Paid), 300, 650),
    account("free", Shape::Copilot(Copilot::Free), 200, 400),
    account("free-old", Shape::Copilot(Copilot::FreeOld), 500, 700),
    account("free-credits", Shape::Copilot(Copilot::FreeCredits), 200, 300),
    account("student", Shape::Copilot(Copilot::Student), 200, 800),
    account("unlimited", Shape::Copilot(Copilot::Unlimited), 0, 0),
    account("placeholder", Shape::Copilot(Copilot::Placeholder), 0, 0),
    account("overage", Shape::Copilot(Copilot::Overage), 500, 1_500),
    account("credits-only", Shape::Copilot(Copilot::CreditsOnly), 0, 900_000),
    account("user-budget", Shape::Copilot(Copilot::UserBudget), 3_000, 950),
    account("windows", Shape::Claude { extra: false }, 100, 900),
    account("extra", Shape::Claude { extra: true }, 100, 1_000),
    account("pro", Shape::Codex, 100, 500),
    account("pro", Shape::Cursor(Cursor::Pro), 5_000, 800),
    account("enterprise", Shape::Cursor(Cursor::Enterprise), 25_000, 300),
    account("old", Shape::Cursor(Cursor::Old), 750, 500),
    account("go", Shape::Opencode, 100, 700),
];

/// The account of that name at that tool.
pub(crate) fn find(tool: &str, name: &str) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|account| account.shape.tool() == tool && account.name == name)
}

/// What a person has moved an account's use to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moved {
    pub(crate) used: f64,
    pub(crate) limit: Option<f64>,
}

/// The tokens of the accounts and where their use was moved to.
#[derive(Debug)]
pub(crate) struct Accounts {
    seed: u64,
    moved: Mutex<BTreeMap<(&'static str, &'static str), Moved>>,
}

impl Accounts {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, moved: Mutex::default() }
    }

    /// The token of an account, in the shape its vendor gives them.
    pub(crate) fn token(&self, account: &Account) -> String {
        let place = ACCOUNTS.iter().position(|known| known.shape == account.shape).unwrap_or(0);
        let mut dice = Dice::new(&[self.seed, 80, u64::try_from(place).unwrap_or(0)]);
        let mut text = |length: usize| -> String { (0..length).map(|_| char::from(dice.pick(LETTERS))).collect() };
        match account.shape {
            Shape::Copilot(_) => format!("gho_{}", text(36)),
            Shape::Claude { .. } => format!("sk-ant-oat01-{}AA", text(91)),
            Shape::Codex => format!("eyJ{}.{}.{}", text(40), text(120), text(43)),
            // A user's id, two colons as they stand in a cookie, and the session.
            Shape::Cursor(_) => format!("user_01{}%3A%3AeyJ{}.{}", text(24), text(60), text(43)),
            Shape::Opencode => format!("sk-{}", text(64)),
        }
    }

    /// Whose token of that tool this is.
    pub(crate) fn whose(&self, tool: &str, token: &str) -> Option<&'static Account> {
        ACCOUNTS.iter().find(|account| account.shape.tool() == tool && self.token(account) == token)
    }

    /// Moves an account's use, or gives it back to the calendar.
    pub(crate) fn set(&self, account: &Account, to: Option<Moved>) {
        let key = (account.shape.tool(), account.name);
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        match to {
            Some(to) => moved.insert(key, to),
            None => moved.remove(&key),
        };
    }

    /// Where an account's use was moved to.
    pub(crate) fn moved(&self, account: &Account) -> Option<Moved> {
        let moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        moved.get(&(account.shape.tool(), account.name)).copied()
    }
}
