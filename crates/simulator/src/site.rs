//! What all vendors' servers do with a call: note it, refuse what the real API refuses, break it where a fault says so.

use crate::faults::{Endpoint, Fault, Faults};
use crate::reply::{Reply, gzip_without_end, refusal, stock};
use crate::secrets::{Keys, Vendor};
use crate::traffic::Traffic;
use crate::world::World;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Uri};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::{Duration, Instant};

/// One simulated installation of all vendors.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) world: Arc<World>,
    pub(crate) faults: Faults,
    pub(crate) keys: Arc<Keys>,
    pub(crate) traffic: Traffic,
    pub(crate) downloads_url: String,
    pub(crate) github_url: String,
    pub(crate) started: Instant,
    pub(crate) app_tokens: crate::github::app::Tokens,
    pub(crate) oauth: crate::github::oauth::OAuth,
    pub(crate) quota: crate::quota::Accounts,
    pub(crate) points: Arc<crate::github::graphql::Points>,
    cursor_calls: Mutex<VecDeque<Instant>>,
}

/// A call, read completely.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) query: HashMap<String, String>,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) async fn of(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        // A body beyond a megabyte is none of ours; the endpoint then refuses the empty one.
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
        Self { method: parts.method, uri: parts.uri, headers: parts.headers, query, body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn segments(&self) -> Vec<&str> {
        self.uri.path().split('/').filter(|segment| !segment.is_empty()).collect()
    }
}

/// How a page is to be bent.
#[expect(clippy::struct_excessive_bools, reason = "independent faults of one page")]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bend {
    pub(crate) repeat: bool,
    pub(crate) overlap: bool,
    pub(crate) other_envelope: bool,
    pub(crate) partial: bool,
}

impl Bend {
    /// A page's first row and number of rows: an overlapping one begins a row earlier.
    pub(crate) fn page(self, start: usize, size: usize, all: usize) -> std::ops::Range<usize> {
        let first = if self.overlap { start.saturating_sub(1) } else { start };
        first.min(all)..(start.saturating_add(size)).min(all)
    }
}

impl Site {
    pub(crate) fn new(world: Arc<World>, keys: Arc<Keys>, github_url: String, downloads_url: String) -> Self {
        let points = Arc::default();
        Self {
            oauth: crate::github::oauth::OAuth::new(world.config.seed, world.config.github_approves),
            quota: crate::quota::Accounts::new(world.config.seed),
            faults: Faults::new(Arc::clone(&world), Arc::clone(&keys), Arc::clone(&points)),
            world,
            keys,
            traffic: Traffic::default(),
            downloads_url,
            github_url,
            started: Instant::now(),
            app_tokens: crate::github::app::Tokens::default(),
            points,
            cursor_calls: Mutex::default(),
        }
    }

    /// Answers a call: `refuse` says what the real API would not answer, `answer` what it would.
    pub(crate) async fn serve(
        &self,
        endpoint: Endpoint,
        asked: &Asked,
        refuse: impl FnOnce() -> Option<Reply>,
        answer: impl FnOnce(Bend) -> Result<Reply, Reply>,
    ) -> Reply {
        self.traffic.note(endpoint, &asked.headers);
        if let Some(refused) = refuse() {
            self.traffic.note_refusal(endpoint);
            return refused;
        }
        let fault = self.faults.next(endpoint);
        let mut bend = Bend::default();
        match &fault {
            Some(Fault::Slow) => self.faults.wait_for_release().await,
            Some(Fault::RepeatedPage) => bend.repeat = true,
            Some(Fault::OverlappingPages) => bend.overlap = true,
            Some(Fault::OtherEnvelope) => bend.other_envelope = true,
            Some(Fault::PartialNodes) => bend.partial = true,
            Some(other) => {
                if let Some(instead) = self.instead(endpoint.vendor(), other) {
                    return instead;
                }
            }
            None => {}
        }
        let mut reply = match answer(bend) {
            Ok(reply) => reply,
            Err(refused) => {
                self.traffic.note_refusal(endpoint);
                return refused;
            }
        };
        match fault {
            Some(Fault::CutBody) => reply.cut = true,
            Some(Fault::CutGzip) => {
                reply.body = gzip_without_end(&reply.body, reply.body.len() / 2);
                reply = reply.with("content-encoding", "gzip");
            }
            Some(Fault::InvalidJson) => reply.body.truncate(reply.body.len() / 2),
            _ => {}
        }
        reply
    }

    /// The answer that stands in for the real one.
    fn instead(&self, vendor: Vendor, fault: &Fault) -> Option<Reply> {
        let reply = match fault {
            Fault::RateLimited { retry_after_seconds } => {
                let reply = stock(vendor, 429);
                match retry_after_seconds {
                    Some(seconds) => reply.with("retry-after", seconds.to_string()),
                    None => reply,
                }
            }
            Fault::LimitSpent { reset_epoch_seconds } => refusal(vendor, 403, "API rate limit exceeded for user ID 1.")
                .with("x-ratelimit-limit", "5000")
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-used", "5000")
                .with("x-ratelimit-resource", "core")
                .with("x-ratelimit-reset", reset_epoch_seconds.to_string()),
            Fault::PointsSpent { reset_epoch_seconds } => crate::github::graphql::spent()
                .with("x-ratelimit-limit", "5000")
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-resource", "graphql")
                .with("x-ratelimit-reset", reset_epoch_seconds.to_string()),
            Fault::Status(status) => stock(vendor, *status),
            Fault::ExpiredLink => expired_link(),
            Fault::NoReportText => Reply::json(200, &"No report available"),
            Fault::Unauthorized => stock(vendor, 401),
            Fault::MissingScopes => stock(vendor, 403)
                .with("x-oauth-scopes", "public_repo")
                .with("x-accepted-oauth-scopes", "manage_billing:copilot, read:org"),
            Fault::PolicyOff => refusal(vendor, 403, "The 'Copilot usage metrics' policy must be enabled to use this API"),
            Fault::EchoSecret => refusal(vendor, 400, &format!("could not read the credential {}", self.keys.secret(vendor))),
            _ => return None,
        };
        Some(reply)
    }

    /// Whether Cursor's limit is spent for this minute; a call that is let through counts.
    pub(crate) fn is_cursor_limit_spent(&self) -> bool {
        let Some(limit) = self.world.config.cursor_per_minute else { return false };
        let now = Instant::now();
        let mut calls = self.cursor_calls.lock().unwrap_or_else(PoisonError::into_inner);
        while calls.front().is_some_and(|first| now.duration_since(*first) >= Duration::from_mins(1)) {
            calls.pop_front();
        }
        let spent = calls.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        if !spent {
            calls.push_back(now);
        }
        spent
    }
}

/// What the store behind signed links says after their hour.
pub(crate) fn expired_link() -> Reply {
    let body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>Signature not valid in the \
                specified time frame</Message></Error>";
    Reply::bytes(403, "application/xml", body.as_bytes().to_vec())
}
