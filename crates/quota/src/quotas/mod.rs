//! The whole behind one door: what is known, asking when it is time, and telling of changes.

mod book;
mod paces;
mod refresh;

use crate::{
    ApiError, Ask, Options, Places, SHORTEST_INTERVAL, Session, Source, State, StateFile, Tokens, Trigger, UsageData, fingerprint,
};
use book::Book;
use paces::Paces;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tacho_domain::{Clock, Instant};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// What a refresh came to.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// All that is known now.
    pub state: Arc<State>,
    /// Whether nothing was asked: it was not time, or another process is at it.
    pub from_cache: bool,
    /// What went wrong, if anything was asked.
    pub errors: Vec<(Source, ApiError)>,
}

/// The facade. Whoever shares it wraps it in an `Arc`.
pub struct Quotas {
    places: Places,
    ask: Arc<dyn Ask>,
    tokens: Tokens,
    clock: Clock,
    book: Book,
    options: Mutex<Options>,
    /// Held for a whole refresh: never two questions at once.
    at_work: tokio::sync::Mutex<Paces>,
    /// What is being asked right now, and how to end that.
    under_way: Mutex<Option<(Source, CancellationToken)>>,
    changes: watch::Sender<Change>,
    wake: Notify,
}

impl Quotas {
    /// Begins with what the state file holds.
    #[must_use]
    pub fn open(places: Places, options: Options, ask: Arc<dyn Ask>, tokens: Tokens, clock: Clock) -> Self {
        let book = Book::open(places.state.as_deref().map(StateFile::in_folder));
        let change = Change { state: book.state(), from_cache: true, errors: Vec::new() };
        Self {
            places,
            ask,
            tokens,
            clock,
            book,
            options: Mutex::new(lawful(options)),
            at_work: tokio::sync::Mutex::default(),
            under_way: Mutex::default(),
            changes: watch::Sender::new(change),
            wake: Notify::new(),
        }
    }

    /// All that is known.
    #[must_use]
    pub fn state(&self) -> Arc<State> {
        self.book.state()
    }

    /// Tells of every change from now on; the present one can be had at once.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Takes other options. The schedule begins anew with them.
    pub fn configure(&self, options: Options) {
        let options = lawful(options);
        self.ask.configure(&options);
        *held(&self.options) = options;
        self.wake.notify_one();
    }

    /// Takes the editor's session, or learns that it is over: what was told of the one before is forgotten, and a question
    /// about it that is under way ends. A renewed token of the same account keeps its number.
    pub fn set_session(&self, session: Option<Session>) {
        let account = |session: &Session| fingerprint(Source::Copilot, &session.token);
        let (name, next) = (session.as_ref().and_then(named), session.as_ref().map(account));
        let before = self.tokens.set_session(session);
        let last = before.as_ref().map(account);
        if last == next {
            return;
        }
        self.end_question(Source::Copilot);
        let is_renewed = name.is_some() && name == before.as_ref().and_then(named);
        if let Some(last) = last {
            let renewed = next.filter(|_| is_renewed);
            if self.state().current.get(&Source::Copilot) == Some(&last) {
                self.book.turn_to(Source::Copilot, renewed.as_deref());
            }
            self.book.commit((self.clock)(), |state| hand_on(state, &last, renewed.as_deref()));
        }
        self.tell(true, Vec::new());
        self.wake.notify_one();
    }

    /// Forgets what a source told, of every account.
    pub fn sign_out(&self, source: Source) {
        self.end_question(source);
        self.book.turn_to(source, None);
        self.book.commit((self.clock)(), |state| state.sign_out(source));
        self.tell(true, Vec::new());
        self.wake.notify_one();
    }

    /// Takes what a source on this machine told by itself.
    pub fn push(&self, source: Source, usage: UsageData) {
        let now = (self.clock)();
        let Some(account) = self.places.account(source) else { return };
        self.book.commit(now, |state| {
            state.turn_to(source, Some(&account));
            state.entry(source, &account).learn(usage, now);
        });
        self.tell(false, Vec::new());
    }

    /// Looks at the sources and asks whichever is due, one after the other, until cancelled. A refresh that is under way is
    /// waited for. Nothing is asked while another process is at it.
    pub async fn refresh(&self, trigger: Trigger, cancel: &CancellationToken) -> Change {
        let asked = match cancel.run_until_cancelled(self.at_work.lock()).await {
            Some(mut paces) => self.round(&mut paces, trigger, cancel).await,
            None => refresh::Round::default(),
        };
        self.tell(!asked.any, asked.errors)
    }

    /// Refreshes at every tick, at once when the session or the options change, and ends when cancelled.
    pub async fn run(&self, cancel: &CancellationToken) {
        let mut trigger = Trigger::Tick;
        while !cancel.is_cancelled() {
            self.refresh(trigger, cancel).await;
            let interval = held(&self.options).interval;
            trigger = tokio::select! {
                () = cancel.cancelled() => return,
                () = self.wake.notified() => Trigger::SessionChanged,
                () = tokio::time::sleep(interval) => Trigger::Tick,
            };
        }
    }

    /// Tells whoever listens, unless there is nothing new.
    fn tell(&self, from_cache: bool, errors: Vec<(Source, ApiError)>) -> Change {
        let change = Change { state: self.book.state(), from_cache, errors };
        self.changes.send_if_modified(|last| {
            let is_new = last.state != change.state || !change.errors.is_empty();
            *last = change.clone();
            is_new
        });
        change
    }

    /// Ends what is being asked of a source right now: nobody is to hear the answer.
    fn end_question(&self, source: Source) {
        if let Some((of, question)) = &*held(&self.under_way)
            && *of == source
        {
            question.cancel();
        }
    }

    fn now(&self) -> Instant {
        (self.clock)()
    }
}

impl std::fmt::Debug for Quotas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quotas").field("places", &self.places).finish_non_exhaustive()
    }
}

/// Options that no setting can make impolite.
fn lawful(options: Options) -> Options {
    Options { interval: options.interval.max(SHORTEST_INTERVAL), ..options }
}

/// Which account a session is of, where the editor says so.
fn named(session: &Session) -> Option<(String, String)> {
    Some((session.host.to_ascii_lowercase(), session.account.clone()?))
}

/// Forgets an account of Copilot, whose number goes over to another where that is only its new name.
fn hand_on(state: &mut State, last: &str, next: Option<&str>) {
    let entry = state.entry(Source::Copilot, last);
    let usage = entry.usage.take();
    entry.forget();
    if state.current.get(&Source::Copilot).is_some_and(|present| present == last) {
        state.turn_to(Source::Copilot, next);
    }
    if let Some(next) = next {
        let entry = state.entry(Source::Copilot, next);
        entry.usage = usage.or(entry.usage.take());
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
