//! Credentials with the shapes of the real ones, made from the seed. They open nothing but the simulator.

use crate::dice::Dice;
use crate::github::oauth::OAuth;
use std::sync::{PoisonError, RwLock};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Vendor {
    /// GitHub.
    Github,
    /// Anthropic.
    Anthropic,
    /// Cursor.
    Cursor,
}

impl Vendor {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Github, Self::Anthropic, Self::Cursor];
}

/// The credential of each vendor.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// A classic personal access token.
    pub github: String,
    /// An Admin API key.
    pub anthropic: String,
    /// A team's API key.
    pub cursor: String,
    /// The client id of the OAuth app at GitHub.
    pub github_client_id: String,
    /// Its client secret.
    pub github_client_secret: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(..)")
    }
}

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The secrets valid now.
pub(crate) struct Keys {
    seed: u64,
    turns: RwLock<[u64; 3]>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, turns: RwLock::default() }
    }

    pub(crate) fn secret(&self, vendor: Vendor) -> String {
        let turn = self.turns.read().unwrap_or_else(PoisonError::into_inner)[vendor as usize];
        let mut dice = Dice::new(&[self.seed, 77, vendor as u64, turn]);
        let mut text =
            |alphabet: &[u8], length: usize| -> String { (0..length).map(|_| char::from(dice.pick(alphabet))).collect() };
        match vendor {
            Vendor::Github => format!("ghp_{}", text(LETTERS, 36)),
            Vendor::Anthropic => format!("sk-ant-admin01-{}AA", text(LETTERS, 91)),
            Vendor::Cursor => format!("key_{}", text(b"0123456789abcdef", 64)),
        }
    }

    pub(crate) fn rotate(&self, vendor: Vendor) -> String {
        self.turns.write().unwrap_or_else(PoisonError::into_inner)[vendor as usize] += 1;
        self.secret(vendor)
    }

    pub(crate) fn all(&self) -> Secrets {
        let (github_client_id, github_client_secret) = OAuth::app(self.seed);
        Secrets {
            github_client_id,
            github_client_secret,
            github: self.secret(Vendor::Github),
            anthropic: self.secret(Vendor::Anthropic),
            cursor: self.secret(Vendor::Cursor),
        }
    }
}
