//! What the user reads when something fails: what, for which input, then hints; and the exit code that goes with it.

use std::fmt;
use std::io::{IsTerminal, Write};

/// Exit codes, documented in docs/configuration.md and `tacho --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// It failed, for a reason without a code of its own.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The configuration is wrong, or the data folder cannot be used.
    Configuration = 3,
    /// A vendor refused; someone has to act.
    Refused = 4,
    /// A vendor cannot be reached or asks to wait; trying later may help.
    Unavailable = 5,
    /// The database cannot be used.
    Database = 6,
    /// `tacho doctor` found something to mend.
    Unhealthy = 7,
    /// Interrupted before it was done.
    Interrupted = 130,
}

/// A failure as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hints: Vec<String>,
}

/// What commands come to.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hints: Vec::new() }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Exit::Configuration, message)
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    /// The same with one more hint.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Writes it to standard error.
    pub(crate) fn show(&self, colour: bool) {
        let (red, cyan, plain) = if colour { ("\x1b[1;31m", "\x1b[1;36m", "\x1b[0m") } else { ("", "", "") };
        let hints = self.hints.iter().map(|hint| format!("{cyan}hint:{plain} {hint}\n"));
        let text = format!("{red}error:{plain} {}\n{}", self.message, hints.collect::<String>());
        // Where standard error is closed there is nobody left to tell.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Whether standard error may carry colour: a terminal, and no `NO_COLOR`.
pub(crate) fn colour_wanted(no_color: Option<&str>) -> bool {
    no_color.is_none() && std::io::stderr().is_terminal()
}

/// An error with everything beneath it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}
