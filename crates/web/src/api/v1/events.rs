//! `/api/v1/events`: how far syncs are and that the data changed, told as it happens by server-sent events. Each event holds
//! the whole state of one integration's sync, or says that reports may be made anew, so a missed one is made up for by the
//! next; whoever comes back with `Last-Event-ID` is told what changed since. The stream ends when its session ends, when the
//! caller may see nothing of it any more, and when the server stops.

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
use tacho_domain::{Instant, IntegrationId, Permission as P};
use tacho_store::{DataMark, ProgressState};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

/// How often it looks for what other processes noted.
const LOOK: Duration = Duration::from_secs(2);
/// A burst of happenings is told as one.
const GATHER: Duration = Duration::from_millis(250);
/// How often a quiet stream says that it is still there, so that no proxy closes it.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::api(Gate::NeedsOne(WATCHERS), routes!(events))]
}

/// Who sees anything of it: reports, or integrations.
const WATCHERS: &[P] = &[P::ViewAggregates, P::ViewOwnData, P::ViewIntegrations, P::ConnectOwnTools];

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

/// Something that reports are made of changed: the data of an event `data`. Whose it was, it does not say; what a report
/// shows of it, its own gate decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DataEvent {
    /// Whether a sync ended; else somebody changed people, teams, budgets or seats.
    synced: bool,
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

/// How far syncs are, as it happens: events named `sync`, whose `data` is a `SyncEvent`; events named `data`, whose `data` is
/// a `DataEvent`, when a sync ended or people, teams, budgets or seats changed; and comments in between.
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
    let since: Option<i64> = last.or(query.since);
    let watcher = Watcher {
        site,
        caller,
        headers,
        wakes,
        since,
        came_back: last.is_some(),
        newest: since.unwrap_or_default(),
        told: BTreeMap::new(),
        mark: DataMark::default(),
        waiting: VecDeque::new(),
        begun: false,
    };
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
    /// Whether there was a stream before, with a gap since: what was taken away meanwhile has left no instant.
    came_back: bool,
    /// The id of the newest event.
    newest: i64,
    /// What was told last of each integration.
    told: BTreeMap<IntegrationId, SyncEvent>,
    /// How the data stood when that was told last.
    mark: DataMark,
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
        Some(same && WATCHERS.iter().any(|permission| self.caller.may(*permission)))
    }

    async fn look(&mut self) -> Result<(), Problem> {
        if self.caller.may(P::ViewIntegrations) || self.caller.may(P::ConnectOwnTools) {
            self.look_at_syncs().await?;
        }
        self.look_at_data().await
    }

    async fn look_at_data(&mut self) -> Result<(), Problem> {
        let mark = self.site.store().data_mark(self.caller.organization).await?;
        let before = std::mem::replace(&mut self.mark, mark);
        let since = |at: Option<Instant>| self.since.is_some_and(|since| at.is_some_and(|at| at.0 >= since));
        let news = if self.begun { mark != before } else { self.came_back || since(mark.at()) };
        if news {
            let synced = if self.begun { mark.synced_at != before.synced_at } else { since(mark.synced_at) };
            self.newest = self.newest.max(mark.at().map_or(0, |at| at.0));
            let sent = Event::default().event("data").id(self.newest.to_string()).json_data(DataEvent { synced });
            self.waiting.push_back(sent.map_err(|error| Problem::internal(&error))?);
        }
        Ok(())
    }

    async fn look_at_syncs(&mut self) -> Result<(), Problem> {
        let mut activities = activities(&self.site, &self.caller).await?;
        let integrations = self.site.store().list_integrations(self.caller.organization).await?;
        for integration in integrations.iter().filter(|integration| may_see(&self.caller, integration)) {
            let activity = activities.remove(&integration.id).unwrap_or_default();
            let Some((event, at)) = SyncEvent::of(integration.id, &activity) else { continue };
            let known = self.told.get(&integration.id) == Some(&event);
            // At first only what goes on, or what changed since the caller was here.
            let news = self.begun || event.is_under_way() || self.since.is_some_and(|since| at >= since);
            if news && !known {
                self.newest = self.newest.max(at);
                let sent = Event::default().event("sync").id(self.newest.to_string()).json_data(&event);
                self.waiting.push_back(sent.map_err(|error| Problem::internal(&error))?);
            }
            self.told.insert(integration.id, event);
        }
        Ok(())
    }
}
