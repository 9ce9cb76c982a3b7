//! What a test may do to personal quotas: learn the accounts and their tokens, and move what is used.

use crate::Running;
use crate::quota::accounts::{ACCOUNTS, Account, Moved, find};
use serde::Serialize;

/// An account to ask as.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct QuotaAccount {
    /// `copilot`, `claude`, `codex`, `cursor` or `opencode`.
    pub tool: &'static str,
    /// Its name, which says what shape its answer has; for Copilot it is the login.
    pub account: &'static str,
    /// Its token. It opens nothing but the simulator.
    pub token: String,
}

impl std::fmt::Debug for QuotaAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuotaAccount").field("tool", &self.tool).field("account", &self.account).finish_non_exhaustive()
    }
}

/// There is no such account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What was asked for.
    pub account: String,
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is no account here", self.account)
    }
}

impl std::error::Error for Unknown {}

/// The switches of personal quotas, of one running simulator.
#[derive(Debug, Clone, Copy)]
pub struct QuotaSwitches<'a>(pub(crate) &'a Running);

impl<'a> QuotaSwitches<'a> {
    /// Where they are asked for, without a slash at the end.
    #[must_use]
    pub fn base_url(self) -> &'a str {
        self.0.quota_url()
    }

    /// All accounts.
    #[must_use]
    pub fn accounts(self) -> Vec<QuotaAccount> {
        let accounts = self.0.quota_accounts();
        let of = |account: &Account| QuotaAccount {
            tool: account.shape.tool(),
            account: account.name,
            token: accounts.token(account),
        };
        ACCOUNTS.iter().map(of).collect()
    }

    /// An account's token.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn token(self, tool: &str, account: &str) -> Result<String, Unknown> {
        let found = find(tool, account).ok_or_else(|| unknown(tool, account))?;
        Ok(self.0.quota_accounts().token(found))
    }

    /// From now on so much of the account's main meter is used: requests, credits, per cent or cents, as its shape has it. A
    /// limit that is given replaces the account's own.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn set_used(self, tool: &str, account: &str, used: f64, limit: Option<f64>) -> Result<(), Unknown> {
        let found = find(tool, account).ok_or_else(|| unknown(tool, account))?;
        self.0.quota_accounts().set(found, Some(Moved { used, limit }));
        Ok(())
    }

    /// Use follows the calendar again.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn follow_calendar(self, tool: &str, account: &str) -> Result<(), Unknown> {
        let found = find(tool, account).ok_or_else(|| unknown(tool, account))?;
        self.0.quota_accounts().set(found, None);
        Ok(())
    }
}

pub(crate) fn unknown(tool: &str, account: &str) -> Unknown {
    Unknown { account: format!("{tool} {account}") }
}
