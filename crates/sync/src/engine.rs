//! The engine: everything a run needs, handed over once.

use crate::{Event, Happening, Scope, Step};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tacho_connectors::{Connector, Settings};
use tacho_domain::{Clock, Instant, IntegrationId, OrganizationId, Window};
use tacho_store::{JobId, JobState, NewJob, Store, StoreError, Vault};
use tacho_transport::{Lane, Transport};
use tokio::sync::{Notify, OwnedMutexGuard, broadcast};

/// Events a watcher may lag behind before it misses some.
const EVENTS: usize = 1024;

/// The kind of a job that syncs an integration.
pub(crate) const SYNC: &str = "sync";

/// How connectors are found by their id.
type Find = fn(&str) -> Option<&'static dyn Connector>;

/// Syncs integrations, reads the archive again, imports files. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
    find: Find,
    /// How many days back a sync reaches.
    days: u32,
    #[cfg(feature = "testing")]
    hook: Option<Arc<dyn Fn(Step) + Send + Sync>>,
}

struct Inner {
    store: Store,
    transport: Transport,
    vault: Arc<Vault>,
    clock: Clock,
    events: broadcast::Sender<Event>,
    lanes: Mutex<HashMap<(OrganizationId, IntegrationId), KeptLane>>,
    turns: Mutex<HashMap<(OrganizationId, IntegrationId), Turn>>,
    work: Notify,
}

/// Held by the run that has an integration's turn.
type Turn = Arc<tokio::sync::Mutex<()>>;

/// A lane with what it was made from: another credential or other settings need another lane.
struct KeptLane {
    credential: [u8; 32],
    settings: Settings,
    lane: Lane,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

impl Engine {
    /// An engine over these parts.
    #[must_use]
    pub fn new(store: Store, transport: Transport, vault: Arc<Vault>, clock: Clock) -> Self {
        let (events, _) = broadcast::channel(EVENTS);
        let inner = Inner {
            store,
            transport,
            vault,
            clock,
            events,
            lanes: Mutex::default(),
            turns: Mutex::default(),
            work: Notify::new(),
        };
        Self {
            inner: Arc::new(inner),
            find: tacho_connectors::find,
            days: crate::DEFAULT_DAYS,
            #[cfg(feature = "testing")]
            hook: None,
        }
    }

    /// The same engine, whose first and daily syncs reach that many days back.
    #[must_use]
    pub fn reaching_back(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// What a first or daily sync covers.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope { days: self.days, ..Scope::default() }
    }

    /// The same engine, which calls `hook` at every step of a run: a test's hook panics where the process is to die.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    #[must_use]
    pub fn with_hook(mut self, hook: Arc<dyn Fn(Step) + Send + Sync>) -> Self {
        self.hook = Some(hook);
        self
    }

    /// The same engine with other connectors: a test's own, for a vendor as odd as it needs.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    #[must_use]
    pub fn with_connectors(mut self, find: Find) -> Self {
        self.find = find;
        self
    }

    /// The connector of that id, or words that say which there are.
    pub(crate) fn connector(&self, id: &str) -> Result<&'static dyn Connector, String> {
        (self.find)(id).ok_or_else(|| {
            let known: Vec<&str> = tacho_connectors::CONNECTORS.iter().map(|connector| connector.profile().id).collect();
            format!("`{id}` is not a connector: there are {}", known.join(", "))
        })
    }

    /// Passes a step of a run.
    #[cfg_attr(not(feature = "testing"), expect(clippy::unused_self, reason = "only tests hook into steps"))]
    pub(crate) fn pass(&self, step: Step) {
        #[cfg(feature = "testing")]
        if let Some(hook) = &self.hook {
            hook(step);
        }
        tracing::trace!(?step, "passed");
    }

    /// What happens from now on. A watcher that falls far behind misses events, never blocks a sync.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// Queues a sync and wakes a worker of this process. One of the same reach that is queued or running is given back
    /// instead.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn request_sync(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        scope: &Scope,
    ) -> Result<JobId, StoreError> {
        let now = self.now();
        let job = NewJob {
            kind: SYNC.to_owned(),
            integration: Some(integration),
            key: job_key(organization, integration, scope),
            payload: serde_json::json!(scope),
            run_at: now,
        };
        let id = self.store().add_job(organization, &job, now).await?;
        self.inner.work.notify_one();
        Ok(id)
    }

    /// Queues that exactly these days are read again, some seconds from now: whoever asks again until then asks for the same
    /// sync. One that has begun may have read them before what is asked for happened, so another is queued behind it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn request_days(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        days: Window,
        after_seconds: i64,
    ) -> Result<JobId, StoreError> {
        let (now, scope) = (self.now(), Scope::again(days));
        let mut job = NewJob {
            kind: SYNC.to_owned(),
            integration: Some(integration),
            key: format!("{}:told", job_key(organization, integration, &scope)),
            payload: serde_json::json!(scope),
            run_at: now.plus_seconds(after_seconds),
        };
        let first = self.store().add_job(organization, &job, now).await?;
        let open = self.store().list_open_jobs(organization).await?;
        if open.iter().any(|one| one.id == first && one.state == JobState::Queued) {
            return Ok(first);
        }
        job.key.push_str(":again");
        self.store().add_job(organization, &job, now).await
    }

    /// Seconds by which this machine's clock is ahead of the vendor's that answered last; `None`: none has answered yet.
    #[must_use]
    pub fn clock_ahead_seconds(&self) -> Option<i64> {
        self.transport().clock_ahead_seconds()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.inner.transport
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    pub(crate) fn now(&self) -> Instant {
        (self.inner.clock)()
    }

    /// Waits until something is queued in this process.
    pub(crate) async fn work(&self) {
        self.inner.work.notified().await;
    }

    pub(crate) fn tell(&self, organization: OrganizationId, integration: IntegrationId, what: Happening) {
        // Nobody watching is not an error.
        let _ = self.inner.events.send(Event { organization, integration, what });
    }

    /// The lane of an integration, the same from run to run: it knows the vendor's rate limit and what was last received.
    pub(crate) fn lane(
        &self,
        at: (OrganizationId, IntegrationId),
        connector: &dyn Connector,
        settings: &Settings,
        secret: SecretString,
    ) -> Lane {
        #[expect(clippy::disallowed_methods, reason = "only its checksum is compared, to notice another credential")]
        let credential: [u8; 32] = Sha256::digest(secret.expose_secret()).into();
        let mut lanes = self.inner.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        match lanes.get(&at) {
            Some(known) if known.credential == credential && known.settings == *settings => known.lane.clone(),
            _ => {
                let lane = self.transport().lane(connector.profile(), settings, secret);
                lanes.insert(at, KeptLane { credential, settings: settings.clone(), lane: lane.clone() });
                lane
            }
        }
    }

    /// Forgets a lane: what it last received was not stored after all.
    pub(crate) fn forget_lane(&self, at: (OrganizationId, IntegrationId)) {
        self.inner.lanes.lock().unwrap_or_else(PoisonError::into_inner).remove(&at);
    }

    /// Waits for this process's turn with an integration. Between processes the job queue keeps turns.
    pub(crate) async fn turn(&self, organization: OrganizationId, integration: IntegrationId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.inner.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry((organization, integration)).or_default())
        };
        turn.lock_owned().await
    }
}

/// Syncs of one reach share a key, so that an integration is synced once at a time; a request for everything is not
/// swallowed by an hourly tick that happens to wait, and days an operator names are not swallowed by either.
fn job_key(organization: OrganizationId, integration: IntegrationId, scope: &Scope) -> String {
    let reach = match (scope.window, scope.provisional_only) {
        (Some(window), _) => format!("{window}"),
        (None, true) => "recent".to_owned(),
        (None, false) => "full".to_owned(),
    };
    format!("{SYNC}:{}:{integration}:{reach}", organization.0)
}
