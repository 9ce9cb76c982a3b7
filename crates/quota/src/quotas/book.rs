//! What is known, in memory and in the file that all processes share.

use super::held;
use crate::{Entry, Source, State, StateFile};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tacho_domain::Instant;

/// The state with its file. Without a file, or with one that cannot be written, memory alone has to do.
#[derive(Debug)]
pub(super) struct Book {
    file: Option<StateFile>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    state: Arc<State>,
    /// Who is present as far as this process has found out. Another one may have found another token; it may not turn this
    /// one's bar to its account.
    present: BTreeMap<Source, Option<String>>,
}

impl Book {
    /// What a file holds; one that cannot be used counts as empty.
    pub(super) fn open(file: Option<StateFile>) -> Self {
        let state = file.as_ref().and_then(|file| file.read().ok()).unwrap_or_default();
        Self { file, kept: Mutex::new(Kept { state: Arc::new(state), present: BTreeMap::new() }) }
    }

    pub(super) fn state(&self) -> Arc<State> {
        Arc::clone(&held(&self.kept).state)
    }

    /// Takes in what other processes have written.
    pub(super) fn reread(&self) {
        let Some(Ok(mut state)) = self.file.as_ref().map(StateFile::read) else { return };
        let mut kept = held(&self.kept);
        kept.complete(&mut state);
        kept.keep(state);
    }

    /// Changes what is known, here and in the file.
    pub(super) fn commit(&self, now: Instant, change: impl FnOnce(&mut State)) {
        let mut kept = held(&self.kept);
        let mut changed = None;
        let change = |state: &mut State| {
            kept.complete(state);
            change(state);
            changed = Some(state.clone());
        };
        let written = if let Some(file) = &self.file {
            file.update(now, change).ok()
        } else {
            change(&mut (*kept.state).clone());
            None
        };
        // What could not be written is known all the same.
        let state = written.or(changed);
        if let Some(state) = state {
            kept.keep(state);
        }
    }

    /// Notes who is present in this process.
    pub(super) fn turn_to(&self, source: Source, account: Option<&str>) {
        held(&self.kept).present.insert(source, account.map(str::to_owned));
    }
}

impl Kept {
    /// Adds what is known here and not, or older, in another state.
    fn complete(&self, state: &mut State) {
        for ours in &self.state.entries {
            let theirs = state.entry(ours.source, &ours.account);
            if is_newer(ours, theirs) {
                *theirs = ours.clone();
            }
        }
    }

    fn keep(&mut self, mut state: State) {
        for (source, account) in &self.present {
            state.turn_to(*source, account.as_deref());
        }
        // So that nobody is told of a change that is none.
        if state != *self.state {
            self.state = Arc::new(state);
        }
    }
}

/// By the last question alone: who signed out elsewhere has forgotten the answer and not the question.
fn is_newer(ours: &Entry, theirs: &Entry) -> bool {
    ours.asked_at > theirs.asked_at
}
