//! What the state file holds: for each source and account the last good answer, and what the last question came to.

use crate::{Source, UsageData};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tacho_connectors::FailureKind;
use tacho_domain::Instant;

/// How old an answer is, in four words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Freshness {
    /// Below 5 minutes.
    Fresh,
    /// Below an hour.
    Valid,
    /// Below a day.
    Stale,
    /// A day or more.
    VeryStale,
}

impl Freshness {
    /// The class of an answer of `as_of`. One from the future (a clock that stepped back) counts as fresh.
    #[must_use]
    pub fn at(as_of: Instant, now: Instant) -> Self {
        match now.0.saturating_sub(as_of.0) / 60_000_000 {
            ..5 => Self::Fresh,
            5..60 => Self::Valid,
            60..1_440 => Self::Stale,
            _ => Self::VeryStale,
        }
    }
}

/// What the last question came to, when it came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Which of the ten kinds.
    pub kind: FailureKind,
    /// The status, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// In words.
    pub message: String,
    /// When.
    pub at: Instant,
}

/// What is known from one source about one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The source.
    pub source: Source,
    /// Which account: a fingerprint of the token or folder it was asked with, never the token.
    pub account: String,
    /// The last good answer. A failure never wipes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<UsageData>,
    /// When the source was last asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Instant>,
    /// Not to be asked again before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Instant>,
    /// Why the last question failed; gone with the next answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Note>,
    /// Failures since the last answer.
    #[serde(default)]
    pub failures: u32,
    /// Whether the last question was one more, for a person who could not wait; the next keeps the whole distance again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hurried: bool,
}

impl Entry {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(source: Source, account: impl Into<String>) -> Self {
        let account = account.into();
        Self { source, account, usage: None, asked_at: None, not_before: None, error: None, failures: 0, hurried: false }
    }

    /// Takes what the source told at `now`: whatever had gone wrong before is over.
    pub fn learn(&mut self, usage: UsageData, now: Instant) {
        (self.usage, self.asked_at, self.error) = (Some(usage), Some(now), None);
        (self.not_before, self.failures) = (None, 0);
    }

    /// Forgets what was told and what went wrong; when it was asked is kept, so that forgetting earns no new question.
    pub fn forget(&mut self) {
        (self.usage, self.error) = (None, None);
    }
}

/// The whole of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// One per source and account.
    pub entries: Vec<Entry>,
    /// Which account of a source is the present one; a source that is missing here has nobody signed in.
    pub current: BTreeMap<Source, String>,
}

impl State {
    /// What is known of the present account of a source.
    #[must_use]
    pub fn present(&self, source: Source) -> Option<&Entry> {
        self.find(source, self.current.get(&source)?)
    }

    /// What is known of an account of a source.
    #[must_use]
    pub fn find(&self, source: Source, account: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.source == source && entry.account == account)
    }

    /// The place of an account of a source; made where there is none.
    pub fn entry(&mut self, source: Source, account: &str) -> &mut Entry {
        let at = self.entries.iter().position(|entry| entry.source == source && entry.account == account);
        let at = at.unwrap_or_else(|| {
            self.entries.push(Entry::new(source, account));
            self.entries.len() - 1
        });
        &mut self.entries[at]
    }

    /// Makes an account the present one of its source; `None`: nobody is signed in.
    pub fn turn_to(&mut self, source: Source, account: Option<&str>) {
        match account {
            Some(account) => self.current.insert(source, account.to_owned()),
            None => self.current.remove(&source),
        };
    }

    /// Signs out of a source: all that it told of any account is forgotten, and nobody is signed in.
    pub fn sign_out(&mut self, source: Source) {
        self.entries.iter_mut().filter(|entry| entry.source == source).for_each(Entry::forget);
        self.current.remove(&source);
    }
}
