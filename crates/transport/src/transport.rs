//! The transport itself: one HTTP client for all lanes, and the tries of a call.

use crate::allowance::Allowance;
use crate::app::App;
use crate::attempt::Attempt;
use crate::backoff::delays;
use crate::door::{Door, shown_host};
use crate::failure::Failure;
use crate::lane::{Inner, Lane, State};
use crate::metering::{self, Skew, Wait};
use crate::names::Names;
use crate::pace::Turns;
use crate::retry::{Again, until};
use crate::{Body, BuildError, Policy, SendError, Surroundings};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tacho_connectors::{Call, FailureKind, Headers, Pace, Profile, Settings};
use tacho_domain::{Clock, Instant};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;

/// The one door to vendors. A clone is the same transport.
#[derive(Clone)]
pub struct Transport(Arc<Parts>);

struct Parts {
    client: Client,
    policy: Policy,
    allowance: Allowance,
    surroundings: Surroundings,
    skew: Skew,
}

/// A reply with 2xx, or the 304 to a conditional call, whose body is empty.
#[derive(Debug, Clone)]
pub struct Received {
    /// The status.
    pub status: u16,
    /// The headers, without cookies.
    pub headers: Headers,
    /// The whole body, decompressed.
    pub body: Body,
    /// How many tries it took, at least 1.
    pub tries: u32,
}

impl Transport {
    /// A transport in the real world.
    ///
    /// # Errors
    /// When the policy cannot be worked with, or the system has no certificates.
    pub fn new(policy: Policy, clock: Clock) -> Result<Self, BuildError> {
        Self::within(policy, Surroundings::real(clock))
    }

    /// A transport with a time, a rest and names of one's own, for tests.
    ///
    /// # Errors
    /// As [`Transport::new`].
    pub fn within(policy: Policy, surroundings: Surroundings) -> Result<Self, BuildError> {
        let allowance = Allowance::parse(&policy.allowed_private)?;
        let client = client(&policy, &surroundings, &allowance)?;
        Ok(Self(Arc::new(Parts { client, policy, allowance, surroundings, skew: Skew::new() })))
    }

    /// The lane of an integration. Settings are trusted to be checked; the address they give is held to the door all the same.
    #[must_use]
    pub fn lane(&self, profile: &'static Profile, settings: &Settings, secret: SecretString) -> Lane {
        let base = settings.base_url(profile);
        let app = App::of(profile.access.app.as_ref(), &secret, &base);
        let door = Door::new(base, profile.download_hosts, self.0.allowance.clone());
        Self::open(profile.id, door, profile.pace, secret, app)
    }

    /// The lane of a person's own credential, to one host. `name` stands in metrics and logs where a connector's id would.
    #[must_use]
    pub fn personal_lane(&self, name: &'static str, base: Url, pace: Pace, secret: SecretString) -> Lane {
        let door = Door::new(base, &[], self.0.allowance.clone());
        Self::open(name, door, pace, secret, None)
    }

    fn open(connector: &'static str, door: Door, pace: Pace, secret: SecretString, app: Option<Result<App, String>>) -> Lane {
        let state = State { turns: Turns::new(pace), blocked: HashMap::new(), tags: HashMap::new(), token: None };
        Lane(Arc::new(Inner { connector, door, secret, app, state: Mutex::new(state) }))
    }

    /// Sends a call and receives the whole reply, with as many tries and waits as the policy allows. Cancelling ends it
    /// at once, wherever it is.
    ///
    /// # Errors
    /// Whatever is not 2xx or an expected 304 in the end.
    pub async fn send(&self, lane: &Lane, call: &Call, cancel: &CancellationToken) -> Result<Received, SendError> {
        let (begun, mut tries) = (tokio::time::Instant::now(), 0);
        let sent = cancel.run_until_cancelled(self.persist(lane, call, &mut tries)).await;
        let sent = sent.unwrap_or_else(|| Err(cancelled(call, tries)));
        metering::ended(lane.0.connector, &sent, begun.elapsed());
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (connector, stream, url) = (lane.0.connector, call.stream, call.shown_url());
        match &sent {
            Ok(received) => {
                let (status, bytes) = (received.status, received.body.len());
                tracing::debug!(connector, stream, %url, status, tries, ms, bytes, "received");
            }
            Err(error) => {
                let kind = error.kind.as_str();
                tracing::debug!(connector, stream, %url, status = error.status, tries, ms, kind, %error, "not received");
            }
        }
        sent
    }

    /// Seconds by which this machine's clock is ahead of the vendor's that answered last; `None`: none has answered yet.
    #[must_use]
    pub fn clock_ahead_seconds(&self) -> Option<i64> {
        self.0.skew.seconds()
    }

    /// Tries until it works or is not worth another try.
    async fn persist(&self, lane: &Lane, call: &Call, tries: &mut u32) -> Result<Received, SendError> {
        let parts = &*self.0;
        let mut state = lane.0.state.lock().await;
        self.wait_out_block(lane.0.connector, &mut state, call).await?;
        let attempt = Attempt {
            client: &parts.client,
            policy: &parts.policy,
            surroundings: &parts.surroundings,
            skew: &parts.skew,
            lane: &lane.0,
            call,
        };
        let mut delays = delays(&parts.policy);
        loop {
            *tries += 1;
            let failure = match attempt.run(&mut state).await {
                Ok(received) => return Ok(Received { tries: *tries, ..received }),
                Err(failure) => failure,
            };
            let now = (parts.surroundings.clock)();
            // The same question would be too heavy again, and costs its points each time.
            if call.heavy && failure.is_too_heavy() {
                return Err(given_up(failure, &mut state, call, *tries, None, now));
            }
            let delay = delays.next();
            let wait = failure.again.wait(*tries - 1, delay.unwrap_or_default(), now);
            match (wait, delay) {
                (Some(wait), Some(_)) if wait <= parts.policy.max_wait => {
                    let (url, wait_ms) = (call.shown_url(), u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
                    tracing::debug!(connector = lane.0.connector, %url, tries, wait_ms, reason = failure.message, "trying again");
                    metering::retried(lane.0.connector);
                    metering::waits(lane.0.connector, Wait::Retry, wait);
                    (parts.surroundings.rest)(wait).await;
                }
                _ => return Err(given_up(failure, &mut state, call, *tries, wait, now)),
            }
        }
    }

    /// Waits until the vendor wants to be called again, or says that this takes too long.
    async fn wait_out_block(&self, connector: &'static str, state: &mut State, call: &Call) -> Result<(), SendError> {
        let origin = call.url.origin().ascii_serialization();
        let now = (self.0.surroundings.clock)();
        let Some(&instant) = state.blocked.get(&origin) else { return Ok(()) };
        let wait = until(instant, now);
        if wait > self.0.policy.max_wait {
            let message = format!("{} asked to be left alone until {instant}", shown_host(&call.url));
            let failure = Failure { again: Again::After(instant), ..Failure::passing(FailureKind::RateLimit, message) };
            return Err(failure.into_error(0, Some(instant)));
        }
        if !wait.is_zero() {
            metering::waits(connector, Wait::Asked, wait);
            (self.0.surroundings.rest)(wait).await;
        }
        state.blocked.remove(&origin);
        Ok(())
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("policy", &self.0.policy).finish_non_exhaustive()
    }
}

/// The error after the last try. A wait that the vendor asked for is remembered for the lane's next call.
fn given_up(mut failure: Failure, state: &mut State, call: &Call, tries: u32, wait: Option<Duration>, now: Instant) -> SendError {
    let told = wait.filter(|_| failure.again.is_told());
    let wait_until = told.map(|wait| Instant(now.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX))));
    if let Some(instant) = wait_until {
        state.blocked.insert(call.url.origin().ascii_serialization(), instant);
        failure.message = format!("{}, and asks to wait until {instant}", failure.message);
    } else if tries > 1 {
        failure.message = format!("{}, {tries} times", failure.message);
    }
    failure.into_error(tries, wait_until)
}

fn cancelled(call: &Call, tries: u32) -> SendError {
    let message = format!("the call to {} was cancelled", shown_host(&call.url));
    SendError { cancelled: true, retryable: true, ..Failure::lasting(FailureKind::Unknown, message).into_error(tries, None) }
}

fn client(policy: &Policy, surroundings: &Surroundings, allowance: &Allowance) -> Result<Client, BuildError> {
    // The client takes the process's provider; another part of the process may have installed the same one before.
    rustls::crypto::ring::default_provider().install_default().ok();
    let proxy = policy.proxy.as_ref().map(proxy_address).transpose()?;
    let proxy_host = proxy.as_ref().and_then(Url::host_str);
    let allowance = proxy_host.map_or_else(|| allowance.clone(), |host| allowance.clone().with_host(host));
    #[expect(clippy::disallowed_methods, reason = "this is the one client")]
    let mut builder = Client::builder()
        .user_agent(&policy.user_agent)
        .connect_timeout(policy.connect_timeout)
        .dns_resolver(Names { lookup: Arc::clone(&surroundings.lookup), allowance })
        // Redirects, tries and timeouts are ours: each hop passes the door, each try is counted.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .gzip(true)
        .no_proxy();
    if let Some(proxy) = proxy {
        let unfit = |error: reqwest::Error| BuildError::Proxy { why: error.without_url().to_string() };
        builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(unfit)?);
    }
    builder.build().map_err(|error| {
        let causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
        BuildError::Client(causes.last().map_or_else(|| "unknown cause".to_owned(), ToString::to_string))
    })
}

#[expect(clippy::disallowed_methods, reason = "the proxy's own password goes to the proxy")]
fn proxy_address(proxy: &SecretString) -> Result<Url, BuildError> {
    Url::parse(proxy.expose_secret().trim()).map_err(|error| BuildError::Proxy { why: error.to_string() })
}
