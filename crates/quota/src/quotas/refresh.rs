//! One round over the sources: who is present, whether it is time, the question, and what is kept of its answer.

use super::{Paces, Quotas, held};
use crate::lock::Without;
use crate::schedule::{LONGEST_WAIT_SECONDS, NOBODY, Turn, is_spared, turn};
use crate::{ApiError, Entry, Note, Options, RefreshLock, Source, State, Token, Trigger, UsageData};
use std::time::Duration;
use tacho_connectors::FailureKind;
use tacho_domain::Instant;
use tokio_util::sync::CancellationToken;

/// What a round came to.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Whether anything was asked.
    pub(super) any: bool,
    pub(super) errors: Vec<(Source, ApiError)>,
    right: Right,
}

/// The right to ask on this machine; taken when something is due and kept until the round is over.
#[derive(Debug, Default)]
enum Right {
    #[default]
    NotTaken,
    /// `None`: there is no place for a lock, and this process has to do without.
    Had(#[expect(dead_code, reason = "held, not read")] Option<RefreshLock>),
    /// Another process is at it.
    Refused,
}

/// Somebody to ask about.
struct Present {
    account: String,
    /// Missing for sources on this machine.
    token: Option<Token>,
}

impl Quotas {
    /// Asks whatever is due.
    pub(super) async fn round(&self, paces: &mut Paces, trigger: Trigger, cancel: &CancellationToken) -> Round {
        self.book.reread();
        let mut round = Round::default();
        let options = held(&self.options).clone();
        for source in options.sources.iter().copied() {
            let is_waiting = trigger == Trigger::Tick && !self.may_be_due(source);
            if cancel.is_cancelled() || source == Source::ClaudeStatusLine || is_waiting {
                continue;
            }
            let question = cancel.child_token();
            *held(&self.under_way) = Some((source, question.clone()));
            self.look_at(source, &options, trigger, paces, &mut round, &question).await;
            *held(&self.under_way) = None;
        }
        round
    }

    /// By what is written down alone: whether it is worth finding out who is present.
    fn may_be_due(&self, source: Source) -> bool {
        let (state, now) = (self.state(), self.now());
        let known = state.present(source).or_else(|| state.find(source, NOBODY));
        !is_spared(source, &state, now) && turn(known, Trigger::Tick, now) != Turn::NotYet
    }

    /// Asks one source, and once more with another token where the first was refused.
    async fn look_at(
        &self,
        source: Source,
        options: &Options,
        trigger: Trigger,
        paces: &mut Paces,
        round: &mut Round,
        question: &CancellationToken,
    ) {
        let mut refused = refused(&self.state(), source, self.now());
        for _ in 0..2 {
            let Some(present) = self.who(source, options, &refused, question).await else { return };
            let Some(turn) = self.may_ask(source, &present.account, trigger, paces, round) else { return };
            round.any = true;
            self.begin(source, &present.account, turn == Turn::OneMore, paces);
            let told = match present.token.as_ref().and_then(|token| token.unfit.as_deref()) {
                Some(words) => Err(expired(words)),
                None => self.ask.ask(source, present.token.as_ref(), self.now(), question).await,
            };
            // Its account is gone, and whatever it was told with it.
            if question.is_cancelled() {
                return;
            }
            let Err(error) = self.end(source, &present.account, told, paces) else { return };
            let is_refused = error.kind == FailureKind::Auth;
            round.errors.push((source, error));
            if !is_refused {
                return;
            }
            refused.push(present.account);
        }
    }

    /// Finds out who is present, and notes it. Whose token was refused is taken only where there is nobody else.
    async fn who(&self, source: Source, options: &Options, refused: &[String], question: &CancellationToken) -> Option<Present> {
        let present = if source == Source::CodexLogs {
            self.places.account(source).map(|account| Present { account, token: None })
        } else {
            let mut token = self.tokens.find(source, options, self.now(), refused).await;
            if token.is_none() && !refused.is_empty() {
                token = self.tokens.find(source, options, self.now(), &[]).await;
            }
            token.map(|token| Present { account: token.account(source), token: Some(token) })
        };
        if question.is_cancelled() {
            return None;
        }
        let (account, now) = (present.as_ref().map(|present| present.account.as_str()), self.now());
        self.book.turn_to(source, account);
        if account.is_none() || self.state().current.get(&source).map(String::as_str) != account {
            self.book.commit(now, |state| {
                state.turn_to(source, account);
                if account.is_none() {
                    state.entry(source, NOBODY).asked_at = Some(now);
                }
            });
        }
        present
    }

    /// Whether it is time, and nobody else on this machine is asking.
    fn may_ask(&self, source: Source, account: &str, trigger: Trigger, paces: &Paces, round: &mut Round) -> Option<Turn> {
        let by_both = || {
            let written = turn(self.state().find(source, account), trigger, self.now());
            match (written, paces.turn(source, account, trigger)) {
                (Turn::NotYet, _) | (_, Turn::NotYet) => None,
                (Turn::Due, Turn::Due) => Some(Turn::Due),
                _ => Some(Turn::OneMore),
            }
        };
        let turn = by_both()?;
        match round.right {
            Right::Had(_) => Some(turn),
            Right::Refused => None,
            Right::NotTaken => {
                round.right = self.right();
                // Whoever had the right before may have asked just now.
                self.book.reread();
                by_both().filter(|_| matches!(round.right, Right::Had(_)))
            }
        }
    }

    fn right(&self) -> Right {
        match self.places.state.as_deref().map(RefreshLock::take) {
            Some(Ok(lock)) => Right::Had(Some(lock)),
            Some(Err(Without::Busy)) => Right::Refused,
            Some(Err(Without::Impossible)) | None => Right::Had(None),
        }
    }

    /// Notes a question before it is asked, so that even one that kills the process counts.
    fn begin(&self, source: Source, account: &str, hurried: bool, paces: &mut Paces) {
        let now = self.now();
        self.book.commit(now, |state| {
            let entry = state.entry(source, account);
            (entry.asked_at, entry.hurried) = (Some(now), hurried);
        });
        if let Some(entry) = self.state().find(source, account) {
            paces.asks(entry);
        }
    }

    /// Keeps an answer, or why there is none; the last answer stays then.
    fn end(&self, source: Source, account: &str, told: Result<UsageData, ApiError>, paces: &mut Paces) -> Result<(), ApiError> {
        let now = self.now();
        let told = match told {
            Err(error) if error.cancelled => return Ok(()),
            told => told,
        };
        self.book.commit(now, |state| {
            let entry = state.entry(source, account);
            match &told {
                Ok(usage) => entry.learn(usage.clone(), entry.asked_at.unwrap_or(now)),
                Err(error) => fail(entry, error, now),
            }
        });
        if let Some(entry) = self.state().find(source, account) {
            let wait = entry.not_before.map(|until| Duration::from_micros(u64::try_from(until.0 - now.0).unwrap_or(0)));
            paces.ends(entry, wait);
        }
        told.map(drop)
    }
}

/// The accounts whose token was refused and is not due to be tried again.
fn refused(state: &State, source: Source, now: Instant) -> Vec<String> {
    let is_refused = |entry: &&Entry| {
        let is_auth = entry.error.as_ref().is_some_and(|note| note.kind == FailureKind::Auth);
        entry.source == source && is_auth && turn(Some(entry), Trigger::Tick, now) == Turn::NotYet
    };
    state.entries.iter().filter(is_refused).map(|entry| entry.account.clone()).collect()
}

fn fail(entry: &mut Entry, error: &ApiError, now: Instant) {
    entry.error = Some(Note { kind: error.kind, status: error.status, message: error.message.clone(), at: now });
    entry.failures = entry.failures.saturating_add(1);
    let longest = now.plus_seconds(LONGEST_WAIT_SECONDS);
    entry.not_before = error.wait_until.filter(|until| *until > now).map(|until| until.min(longest));
}

/// A token that says of itself that it is over; the vendor is not bothered with it.
fn expired(words: &str) -> ApiError {
    ApiError { kind: FailureKind::Auth, tries: 0, ..ApiError::validation(words) }
}
