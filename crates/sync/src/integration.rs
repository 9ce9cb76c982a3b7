//! One sync of one integration: its agenda from top to bottom, with a decision for everything that can go wrong.

use crate::agenda::{Known, Silence, agenda};
use crate::failure::failure;
use crate::fetch::{Kept, Trouble};
use crate::watch::Watch;
use crate::{Engine, Scope, Step, Summary, SyncError};
use std::collections::{BTreeMap, BTreeSet};
use tacho_connectors::{Connector, CredentialFacts, FailureKind, Settings};
use tacho_domain::{Day, Instant, IntegrationId, OrganizationId, Slice, StreamSpec, Window};
use tacho_store::{Integration, IntegrationState, Outcome, SliceRow, StoredFailure};
use tacho_transport::Lane;
use tokio_util::sync::CancellationToken;

/// After so many slices in a row that failed, it is the vendor that is down and not a day that is broken; after so many
/// unreadable ones, it is the format and not a reply.
const IN_A_ROW: u32 = 3;

/// A sync while it runs.
pub(crate) struct Run<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) organization: OrganizationId,
    pub(crate) integration: &'a Integration,
    pub(crate) connector: &'static dyn Connector,
    pub(crate) settings: Settings,
    pub(crate) lane: Lane,
    pub(crate) cancel: &'a CancellationToken,
    pub(crate) today: Day,
    /// States of days, kept up to date while the run goes on.
    pub(crate) known: BTreeMap<&'static str, Known>,
    /// Rows of days, kept up to date while the run goes on.
    pub(crate) stored: BTreeMap<(&'static str, Day), SliceRow>,
    pub(crate) summary: Summary,
    silence: Silence,
    skipped: BTreeSet<&'static str>,
    unreadable_in_a_row: BTreeMap<&'static str, u32>,
    failures_in_a_row: u32,
    later: Option<SyncError>,
    /// What replies told of the credential.
    pub(crate) credential: CredentialFacts,
}

impl Engine {
    /// Syncs an integration: fetches, archives and replaces what is missing or provisional in the scope, and notes how it
    /// ended. One run at a time per integration.
    ///
    /// # Errors
    /// With the decision what happens next. What was replaced until then stays.
    pub async fn sync(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        scope: &Scope,
        cancel: &CancellationToken,
    ) -> Result<Summary, SyncError> {
        let _turn = self.turn(organization, id).await;
        let mut watch = Watch::new(self, organization, id);
        let result = self.sync_in_turn(organization, id, scope, cancel, &mut watch).await;
        watch.ended(&result).await;
        match &result {
            Ok(summary) => {
                let (days_changed, rows) = (summary.days_changed, summary.rows);
                let (skipped, outside, unknown) = (summary.skipped_lines, summary.outside_window, summary.unknown_fields.len());
                tracing::info!(%id, summary.calls, summary.days, days_changed, rows, skipped, outside, unknown, "sync finished");
            }
            Err(error) => {
                tracing::warn!(%id, kind = error.failure.kind, cause = error.failure.cause, decision = ?error.decision, "sync ended early");
            }
        }
        self.roll_up(organization, cancel).await;
        result
    }

    async fn sync_in_turn(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        scope: &Scope,
        cancel: &CancellationToken,
        watch: &mut Watch<'_>,
    ) -> Result<Summary, SyncError> {
        let begun = self.now();
        let found = self.store().find_integration(organization, id).await.map_err(|error| SyncError::store(&error, begun))?;
        let integration = found.ok_or_else(|| not_to_be_synced(&format!("There is no integration {id}."), begun))?;
        if matches!(integration.state, IntegrationState::Paused | IntegrationState::Imported) {
            return Err(not_to_be_synced(&format!("`{}` is paused, or made from files.", integration.name), begun));
        }
        let result = match self.run(organization, &integration, scope, cancel, begun).await {
            Ok(mut run) => {
                let gone = run.go(scope, watch).await;
                self.note_credential(organization, id, &run.credential).await;
                gone
            }
            Err(error) => Err(error),
        };
        if result.is_err() {
            // A reply may have come that was not stored: it must not be "unchanged" next time.
            self.forget_lane((organization, id));
        }
        self.pass(Step::BeforeOutcome);
        let outcome = match &result {
            Ok(_) => Outcome { last_synced_at: Some(self.now()), ..Outcome::default() },
            Err(error) if error.decision == crate::Decision::Stopped => return result,
            Err(error) => Outcome { failure: Some(error.failure.clone()), ..Outcome::default() },
        };

        let put = self.store().put_integration_outcome(organization, id, &outcome).await;
        // The first failure is the one to tell; a database that fails as well is logged.
        match (put, result) {
            (Err(error), Ok(_)) => Err(SyncError::store(&error, self.now())),
            (Err(error), failed) => {
                tracing::error!(%id, %error, "the outcome of a sync could not be noted");
                failed
            }
            (Ok(()), result) => result,
        }
    }

    /// Stores what replies told of the credential. Not worth a sync's failure.
    async fn note_credential(&self, organization: OrganizationId, id: IntegrationId, facts: &CredentialFacts) {
        if *facts == CredentialFacts::default() {
            return;
        }
        let (granted_scopes, expires_at) = (facts.scopes.clone(), facts.expires_at);
        let facts = tacho_store::CredentialFacts { granted_scopes, expires_at, ..Default::default() };
        if let Err(error) = self.store().put_credential_facts(organization, id, &facts).await {
            tracing::warn!(%id, %error, "what is known of a credential could not be noted");
        }
    }

    async fn run<'a>(
        &'a self,
        organization: OrganizationId,
        integration: &'a Integration,
        scope: &Scope,
        cancel: &'a CancellationToken,
        now: Instant,
    ) -> Result<Run<'a>, SyncError> {
        let connector = self.connector(&integration.connector).map_err(|cause| not_to_be_synced(&format!("{cause}."), now))?;
        let settings = Settings(integration.settings.clone());
        let secret = self.store().find_credential(organization, integration.id, self.vault()).await;
        let secret = secret.map_err(|error| SyncError::store(&error, now))?.ok_or_else(|| {
            let fix = "Connect the integration again with its credential.";
            SyncError::fail(failure(FailureKind::Auth, "The integration has no stored credential.", fix, now))
        })?;
        let mut run = Run {
            engine: self,
            organization,
            integration,
            connector,
            lane: self.lane((organization, integration.id), connector, &settings, secret),
            settings,
            cancel,
            today: now.day(),
            known: BTreeMap::new(),
            stored: BTreeMap::new(),
            summary: Summary::default(),
            silence: Silence::default(),
            skipped: BTreeSet::new(),
            unreadable_in_a_row: BTreeMap::new(),
            failures_in_a_row: 0,
            later: None,
            credential: CredentialFacts::default(),
        };
        run.learn(scope).await?;
        Ok(run)
    }
}

impl Run<'_> {
    /// Learns what the store knows of the days in question.
    async fn learn(&mut self, scope: &Scope) -> Result<(), SyncError> {
        let wanted = scope.wanted(self.today);
        let window = Window { from: wanted.from, to: wanted.to.max(self.today) };
        let store = self.engine.store();
        let rows = store.list_slices(self.organization, self.integration.id, None, window).await;
        for row in rows.map_err(|error| SyncError::store(&error, self.engine.now()))? {
            let spec = self.connector.profile().streams.iter().find(|spec| spec.id == row.stream);
            let Some(spec) = spec else { continue };
            self.known.entry(spec.id).or_default().insert(row.day, row.state);
            self.stored.insert((spec.id, row.day), row);
        }
        Ok(())
    }

    async fn go(&mut self, scope: &Scope, watch: &mut Watch<'_>) -> Result<Summary, SyncError> {
        let streams = self.connector.streams(&self.settings);
        let agenda = agenda(&streams, scope, self.today, &self.known);
        let total = agenda.len();
        watch.begun(total).await;
        let mut asked = BTreeSet::new();
        for (done, (spec, slice)) in (1..).zip(&agenda) {
            if self.cancel.is_cancelled() {
                return Err(SyncError::stopped(self.engine.now()));
            }
            if !self.is_skipped(spec, slice, scope) {
                asked.insert(spec.id);
                self.slice(spec, slice).await?;
            }
            self.engine.pass(Step::SliceDone);
            watch.done(slice, done, total).await;
        }
        self.clear_failures(scope, &streams, &asked).await?;
        self.conclude(&streams)
    }

    /// Whether the slice is not asked for: its stream failed, or has no reports that far back.
    fn is_skipped(&mut self, spec: &'static StreamSpec, slice: &Slice, scope: &Scope) -> bool {
        if self.skipped.contains(spec.id) {
            return true;
        }
        let known = self.known.entry(spec.id).or_default();
        let silent = scope.window.is_none() && self.silence.reaches(spec, slice, known);
        if silent {
            self.summary.reports_begin.entry(spec.id.to_owned()).or_insert(slice.window.to.plus(1));
        }
        silent
    }

    async fn slice(&mut self, spec: &'static StreamSpec, slice: &Slice) -> Result<(), SyncError> {
        match self.fetch(spec, slice).await {
            Ok(fetched) => {
                self.failures_in_a_row = 0;
                self.unreadable_in_a_row.remove(spec.id);
                self.keep(spec, slice, fetched).await
            }
            Err(Trouble::Stopped) => Err(SyncError::stopped(self.engine.now())),
            Err(Trouble::Broken(failure)) => Err(SyncError::fail(failure)),
            Err(Trouble::Unavailable(failure)) => {
                self.skipped.insert(spec.id);
                self.note(spec, failure).await
            }
            Err(Trouble::Unreadable(failure, kept)) => self.unreadable(spec, slice, failure, kept).await,
            Err(Trouble::Later(kind, failure, not_before)) => self.postpone(kind, failure, not_before),
        }
    }

    async fn unreadable(
        &mut self,
        spec: &'static StreamSpec,
        slice: &Slice,
        failure: StoredFailure,
        kept: Vec<Kept>,
    ) -> Result<(), SyncError> {
        let strikes = self.unreadable_in_a_row.entry(spec.id).or_default();
        *strikes += 1;
        if *strikes >= IN_A_ROW {
            self.skipped.insert(spec.id);
        }
        self.keep_unreadable(spec, slice, kept).await?;
        self.note(spec, failure).await
    }

    /// What fails on a day or two does not keep the other days away: GitHub answers 502 for reports it has lost. A rate
    /// limit or a broken line is no matter of days.
    fn postpone(&mut self, kind: FailureKind, failure: StoredFailure, not_before: Option<Instant>) -> Result<(), SyncError> {
        self.failures_in_a_row += 1;
        let only_here = !matches!(kind, FailureKind::RateLimit | FailureKind::Network) && not_before.is_none();
        let error = SyncError::retry(failure, not_before);
        if only_here && self.failures_in_a_row < IN_A_ROW {
            self.later.get_or_insert(error);
            return Ok(());
        }
        Err(error)
    }

    /// Stores the failure of a stream.
    async fn note(&mut self, spec: &StreamSpec, failure: StoredFailure) -> Result<(), SyncError> {
        tracing::warn!(stream = spec.id, kind = failure.kind, cause = failure.cause, "a stream failed");
        let put = self.engine.store().put_stream_failure(self.organization, self.integration.id, spec.id, Some(&failure)).await;
        self.summary.stream_failures.entry(spec.id.to_owned()).or_insert(failure);
        put.map_err(|error| SyncError::store(&error, self.engine.now()))
    }

    /// Clears the stored failures of streams that went well, and of those that the settings no longer turn on. Only a run over
    /// everything can tell: another one may not have asked for the days that failed.
    async fn clear_failures(
        &self,
        scope: &Scope,
        streams: &[&'static StreamSpec],
        asked: &BTreeSet<&str>,
    ) -> Result<(), SyncError> {
        if scope.provisional_only || scope.window.is_some() || self.later.is_some() {
            return Ok(());
        }
        let (store, organization, id) = (self.engine.store(), self.organization, self.integration.id);
        let broken = |error| SyncError::store(&error, self.engine.now());
        for known in store.list_stream_failures(organization, id).await.map_err(broken)? {
            let went_well = asked.contains(known.stream.as_str()) && !self.summary.stream_failures.contains_key(&known.stream);
            if went_well || !streams.iter().any(|spec| spec.id == known.stream) {
                store.put_stream_failure(organization, id, &known.stream, None).await.map_err(broken)?;
            }
        }
        Ok(())
    }

    /// How the run ended: a retry for what a server failed on; a failure where no stream gave anything, since "synced" would
    /// be a lie then.
    fn conclude(&mut self, streams: &[&'static StreamSpec]) -> Result<Summary, SyncError> {
        if let Some(later) = self.later.take() {
            return Err(later);
        }
        if self.summary.days == 0 {
            let counted = streams.iter().filter(|spec| spec.role.brings_figures());
            let mut failures = counted.filter_map(|spec| self.summary.stream_failures.get(spec.id));
            if let Some(failure) = failures.next() {
                return Err(SyncError::fail(failure.clone()));
            }
        }
        Ok(std::mem::take(&mut self.summary))
    }
}

fn not_to_be_synced(cause: &str, at: Instant) -> SyncError {
    let fix = "List the integrations and choose one that is connected.";
    SyncError::fail(failure(FailureKind::Validation, cause, fix, at))
}
