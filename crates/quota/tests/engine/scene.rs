//! A home folder, a clock that follows tokio's and can be set, and the facade over both.

use crate::answers::Answers;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tacho_domain::{Clock, Instant};
use tacho_quota::{Given, Options, Places, Quotas, Session, Source, State, StateFile, Tokens};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// What time it is at first: 2026-11-21T22:26:40Z.
pub(crate) const NOW: Instant = Instant(1_795_300_000_000_000);

/// What the tests play in.
pub(crate) struct Scene {
    pub(crate) home: TempDir,
    pub(crate) answers: Arc<Answers>,
    pub(crate) cancel: CancellationToken,
    clock: Clock,
    step: Arc<AtomicI64>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let (begun, step) = (tokio::time::Instant::now(), Arc::<AtomicI64>::default());
        let set_by = Arc::clone(&step);
        let clock: Clock = Arc::new(move || {
            let elapsed = i64::try_from(begun.elapsed().as_micros()).unwrap();
            Instant(NOW.0 + elapsed + set_by.load(Ordering::SeqCst))
        });
        let answers = Arc::new(Answers::new(Arc::clone(&clock)));
        Self { home: tempfile::tempdir().unwrap(), answers, cancel: CancellationToken::new(), clock, step }
    }

    /// The wall clock: tokio's, and whatever it was set by.
    pub(crate) fn clock(&self) -> Clock {
        Arc::clone(&self.clock)
    }

    pub(crate) fn now(&self) -> Instant {
        (self.clock)()
    }

    /// Somebody sets the wall clock.
    pub(crate) fn step_seconds(&self, seconds: i64) {
        self.step.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub(crate) fn places(&self) -> Places {
        let home = self.home.path().to_str().unwrap().to_owned();
        Places::of(&|name| (name == "HOME").then(|| home.clone()))
    }

    pub(crate) fn file(&self) -> StateFile {
        StateFile::in_folder(&self.places().state.unwrap())
    }

    /// What the file holds.
    pub(crate) fn written(&self) -> State {
        self.file().read().unwrap()
    }

    pub(crate) fn tokens(&self, variables: &[(&str, &str)]) -> Tokens {
        Tokens::new(self.places(), given(variables))
    }

    /// A process that asks about Copilot with what the variables hold.
    pub(crate) fn process(&self, variables: &[(&str, &str)]) -> Arc<Quotas> {
        self.process_of(only(&[Source::Copilot]), variables)
    }

    pub(crate) fn process_of(&self, options: Options, variables: &[(&str, &str)]) -> Arc<Quotas> {
        let answers = Arc::clone(&self.answers);
        Arc::new(Quotas::open(self.places(), options, answers, self.tokens(variables), self.clock()))
    }

    /// Writes a file below the home folder.
    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Options of these sources.
pub(crate) fn only(sources: &[Source]) -> Options {
    Options { sources: sources.iter().copied().collect(), ..Options::default() }
}

pub(crate) fn given(variables: &[(&str, &str)]) -> Given {
    Given::of(&|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
}

/// An editor's session with this token.
pub(crate) fn session(account: Option<&str>, token: &str) -> Session {
    Session { host: "github.com".to_owned(), account: account.map(str::to_owned), token: token.into() }
}

/// Lets everything run that can, without letting time pass.
pub(crate) async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}
