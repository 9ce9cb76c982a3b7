//! The sources as they are: vendors through the one transport, files of this machine.

use super::codex_logs::CodexLogs;
use super::question::call;
use super::words::explained;
use super::{Ask, unusable};
use crate::options::is_loopback;
use crate::{ApiError, Options, Places, Source, Token, UsageData, check_address, read};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tacho_connectors::Pace;
use tacho_domain::{Clock, Instant};
use tacho_transport::{BuildError, Lane, Policy, Received, Surroundings, Transport};
use tokio_util::sync::CancellationToken;
use url::Url;

/// The longest wait that a vendor may ask for inside a question; a longer one is kept for the next.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A vendor that answers 429 without saying until when, or says 0, is left alone for so long.
const UNSAID_WAIT: Duration = Duration::from_mins(5);
/// No quota is longer.
const ANSWER_BYTES: u64 = 1 << 20;

/// Asks for real.
#[derive(Debug)]
pub struct Network {
    places: Places,
    surroundings: Surroundings,
    policy: Policy,
    way: Mutex<Way>,
    codex_logs: Arc<Mutex<CodexLogs>>,
}

/// What follows from the options. The transport is made with the first question: a bar that is asked about local sources
/// only needs no certificates.
#[derive(Debug)]
struct Way {
    options: Options,
    transport: Option<Transport>,
    /// One lane per source and account: it remembers how long its vendor wants to be left alone.
    lanes: BTreeMap<Source, (String, Lane)>,
}

impl Network {
    /// Asks in the real world.
    #[must_use]
    pub fn new(places: Places, options: Options, clock: Clock) -> Self {
        Self::within(places, options, Surroundings::real(clock))
    }

    /// Asks with a time, a rest and names of one's own, for tests.
    #[must_use]
    pub fn within(places: Places, options: Options, surroundings: Surroundings) -> Self {
        let policy =
            Policy { max_wait: LONGEST_WAIT, unsaid_wait: Some(UNSAID_WAIT), body_limit: ANSWER_BYTES, ..Policy::default() };
        let way = Mutex::new(Way { options, transport: None, lanes: BTreeMap::new() });
        Self { places, surroundings, policy, way, codex_logs: Arc::default() }
    }

    async fn over_the_network(
        &self,
        source: Source,
        token: &Token,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<UsageData, ApiError> {
        let (transport, lane, call) = {
            let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
            let call = call(source, &way.options, token, now).ok_or_else(|| unusable(format!("{source} has no address")))?;
            if source != Source::Server || way.options.addresses.contains_key(&source) {
                check_address(&call.url).map_err(|error| unusable(error.to_string()))?;
            }
            let transport = self.transport(&mut way).map_err(|error| unusable(error.to_string()))?;
            let lane = way.lane(&transport, source, token, &call.url);
            (transport, lane, call)
        };
        let received = transport.send(&lane, &call, cancel).await.map_err(|error| explained(source, error))?;
        let tries = received.tries;
        let body = body(&received).map_err(|error| ApiError { tries, ..error })?;
        read(source, &body, now).map_err(|error| ApiError { status: Some(received.status), tries, ..error })
    }

    fn transport(&self, way: &mut Way) -> Result<Transport, BuildError> {
        if let Some(transport) = &way.transport {
            return Ok(transport.clone());
        }
        let policy = Policy { allowed_private: allowed_private(&way.options), ..self.policy.clone() };
        let transport = Transport::within(policy, self.surroundings.clone())?;
        way.transport = Some(transport.clone());
        Ok(transport)
    }

    async fn on_this_machine(&self, now: Instant) -> Result<UsageData, ApiError> {
        let Some(folder) = self.places.codex.clone() else { return Err(unusable("Codex has no folder here")) };
        let logs = Arc::clone(&self.codex_logs);
        let look = move || logs.lock().unwrap_or_else(PoisonError::into_inner).look(&folder, now);
        tokio::task::spawn_blocking(look).await.unwrap_or_else(|_| Err(unusable("Codex's logs could not be looked at")))
    }
}

impl Way {
    fn lane(&mut self, transport: &Transport, source: Source, token: &Token, url: &Url) -> Lane {
        let account = token.account(source);
        match self.lanes.get(&source) {
            // A token that was renewed needs a lane of its own, although the account is the same.
            Some((of, lane)) if *of == account && token.account_id.is_none() => lane.clone(),
            _ => {
                let pace = Pace { gap_ms: 0, per_minute: None };
                let lane = transport.personal_lane(source.as_str(), url.clone(), pace, token.secret.clone());
                self.lanes.insert(source, (account, lane.clone()));
                lane
            }
        }
    }
}

#[async_trait]
impl Ask for Network {
    async fn ask(
        &self,
        source: Source,
        token: Option<&Token>,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<UsageData, ApiError> {
        match (source, token) {
            (Source::CodexLogs, _) => self.on_this_machine(now).await,
            (Source::ClaudeStatusLine, _) => Err(unusable("Claude Code's status line tells by itself and cannot be asked")),
            (_, Some(token)) => self.over_the_network(source, token, now, cancel).await,
            (_, None) => Err(unusable(format!("{source} cannot be asked without a token"))),
        }
    }

    fn configure(&self, options: &Options) {
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        *way = Way { options: options.clone(), transport: None, lanes: BTreeMap::new() };
    }
}

/// This machine where the options name it, and the person's own server, which may stand in their own network.
fn allowed_private(options: &Options) -> Vec<String> {
    let local = options.addresses.values().filter(|address| is_loopback(address));
    let server = options.server.iter().map(|server| &server.url);
    local.chain(server).filter_map(|url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))).collect()
}

fn body(received: &Received) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    let read = received.body.reader().and_then(|mut reader| reader.read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| unusable(format!("the answer could not be kept: {error}")))
}
