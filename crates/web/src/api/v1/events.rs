//! `/api/v1/events`: how far syncs are, told as it happens by server-sent events. Each event holds the whole state of one
//! integration's sync, so a missed one is made up for by the next; whoever comes back with `Last-Event-ID` is told what
//! changed since. The stream ends when its session ends, when the caller may not see integrations any more, and when the
//! server stops.

use crate::api::v1::query::Query;
use crate::app::Site;
use crate::caller::Caller;
use crate::guard;
use crate::integrations::availability::Activity;
use crate::integrations::{activities, may_see, percent};
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, unfold};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::time::Duration;
use tacho_domain::{IntegrationId, Permission as P};
use tacho_store::ProgressState;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

/// How often it looks for what other processes noted.
const LOOK: Duration = Duration::from_secs(2);
/// A burst of happenings is told as one.
const GATHER: Duration = Duration::from_millis(250);
/// How often a quiet stream says that it is still there, so that no proxy closes it.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::api(Gate::NeedsOne(&[P::ViewIntegrations, P::ConnectOwnTools]), routes!(events))]
}

/// How far the sync of an integration is: the data of an event `sync`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SyncEvent {
    integration_id: i64,
    #[schema(inline)]
    state: SyncState,
    done: u32,
    total: u32,
    #[schema(minimum = 0, maximum = 100)]
    percent: u32,
    /// The stream it is at.
    #[schema(required)]
    stream: Option<String>,
}

/// How a sync stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SyncState {
    /// It waits for a worker.
    Queued,
    Running,
    Finished,
    /// It ended early; the integration says why.
    Failed,
}

impl SyncEvent {
    /// What to tell of an integration's activity, and when it was noted.
    fn of(id: IntegrationId, activity: &Activity) -> Option<(Self, i64)> {
        let progress = activity.progress.as_ref();
        let state = match progress.map(|progress| progress.state) {
            _ if activity.queued && !activity.running => SyncState::Queued,
            Some(ProgressState::Finished) => SyncState::Finished,
            Some(ProgressState::Failed) => SyncState::Failed,
            Some(ProgressState::Running) | None if activity.running => SyncState::Running,
            Some(ProgressState::Running) | None => return None,
        };
        let progress = progress.filter(|_| state != SyncState::Queued);
        let event = Self {
            integration_id: id.0,
            state,
            done: progress.map_or(0, |progress| progress.done),
            total: progress.map_or(0, |progress| progress.total),
            percent: progress.map_or(0, percent),
            stream: progress.and_then(|progress| progress.stream.clone()),
        };
        Some((event, progress.map_or(0, |progress| progress.at.0)))
    }

    fn is_under_way(&self) -> bool {
        matches!(self.state, SyncState::Queued | SyncState::Running)
    }
}

/// From when on a caller wants to know.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SinceQuery {
    /// What ended since then is told first, as microseconds since 1970 or an event's id: the moment at which a page was made, since
    /// a sync may end before the page asks for events.
    #[param(example = 1_795_251_600_000_000_i64)]
    since: Option<i64>,
}

/// How far syncs are, as it happens: events named `sync`, whose `data` is a `SyncEvent`, and comments in between.
#[utoipa::path(get, path = "/api/v1/events",
    params(SinceQuery, ("Last-Event-ID" = inline(Option<String>), Header, description = "The id of the last event that was received.")),
    responses((status = 200, description = "Events until the session ends.", content_type = "text/event-stream", body = serde_json::Value)))]
pub(crate) async fn events(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<SinceQuery>,
    headers: HeaderMap,
) -> Response {
    let wakes = site.connections().events(caller.organization);
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.trim().parse().ok());
    let since = last.or(query.since);
    let watcher = Watcher { site, caller, headers, wakes, since, told: BTreeMap::new(), waiting: VecDeque::new(), begun: false };
    let stream = unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok::<_, Infallible>(event), watcher))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("still here")).into_response()
}

/// One stream while it lasts.
struct Watcher {
    site: Site,
    caller: Caller,
    /// They name the session, which is looked up again and again.
    headers: HeaderMap,
    wakes: BoxStream<'static, ()>,
    /// The id that the caller came back with.
    since: Option<i64>,
    /// What was told last of each integration.
    told: BTreeMap<IntegrationId, SyncEvent>,
    waiting: VecDeque<Event>,
    begun: bool,
}

impl Watcher {
    /// The next event; `None`: the stream is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.begun {
                tokio::select! {
                    wake = self.wakes.next() => wake?,
                    () = tokio::time::sleep(LOOK) => {}
                }
                tokio::time::sleep(GATHER).await;
            }
            if !self.may_go_on().await? {
                return None;
            }
            // A database that fails for a moment does not end the stream; the next look tries again.
            if let Err(problem) = self.look().await {
                tracing::warn!(detail = problem.detail, "the progress of syncs could not be read");
            }
            self.begun = true;
        }
    }

    /// Whether the caller is still let in and may still see.
    async fn may_go_on(&mut self) -> Option<bool> {
        let found = guard::visitor(&self.site, &self.headers, &self.caller.asking).await.ok()??;
        let same = found.organization == self.caller.organization;
        self.caller = found;
        Some(same && (self.caller.may(P::ViewIntegrations) || self.caller.may(P::ConnectOwnTools)))
    }

    async fn look(&mut self) -> Result<(), Problem> {
        let mut activities = activities(&self.site, &self.caller).await?;
        let integrations = self.site.store().list_integrations(self.caller.organization).await?;
        for integration in integrations.iter().filter(|integration| may_see(&self.caller, integration)) {
            let activity = activities.remove(&integration.id).unwrap_or_default();
            let Some((event, at)) = SyncEvent::of(integration.id, &activity) else { continue };
            let known = self.told.get(&integration.id) == Some(&event);
            // At first only what goes on, or what changed since the caller was here.
            let news = self.begun || event.is_under_way() || self.since.is_some_and(|since| at >= since);
            if news && !known {
                let sent = Event::default().event("sync").id(at.to_string()).json_data(&event);
                self.waiting.push_back(sent.map_err(|error| Problem::internal(&error))?);
            }
            self.told.insert(integration.id, event);
        }
        Ok(())
    }
}
