//! What a sync is asked to cover.

use serde::{Deserialize, Serialize};
use tacho_domain::{Day, Window};

/// How far back a first sync goes unless told otherwise.
pub const DEFAULT_DAYS: u32 = 365;

/// Which days a sync may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Exactly these days, whether they are settled or not: how an operator has days read again. `None`: the missing and
    /// provisional ones of the last [`Scope::days`].
    pub window: Option<Window>,
    /// How many days back, today included.
    pub days: u32,
    /// Only recent days that a vendor may still restate or has not given yet: the hourly tick.
    pub provisional_only: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self { window: None, days: DEFAULT_DAYS, provisional_only: false }
    }
}

impl Scope {
    /// The hourly tick's scope.
    #[must_use]
    pub fn recent() -> Self {
        Self { provisional_only: true, ..Self::default() }
    }

    /// Exactly these days, asked again.
    #[must_use]
    pub fn again(window: Window) -> Self {
        Self { window: Some(window), ..Self::default() }
    }

    /// The days that may be asked for on `today`.
    #[must_use]
    pub fn wanted(&self, today: Day) -> Window {
        self.window.unwrap_or_else(|| Window::ending(today, self.days))
    }
}
