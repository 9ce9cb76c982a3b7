//! An integration as the API tells it.

use crate::integrations::availability::State as Standing;
use crate::integrations::{Seen, percent};
use serde::Serialize;
use std::collections::BTreeMap;
use tacho_store::{AuthKind, IntegrationState, StoredFailure};
use utoipa::ToSchema;

/// An integration and how it stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct IntegrationBody {
    /// Its number.
    id: i64,
    /// What people call it.
    name: String,
    /// The connector it speaks through.
    #[schema(example = "github_copilot")]
    connector: String,
    /// The tool whose use it reports.
    tool: String,
    /// Whether it is the caller's own.
    personal: bool,
    settings: BTreeMap<String, String>,
    /// How it stands.
    state: Standing,
    /// The same in a few words.
    state_text: String,
    /// What happened and what to do.
    notes: Vec<NoteBody>,
    credential: CredentialBody,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(required, format = DateTime)]
    last_synced_at: Option<String>,
    /// When the next sync is due; `null` where none is scheduled.
    #[schema(required, format = DateTime)]
    next_sync_at: Option<String>,
    /// Why the last sync failed.
    #[schema(required)]
    failure: Option<FailureBody>,
    /// The sync that waits or runs.
    #[schema(required)]
    sync: Option<SyncBody>,
}

/// Something to know.
#[derive(Serialize, ToSchema)]
struct NoteBody {
    title: String,
    text: String,
}

/// What may be told of a credential.
#[derive(Serialize, ToSchema)]
struct CredentialBody {
    #[schema(inline)]
    kind: CredentialKind,
    /// The last characters of a key.
    #[schema(required)]
    tail: Option<String>,
    /// What it may, where the vendor tells.
    #[schema(required)]
    granted_scopes: Option<Vec<String>>,
    /// What it needs and was not granted.
    missing_scopes: Vec<String>,
    /// When it ends, where the vendor tells.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CredentialKind {
    None,
    Secret,
    Oauth,
    App,
}

/// A failure in words.
#[derive(Serialize, ToSchema)]
struct FailureBody {
    #[schema(example = "auth")]
    kind: String,
    cause: String,
    fix: String,
    #[schema(format = DateTime)]
    at: String,
}

/// A sync that waits or runs.
#[derive(Serialize, ToSchema)]
struct SyncBody {
    running: bool,
    #[schema(minimum = 0, maximum = 100)]
    percent: u32,
    done: u32,
    total: u32,
}

impl IntegrationBody {
    pub(super) fn of(seen: Seen) -> Self {
        let integration = seen.integration;
        let text = |instant: Option<tacho_domain::Instant>| instant.map(|instant| instant.to_string());
        let sync = seen.activity.is_under_way().then(|| {
            let progress = seen.activity.progress.as_ref().filter(|_| seen.activity.running);
            let (done, total) = progress.map_or((0, 0), |progress| (progress.done, progress.total));
            SyncBody { running: seen.activity.running, percent: progress.map_or(0, percent), done, total }
        });
        let notes = seen.availability.notes.into_iter().map(|note| NoteBody { title: note.title, text: note.text });
        Self {
            id: integration.id.0,
            connector: integration.connector,
            tool: integration.tool.to_string(),
            personal: integration.owner.is_some(),
            settings: integration.settings,
            state: seen.availability.state,
            state_text: seen.availability.label,
            notes: notes.collect(),
            credential: CredentialBody {
                kind: match (integration.state, integration.auth) {
                    (IntegrationState::Imported, _) => CredentialKind::None,
                    (_, AuthKind::Secret) => CredentialKind::Secret,
                    (_, AuthKind::OAuth) => CredentialKind::Oauth,
                    (_, AuthKind::App) => CredentialKind::App,
                },
                tail: integration.credential_tail.filter(|_| integration.auth != AuthKind::App),
                granted_scopes: integration.granted_scopes,
                missing_scopes: seen.missing_scopes,
                expires_at: text(integration.expires_at),
            },
            created_at: integration.created_at.to_string(),
            last_synced_at: text(integration.last_synced_at),
            next_sync_at: text(seen.next_sync),
            failure: integration.failure.map(failure),
            sync,
            name: integration.name,
        }
    }
}

fn failure(failure: StoredFailure) -> FailureBody {
    FailureBody { kind: failure.kind, cause: failure.cause, fix: failure.fix, at: failure.at.to_string() }
}
