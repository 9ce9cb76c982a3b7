//! Puts the rooms together: data folder, database, vault, transport, engine.

use crate::config::Configuration;
use crate::failure::{Exit, Failure, Outcome, chain};
use crate::{door, master_key};
use secrecy::{ExposeSecret, SecretString};
use std::path::Path;
use std::sync::Arc;
use tacho_domain::{Clock, Day, Instant, OrganizationId};
use tacho_store::{Store, StoreError, Vault};
use tacho_transport::{Policy, Surroundings, Transport};

/// An opened installation.
#[derive(Clone)]
pub(crate) struct Installation {
    pub(crate) configuration: Configuration,
    pub(crate) store: Store,
    pub(crate) organization: OrganizationId,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clock: Clock,
    pub(crate) engine: tacho_sync::Engine,
}

impl Installation {
    /// Opens data folder, database and vault, makes them where there are none, and wires the engine.
    pub(crate) async fn open(configuration: Configuration) -> Outcome<Self> {
        let clock = door::clock();
        Self::open_with(configuration, Surroundings::real(clock)).await
    }

    /// The same with surroundings of one's own.
    pub(crate) async fn open_with(configuration: Configuration, surroundings: Surroundings) -> Outcome<Self> {
        let clock = surroundings.clock.clone();
        prepare_folder(&configuration.data)?;
        let store = open_store(&configuration).await?;
        let vault = Arc::new(master_key::vault(&configuration, &store).await?);
        let organization = match store.list_organizations().await?.first() {
            Some(organization) => organization.id,
            None => store.ensure_organization(&configuration.organization, clock()).await?,
        };
        let policy = Policy { allowed_private: configuration.allow_hosts.clone(), ..Policy::default() };
        let transport = Transport::within(policy, surroundings)
            .map_err(|error| Failure::configuration(format!("allow_hosts: {}", chain(&error))))?;
        let engine = tacho_sync::Engine::new(store.clone(), transport, Arc::clone(&vault), clock.clone())
            .reaching_back(configuration.backfill_days);
        Ok(Self { configuration, store, organization, vault, clock, engine })
    }

    pub(crate) fn now(&self) -> Instant {
        (self.clock)()
    }

    pub(crate) fn today(&self) -> Day {
        self.now().day()
    }
}

/// Makes the data folder, for its owner only. A folder that is there is left as it is.
pub(crate) fn prepare_folder(folder: &Path) -> Outcome {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| {
        Failure::configuration(format!("the data folder `{}` cannot be made: {error}", folder.display()))
            .hint("choose another with --data or TACHO_DATA, or give this user the right to write there")
    })
}

/// Opens the configured database, or SQLite in the data folder.
pub(crate) async fn open_store(configuration: &Configuration) -> Outcome<Store> {
    let url = configuration
        .database_url
        .clone()
        .unwrap_or_else(|| SecretString::from(format!("sqlite:{}", configuration.data.join("tacho.db").display())));
    check_scheme(&url)?;
    Ok(Store::open(&url, configuration.database_readers).await?)
}

#[expect(clippy::disallowed_methods, reason = "the scheme decides which hint to give; nothing of the address is kept or shown")]
fn check_scheme(url: &SecretString) -> Outcome {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if known.iter().any(|scheme| url.expose_secret().starts_with(scheme)) {
        return Ok(());
    }
    Err(Failure::configuration("the database address has an unknown scheme (the address itself is not shown)")
        .hint("expected `sqlite:<path>` or `postgres://user:password@host/database`"))
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = Self::new(Exit::Database, chain(&error));
        if error.is_unavailable() {
            failure.hint("check that the database runs, its address, and that this user may write there")
        } else if error.is_damaged() {
            failure.hint("restore a backup, or rebuild the figures from the kept replies with `tacho reread`")
        } else if error.is_wrong_key() {
            failure.hint("the master key is another one than the credentials were sealed with: `tacho doctor` tells more")
        } else {
            failure
        }
    }
}
