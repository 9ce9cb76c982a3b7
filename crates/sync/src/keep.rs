//! Keeping a fetched slice: the raw replies in the archive, then each day in place of what was there.

use crate::fetch::{Fetched, Kept};
use crate::fingerprint::fingerprint;
use crate::gathered::by_day;
use crate::integration::Run;
use crate::{Step, SyncError};
use tacho_domain::{Day, Fact, Instant, Slice, StreamSpec, Window};
use tacho_store::{ArchivedReply, Replaced, SliceRow, SliceWrite};

impl Run<'_> {
    /// Archives a slice's replies and replaces its days, newest first.
    pub(crate) async fn keep(&mut self, spec: &'static StreamSpec, slice: &Slice, fetched: Fetched) -> Result<(), SyncError> {
        let at = self.engine.now();
        self.engine.pass(Step::Fetched);
        if fetched.unchanged {
            return self.touch(spec, slice, at).await;
        }
        self.summary.count_oddities(spec.id, &fetched.gathered);
        // "Nothing" never takes the place of something: a vendor forgets days that we have.
        let forgotten = fetched.answered.is_empty() && slice.window.days().any(|day| self.rows(spec, day) > 0);
        if !forgotten {
            self.archive(spec, slice.window, fetched.kept, at).await?;
        }
        self.engine.pass(Step::Archived);
        let grouped = by_day(fetched.gathered.facts, slice.window);
        self.summary.outside_window += grouped.outside;
        for (day, facts) in grouped.days.into_iter().rev() {
            let partial = fetched.partial.contains(&day);
            // A part never takes the place of more.
            if partial && self.rows(spec, day) > i64::try_from(facts.len()).unwrap_or(i64::MAX) {
                continue;
            }
            let answered = fetched.answered.contains(&day) || !facts.is_empty();
            self.replace(spec, day, (answered, partial), &facts, at).await?;
        }
        Ok(())
    }

    /// Archives replies that no reader understood, unless there are better ones for these days: a repaired reader can
    /// make something of them when the vendor no longer has the days.
    pub(crate) async fn keep_unreadable(&self, spec: &StreamSpec, slice: &Slice, kept: Vec<Kept>) -> Result<(), SyncError> {
        let at = self.engine.now();
        let (organization, integration) = (self.organization, self.integration.id);
        let known = self.engine.store().list_archive(organization, integration, Some(spec.id), slice.window).await;
        let known = known.map_err(|error| SyncError::store(&error, at))?;
        if known.is_empty() { self.archive(spec, slice.window, kept, at).await } else { Ok(()) }
    }

    async fn archive(&self, spec: &StreamSpec, window: Window, kept: Vec<Kept>, at: Instant) -> Result<(), SyncError> {
        let mut replies = Vec::with_capacity(kept.len());
        for (seq, kept) in (0u32..).zip(kept) {
            let lost = |error| SyncError::inside(&format!("A reply set aside on disk could not be read back: {error}."), at);
            let body = Box::new(kept.body.reader().map_err(lost)?);
            replies.push(ArchivedReply { seq, step: kept.step.to_owned(), status: kept.status, window: kept.window, body });
        }
        if replies.is_empty() {
            return Ok(());
        }
        let (organization, integration) = (self.organization, self.integration.id);
        let put = self.engine.store().put_archive(organization, integration, spec.id, window, replies, at);
        put.await.map_err(|error| SyncError::store(&error, at))
    }

    async fn replace(
        &mut self,
        spec: &'static StreamSpec,
        day: Day,
        (answered, partial): (bool, bool),
        facts: &[Fact],
        at: Instant,
    ) -> Result<(), SyncError> {
        let stored = self.stored.get(&(spec.id, day));
        let kept = stored.filter(|row| !answered && row.rows > 0).and_then(|row| row.checksum.clone());
        // A day the vendor has forgotten keeps its rows, and settles as if it had been answered.
        let (checksum, answered) = kept.map_or_else(|| (fingerprint(facts).to_vec(), answered), |checksum| (checksum, true));
        // What came in part is asked for again by the next sync, as if the day were young.
        let state = spec.state_after(day, if partial { day } else { self.today }, answered);
        let write = SliceWrite {
            integration: self.integration.id,
            tool: &self.integration.tool,
            stream: spec.id,
            role: spec.role,
            day,
            state,
            checksum: &checksum,
            force: false,
            fetched_at: at,
            facts,
        };
        self.engine.pass(Step::BeforeReplace);
        let replaced = self.engine.store().replace_slice(self.organization, &write).await;
        let replaced = replaced.map_err(|error| SyncError::store(&error, at))?;
        self.engine.pass(Step::Replaced);
        self.count(day, &replaced);
        self.known.entry(spec.id).or_default().insert(day, state);
        let rows = i64::try_from(replaced.rows).unwrap_or(i64::MAX);
        let row = SliceRow { stream: spec.id.to_owned(), day, state, checksum: Some(checksum), rows, fetched_at: at };
        self.stored.insert((spec.id, day), row);
        Ok(())
    }

    /// Marks the days of an unchanged slice as read just now.
    async fn touch(&mut self, spec: &'static StreamSpec, slice: &Slice, at: Instant) -> Result<(), SyncError> {
        for day in slice.window.days().rev() {
            let answered = self.known.get(spec.id).and_then(|known| known.get(&day)).is_some_and(|state| state.is_answered());
            let Some(checksum) = self.stored.get(&(spec.id, day)).and_then(|row| row.checksum.clone()) else { continue };
            let write = SliceWrite {
                integration: self.integration.id,
                tool: &self.integration.tool,
                stream: spec.id,
                role: spec.role,
                day,
                state: spec.state_after(day, self.today, answered),
                checksum: &checksum,
                force: false,
                fetched_at: at,
                facts: &[],
            };
            let replaced = self.engine.store().replace_slice(self.organization, &write).await;
            let replaced = replaced.map_err(|error| SyncError::store(&error, at))?;
            self.count(day, &replaced);
        }
        Ok(())
    }

    fn count(&mut self, day: Day, replaced: &Replaced) {
        self.summary.count_day(day, replaced.rows, replaced.changed);
        if replaced.changed {
            let connector = self.connector.profile().id;
            metrics::counter!("tacho_sync_days_changed_total", "connector" => connector).increment(1);
            metrics::counter!("tacho_sync_rows_written_total", "connector" => connector).increment(replaced.rows);
        }
    }

    fn rows(&self, spec: &StreamSpec, day: Day) -> i64 {
        self.stored.get(&(spec.id, day)).map_or(0, |row| row.rows)
    }
}
