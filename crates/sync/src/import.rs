//! Importing a file: a vendor's report that somebody saved is read like a reply, archived like one, and kept under an
//! integration of its own that has no credential.
//!
//! The file is read from its beginning to its end in a stream; its facts are held in memory until they are written by day.
//! A file stands for the days it has rows for, and for all of each: shards of one report have to be put together first.

use crate::fingerprint::fingerprint;
use crate::read::read;
use crate::{Engine, Summary};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use tacho_connectors::{CONNECTORS, Call, Connector, Headers};
use tacho_domain::{Day, Fact, Instant, IntegrationId, OrganizationId, SliceState, StreamSpec, Window};
use tacho_store::{ArchivedReply, Integration, IntegrationState, NewIntegration, SliceWrite, StoreError};
use tokio_util::sync::CancellationToken;

/// How much of a file a connector is shown to tell whose it is.
const HEAD_BYTES: u64 = 64 * 1024;

/// What an import came to.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The integration that holds it.
    pub integration: IntegrationId,
    /// Whose format it is.
    pub connector: &'static str,
    /// Which stream.
    pub stream: &'static StreamSpec,
    /// Days, rows, oddities.
    pub summary: Summary,
    /// Days that another integration of the same tool has counted rows for as well: if those are the same people, they are
    /// counted twice until one of the two is removed.
    pub also_elsewhere: BTreeSet<Day>,
}

/// A file that could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be opened or read.
    #[error("`{}` cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// No connector knows its form.
    #[error("`{}` is no report that Tacho understands", path.display())]
    Unrecognised {
        /// The file.
        path: PathBuf,
        /// What is understood, one line for each connector.
        understood: Vec<String>,
    },
    /// Its form is known, its content is not as documented. Nothing was written.
    #[error(transparent)]
    Misread(#[from] tacho_connectors::Misread),
    /// It was read, and there was nothing in it.
    #[error("`{}` holds no rows", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// Imports a report from a file into the integration of that name (by default the connector's, marked as imported).
    ///
    /// # Errors
    /// When it cannot be read or understood as a whole; single lines that cannot be read are counted in the summary.
    pub async fn import(&self, organization: OrganizationId, path: &Path, name: Option<&str>) -> Result<Imported, ImportError> {
        let unreadable = |error| ImportError::Unreadable { path: path.to_owned(), error };
        let (connector, call) = recognise(path).await?;
        let spec = connector.profile().streams.iter().find(|spec| spec.id == call.stream);
        let spec = spec.ok_or_else(|| ImportError::Unrecognised { path: path.to_owned(), understood: understood() })?;
        let body = Box::new(BufReader::with_capacity(1 << 18, File::open(path).map_err(unreadable)?));
        let (stream, step, window) = (call.stream, call.step, call.window);
        let reading = read(connector, call, 200, Headers::default(), body).await;
        reading.outcome?;
        let now = self.now();
        let slice = span(&reading.gathered.facts).unwrap_or_else(|| Window::day(now.day()));
        if reading.gathered.facts.is_empty() {
            return Err(ImportError::Empty { path: path.to_owned() });
        }
        let integration = self.imported(organization, connector, name, now).await?;
        let _turn = self.turn(organization, integration.id).await;
        let raw = Box::new(File::open(path).map_err(unreadable)?);
        let reply = ArchivedReply { seq: 0, step: step.to_owned(), status: 200, window, body: raw };
        self.store().put_archive(organization, integration.id, stream, slice, vec![reply], now).await?;
        let mut summary = Summary::default();
        summary.count_oddities(stream, &reading.gathered);
        let days = by_own_day(reading.gathered.facts, slice.to);
        let also_elsewhere = self.also_elsewhere(organization, &integration, spec, &days).await?;
        for (day, facts) in days.iter().rev() {
            let checksum = fingerprint(facts);
            let write = SliceWrite {
                integration: integration.id,
                tool: &integration.tool,
                stream,
                role: spec.role,
                day: *day,
                state: SliceState::Final,
                checksum: &checksum,
                force: false,
                fetched_at: now,
                facts,
            };
            let replaced = self.store().replace_slice(organization, &write).await?;
            summary.count_day(*day, replaced.rows, replaced.changed);
        }
        let outcome = tacho_store::Outcome { last_synced_at: Some(now), ..tacho_store::Outcome::default() };
        self.store().put_integration_outcome(organization, integration.id, &outcome).await?;
        tracing::info!(connector = connector.profile().id, stream, summary.days, summary.rows, summary.skipped_lines, "imported");
        self.roll_up(organization, &CancellationToken::new()).await;
        Ok(Imported { integration: integration.id, connector: connector.profile().id, stream: spec, summary, also_elsewhere })
    }

    /// The integration that holds imports of a connector under a name.
    async fn imported(
        &self,
        organization: OrganizationId,
        connector: &dyn Connector,
        name: Option<&str>,
        now: Instant,
    ) -> Result<Integration, StoreError> {
        let profile = connector.profile();
        let name = name.map_or_else(|| format!("{} (imported)", profile.name), str::to_owned);
        let ours = |known: &Integration| {
            known.state == IntegrationState::Imported && known.connector == profile.id && known.name == name
        };
        if let Some(known) = self.store().list_integrations(organization).await?.into_iter().find(ours) {
            return Ok(known);
        }
        let (tool, settings) = (tacho_domain::ToolId::new(profile.tool.id), BTreeMap::new());
        let new = NewIntegration {
            connector: profile.id,
            tool: &tool,
            name: &name,
            settings: &settings,
            credential: None,
            owner: None,
        };
        let id = self.store().add_integration(organization, &new, now).await?;
        Ok(Integration {
            id,
            connector: profile.id.to_owned(),
            tool,
            name,
            settings,
            state: IntegrationState::Imported,
            credential_tail: None,
            created_at: now,
            last_synced_at: None,
            failure: None,
            next_try_at: None,
            owner: None,
            auth: tacho_store::AuthKind::Secret,
            granted_scopes: None,
            extra_scopes: Vec::new(),
            expires_at: None,
        })
    }

    async fn also_elsewhere(
        &self,
        organization: OrganizationId,
        integration: &Integration,
        spec: &StreamSpec,
        days: &BTreeMap<Day, Vec<Fact>>,
    ) -> Result<BTreeSet<Day>, StoreError> {
        let mut elsewhere = BTreeSet::new();
        let (Some((from, _)), Some((to, _))) = (days.first_key_value(), days.last_key_value()) else { return Ok(elsewhere) };
        let window = Window { from: *from, to: *to };
        let others = self.store().list_integrations(organization).await?;
        let others = others.iter().filter(|known| known.tool == integration.tool && known.id != integration.id);
        for other in others.filter(|_| spec.role.is_counted()) {
            let counted = |stream: &str| {
                let connector = self.connector(&other.connector).ok();
                let mut streams = connector.into_iter().flat_map(|connector| connector.profile().streams);
                streams.any(|spec| spec.id == stream && spec.role.is_counted())
            };
            let rows = self.store().list_slices(organization, other.id, None, window).await?;
            let rows = rows.into_iter().filter(|row| row.rows > 0 && days.contains_key(&row.day) && counted(&row.stream));
            elsewhere.extend(rows.map(|row| row.day));
        }
        Ok(elsewhere)
    }
}

/// Whose file it is, and which call's reply.
async fn recognise(path: &Path) -> Result<(&'static dyn Connector, Call), ImportError> {
    let owned = path.to_owned();
    let head = tokio::task::spawn_blocking(move || -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        File::open(owned)?.take(HEAD_BYTES).read_to_end(&mut head)?;
        Ok(head)
    });
    let head = head.await.unwrap_or_else(|error| Err(io::Error::other(error)));
    let head = head.map_err(|error| ImportError::Unreadable { path: path.to_owned(), error })?;
    let known = CONNECTORS.iter().find_map(|connector| Some((*connector, connector.recognise(&head)?)));
    known.ok_or_else(|| ImportError::Unrecognised { path: path.to_owned(), understood: understood() })
}

/// A line for each connector that knows saved reports.
fn understood() -> Vec<String> {
    let line = |connector: &&dyn Connector| {
        let labels: Vec<&str> = connector.saved().into_iter().map(|spec| spec.label).collect();
        (!labels.is_empty()).then(|| format!("{}: {}", connector.profile().name, labels.join(", ")))
    };
    CONNECTORS.iter().filter_map(line).collect()
}

/// The days of facts, from the first to the last; `None` where no fact has one.
pub(crate) fn span(facts: &[Fact]) -> Option<Window> {
    let days = || facts.iter().filter_map(Fact::day);
    Some(Window { from: days().min()?, to: days().max()? })
}

/// Facts by day; people, who have none, go with `newest`. Days without facts are not there: a file says nothing of them.
pub(crate) fn by_own_day(facts: Vec<Fact>, newest: Day) -> BTreeMap<Day, Vec<Fact>> {
    let mut days: BTreeMap<Day, Vec<Fact>> = BTreeMap::new();
    for fact in facts {
        days.entry(fact.day().unwrap_or(newest)).or_default().push(fact);
    }
    days
}
