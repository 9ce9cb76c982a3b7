//! Rebuilding facts from the archive: a reader bug is repaired by reading again, and no vendor is asked twice.

use crate::failure::of_misread;
use crate::fingerprint::fingerprint;
use crate::gathered::{ByDay, Gathered, by_day};
use crate::import::{by_own_day, span};
use crate::read::{read, step};
use crate::{Engine, Summary, SyncError};
use std::collections::{BTreeMap, BTreeSet};
use tacho_connectors::{Answer, Call, Connector, Headers, Misread};
use tacho_domain::{Day, IntegrationId, OrganizationId, SliceState, StreamSpec, Window};
use tacho_store::{ArchiveEntry, Integration, IntegrationState, SliceRow, SliceWrite};
use tokio_util::sync::CancellationToken;

/// The replies of one fetch of a slice.
struct ArchivedSet {
    entries: Vec<ArchiveEntry>,
    /// The days that no later fetch covers.
    own: BTreeSet<Day>,
}

impl Engine {
    /// Reads the archive of an integration, or of all, again, and replaces the days it covers. Days stay as settled as they
    /// were. No vendor is called.
    ///
    /// # Errors
    /// When the database fails or the run is told to stop; what cannot be read is a stream failure in the summary.
    pub async fn reread(
        &self,
        organization: OrganizationId,
        only: Option<IntegrationId>,
        cancel: &CancellationToken,
    ) -> Result<Summary, SyncError> {
        let integrations = self.store().list_integrations(organization).await;
        let integrations = integrations.map_err(|error| SyncError::store(&error, self.now()))?;
        let mut summary = Summary::default();
        for integration in integrations.iter().filter(|known| only.is_none_or(|id| known.id == id)) {
            let _turn = self.turn(organization, integration.id).await;
            summary.absorb(self.reread_one(organization, integration, cancel).await?);
        }
        self.roll_up(organization, cancel).await;
        Ok(summary)
    }

    async fn reread_one(
        &self,
        organization: OrganizationId,
        integration: &Integration,
        cancel: &CancellationToken,
    ) -> Result<Summary, SyncError> {
        let broken = |error| SyncError::store(&error, self.now());
        let connector = self.connector(&integration.connector);
        let connector = connector.map_err(|cause| SyncError::inside(&format!("{cause}."), self.now()))?;
        let always = Window { from: Day(i32::MIN / 2), to: Day(i32::MAX / 2) };
        let mut summary = Summary::default();
        for spec in connector.profile().streams {
            let entries = self.store().list_archive(organization, integration.id, Some(spec.id), always).await.map_err(broken)?;
            let rows = self.store().list_slices(organization, integration.id, Some(spec.id), always).await.map_err(broken)?;
            let rows: BTreeMap<Day, SliceRow> = rows.into_iter().map(|row| (row.day, row)).collect();
            for set in sets(entries) {
                if cancel.is_cancelled() {
                    return Err(SyncError::stopped(self.now()));
                }
                let again = Reread { engine: self, organization, integration, connector, spec, rows: &rows };
                again.set(&set, &mut summary).await?;
            }
        }
        Ok(summary)
    }
}

/// A stream that is read again.
struct Reread<'a> {
    engine: &'a Engine,
    organization: OrganizationId,
    integration: &'a Integration,
    connector: &'static dyn Connector,
    spec: &'static StreamSpec,
    rows: &'a BTreeMap<Day, SliceRow>,
}

impl Reread<'_> {
    async fn set(&self, set: &ArchivedSet, summary: &mut Summary) -> Result<(), SyncError> {
        let (gathered, answered) = match self.read(set).await? {
            Ok(read) => read,
            Err(misread) => {
                let failure = of_misread(&misread, self.engine.now());
                summary.stream_failures.entry(self.spec.id.to_owned()).or_insert(failure);
                return Ok(());
            }
        };
        summary.count_oddities(self.spec.id, &gathered);
        let imported = self.integration.state == IntegrationState::Imported;
        let window = set.entries[0].slice;
        let grouped = if imported {
            let window = span(&gathered.facts).unwrap_or(window);
            ByDay { days: by_own_day(gathered.facts, window.to), outside: 0 }
        } else {
            by_day(gathered.facts, window)
        };
        summary.outside_window += grouped.outside;
        for (day, facts) in grouped.days.into_iter().rev().filter(|(day, _)| set.own.contains(day)) {
            let answered = imported || answered.contains(&day) || !facts.is_empty();
            self.replace(set, day, answered, &facts, summary).await?;
        }
        Ok(())
    }

    async fn read(&self, set: &ArchivedSet) -> Result<Result<(Gathered, BTreeSet<Day>), Misread>, SyncError> {
        let (mut gathered, mut answered) = (Gathered::default(), BTreeSet::new());
        for entry in &set.entries {
            let body = self.engine.store().open_archive(self.organization, entry).await;
            let body = Box::new(body.map_err(|error| SyncError::store(&error, self.engine.now()))?);
            // Steps are named by the connector's code; a name that left the code is met by no reader.
            let call = Call::replay(self.spec.id, step(&entry.step), entry.window);
            let reading = read(self.connector, call, entry.status, Headers::default(), body).await;
            gathered.absorb(reading.gathered);
            match reading.outcome {
                Ok(read) if matches!(read.answer, Answer::Given | Answer::Partial) => answered.extend(entry.window.days()),
                Ok(_) => {}
                Err(misread) => return Ok(Err(misread)),
            }
        }
        Ok(Ok((gathered, answered)))
    }

    async fn replace(
        &self,
        set: &ArchivedSet,
        day: Day,
        answered: bool,
        facts: &[tacho_domain::Fact],
        summary: &mut Summary,
    ) -> Result<(), SyncError> {
        let fetched_at = set.entries[0].fetched_at;
        let known = self.rows.get(&day);
        let state = match known {
            Some(row) => row.state,
            None if self.integration.state == IntegrationState::Imported => SliceState::Final,
            None => self.spec.state_after(day, fetched_at.day(), answered),
        };
        let checksum = fingerprint(facts);
        let write = SliceWrite {
            integration: self.integration.id,
            tool: &self.integration.tool,
            stream: self.spec.id,
            role: self.spec.role,
            day,
            state,
            checksum: &checksum,
            force: true,
            fetched_at: known.map_or(fetched_at, |row| row.fetched_at),
            facts,
        };
        let replaced = self.engine.store().replace_slice(self.organization, &write).await;
        let replaced = replaced.map_err(|error| SyncError::store(&error, self.engine.now()))?;
        let changed = known.and_then(|row| row.checksum.as_deref()) != Some(&checksum);
        summary.count_day(day, replaced.rows, changed);
        Ok(())
    }
}

/// Groups replies, given oldest fetch first, into sets, and gives each day to the newest set that covers it.
fn sets(entries: Vec<ArchiveEntry>) -> Vec<ArchivedSet> {
    let mut sets: Vec<ArchivedSet> = Vec::new();
    for entry in entries {
        match sets.last_mut() {
            Some(set) if set.entries[0].slice == entry.slice && set.entries[0].fetched_at == entry.fetched_at => {
                set.entries.push(entry);
            }
            _ => sets.push(ArchivedSet { entries: vec![entry], own: BTreeSet::new() }),
        }
    }
    let mut taken = BTreeSet::new();
    for set in sets.iter_mut().rev() {
        set.own = set.entries[0].slice.days().filter(|day| taken.insert(*day)).collect();
    }
    sets.retain(|set| !set.own.is_empty());
    sets
}
