//! Puts the rooms together: data folder, database, vault, transport, engine.

use crate::config::{Configuration, Named};
use crate::failure::{Exit, Failure, Outcome, chain};
use crate::{door, master_key, sign_on};
use secrecy::{ExposeSecret, SecretString};
use std::path::Path;
use std::sync::Arc;
use tacho_domain::audit::{Action, Actor};
use tacho_domain::{Clock, Day, Instant, OrganizationId};
use tacho_store::{NewAudit, Organization, Store, StoreError, Vault};
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
    /// The line to sign-in providers.
    pub(crate) line: tacho_signon::Line,
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
        let organization = organization(&configuration, &store, clock()).await?;
        let line = sign_on::line(&surroundings, configuration.allow_hosts.clone())?;
        let engine = engine(&configuration, &store, Arc::clone(&vault), surroundings)?;
        Ok(Self { configuration, store, organization, vault, clock, engine, line })
    }

    /// Refuses a command that is for one organization where there are several and none is named.
    pub(crate) async fn ambiguous(&self, is_about_one: bool) -> Outcome {
        let known = self.store.list_organizations().await?;
        let named = self.configuration.organization_named != Named::Default
            && known.iter().any(|organization| organization.name == self.configuration.organization);
        if !is_about_one || named || known.len() == 1 {
            return Ok(());
        }
        Err(Failure::usage("there are several organizations: say which one the command is for, with --organization NAME")
            .hint(names(&known)))
    }

    /// Notes in the audit log what whoever runs the server did to the organization.
    pub(crate) async fn note(&self, action: Action, target: &str, detail: serde_json::Value) -> Outcome {
        let (at, actor) = (self.now(), &Actor::Operator);
        let new = NewAudit { at, actor, action, target, detail: &detail, address: "", request_id: "" };
        Ok(self.store.add_audit(self.organization, &new).await?)
    }

    pub(crate) fn now(&self) -> Instant {
        (self.clock)()
    }

    pub(crate) fn today(&self) -> Day {
        self.now().day()
    }
}

/// The organization that is named, else the oldest; the first one is made.
async fn organization(configuration: &Configuration, store: &Store, now: Instant) -> Outcome<OrganizationId> {
    let known = store.list_organizations().await?;
    let named = known.iter().find(|organization| organization.name == configuration.organization);
    let missed = named.is_none() && configuration.organization_named == Named::Flag;
    match (named.or(known.first()), missed) {
        (None, _) => Ok(store.ensure_organization(&configuration.organization, now).await?),
        (Some(found), false) => Ok(found.id),
        (Some(_), true) => {
            Err(Failure::usage(format!("--organization: there is none named `{}`", configuration.organization))
                .hint(names(&known)))
        }
    }
}

fn names(known: &[Organization]) -> String {
    let names: Vec<String> = known.iter().map(|organization| format!("`{}`", organization.name)).collect();
    format!("known: {}", names.join(", "))
}

/// What the store refuses is told as it is; what it cannot do is the database's failure.
pub(crate) fn refused(error: StoreError) -> Failure {
    if error.is_invalid() { Failure::failed(error.to_string()) } else { error.into() }
}

/// The engine over a store, with the transport that the configuration allows.
pub(crate) fn engine(
    configuration: &Configuration,
    store: &Store,
    vault: Arc<Vault>,
    surroundings: Surroundings,
) -> Outcome<tacho_sync::Engine> {
    let clock = surroundings.clock.clone();
    let policy = Policy { allowed_private: configuration.allow_hosts.clone(), ..Policy::default() };
    let transport = Transport::within(policy, surroundings)
        .map_err(|error| Failure::configuration(format!("allow_hosts: {}", chain(&error))))?;
    let engine = tacho_sync::Engine::new(store.clone(), transport, vault, clock);
    Ok(engine.reaching_back(configuration.backfill_days))
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

/// The configured database's address, or that of SQLite in the data folder.
pub(crate) fn database_url(configuration: &Configuration) -> SecretString {
    let in_folder = || SecretString::from(format!("sqlite:{}", configuration.data.join("tacho.db").display()));
    configuration.database_url.clone().unwrap_or_else(in_folder)
}

/// Opens the configured database, or SQLite in the data folder.
pub(crate) async fn open_store(configuration: &Configuration) -> Outcome<Store> {
    let url = database_url(configuration);
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
