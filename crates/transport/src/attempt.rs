//! One try of a call: through the door, at its turn, along redirects, to a received body or a failure.

use crate::app::{Token, unusable};
use crate::body::{Body, NotTaken, Spool};
use crate::credential::{attach, redact, shown_headers};
use crate::door::shown_host;
use crate::failure::{Failure, Phase, Refused, connection, too_slow};
use crate::lane::{Inner, State};
use crate::metering::{self, Skew, Wait};
use crate::retry::{of_refusal, spent_until};
use crate::{Policy, Received, Surroundings};
use http::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, LOCATION};
use reqwest::{Client, Request, Response};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use std::time::Duration;
use tacho_connectors::{Auth, Call, FailureKind, Method};
use tokio::time::{Instant, timeout_at};
use url::Url;

const MAX_REDIRECTS: u32 = 5;

/// How much of a refusal is kept. A little more is read, so that a secret at the edge is seen whole and cut out.
const REFUSAL_BYTES: usize = 64 << 10;
const REFUSAL_EDGE_BYTES: usize = 4 << 10;

/// Everything a try needs.
pub(crate) struct Attempt<'a> {
    pub(crate) client: &'a Client,
    pub(crate) policy: &'a Policy,
    pub(crate) surroundings: &'a Surroundings,
    pub(crate) skew: &'a Skew,
    pub(crate) lane: &'a Inner,
    pub(crate) call: &'a Call,
}

/// Where a try stands among redirects.
struct Hop {
    url: Url,
    method: Method,
    /// False once a redirect has left the vendor's origin: from then on no credential is sent, wherever it leads.
    trusted: bool,
    begun: Instant,
}

impl Attempt<'_> {
    /// Tries once. A token that was kept and is not good any more, because the app was uninstalled and installed again, is
    /// asked for anew and tried again at once.
    pub(crate) async fn run(&self, state: &mut State) -> Result<Received, Failure> {
        let kept = !self.sign_in(state).await?;
        match self.go(state).await {
            Err(failure) if kept && state.token.is_some() && failure.refusal.as_ref().is_some_and(|no| no.status == 401) => {
                state.token = None;
                self.sign_in(state).await?;
                self.go(state).await
            }
            other => other,
        }
    }

    /// Sees to it that an app has a token. Gives whether it was asked for just now.
    async fn sign_in(&self, state: &mut State) -> Result<bool, Failure> {
        let Some(app) = &self.lane.app else { return Ok(false) };
        let now = (self.surroundings.clock)();
        if self.call.auth == Auth::None || state.token.as_ref().is_some_and(|token| token.is_good(now)) {
            return Ok(false);
        }
        let app = app.as_ref().map_err(|why| unusable(why.clone()))?;
        state.token = None;
        let signature = app.sign(now)?;
        let hop = Hop { url: app.token_url.clone(), method: Method::Post, trusted: true, begun: Instant::now() };
        self.pass_door(&hop.url, state).await?;
        let mut headers = HeaderMap::new();
        for (name, value) in app.headers() {
            let name = HeaderName::try_from(*name).map_err(|_| unusable(format!("`{name}` is no header name")))?;
            headers.insert(name, HeaderValue::from_static(value));
        }
        attach(&mut headers, Auth::Bearer, &signature).map_err(|error| unusable(error.to_string()))?;
        let request = self.client.post(hop.url.clone()).headers(headers).build();
        let request = request.map_err(|_| unusable(format!("{} cannot be asked for a token", shown_host(&hop.url))))?;
        let hop = Hop { begun: Instant::now(), ..hop };
        let response = self.execute(&hop, request).await?;
        if !response.status().is_success() {
            let mut failure = self.refused(&hop, response, &signature).await;
            failure.message = format!("{} when the app asked for a token", failure.message);
            if let Some(refusal) = &mut failure.refusal {
                refusal.signing_in = true;
            }
            return Err(failure);
        }
        let body = self.small(&hop, response).await?;
        state.token = Some(Token::read(&body, now)?);
        Ok(true)
    }

    /// What goes with the call: the app's token, or the secret itself.
    fn secret<'s>(&'s self, state: &'s State) -> &'s SecretString {
        state.token.as_ref().map_or(&self.lane.secret, |token| &token.secret)
    }

    /// Checks that the address may be called, and waits for its turn.
    async fn pass_door(&self, url: &Url, state: &mut State) -> Result<(), Failure> {
        let closed = |error| Failure::lasting(FailureKind::Validation, format!("not called: {error}"));
        self.lane.door.check(url).map_err(closed)?;
        let wait = state.turns.book(Instant::now());
        if !wait.is_zero() {
            metering::waits(self.lane.connector, Wait::Pace, wait);
            (self.surroundings.rest)(wait).await;
        }
        Ok(())
    }

    async fn go(&self, state: &mut State) -> Result<Received, Failure> {
        let mut hop = Hop { url: self.call.url.clone(), method: self.call.method, trusted: true, begun: Instant::now() };
        for _ in 0..=MAX_REDIRECTS {
            self.pass_door(&hop.url, state).await?;
            hop.begun = Instant::now();
            let response = self.ask(&hop, state).await?;
            match redirected(&hop, &response)? {
                Some(next) => hop = next,
                None => return self.receive(&hop, response, state).await,
            }
        }
        let message = format!("{} leads from address to address without end", shown_host(&hop.url));
        Err(Failure::lasting(FailureKind::Validation, message))
    }

    async fn ask(&self, hop: &Hop, state: &State) -> Result<Response, Failure> {
        let request = self.request(hop, state)?;
        self.execute(hop, request).await
    }

    async fn execute(&self, hop: &Hop, request: Request) -> Result<Response, Failure> {
        let host = shown_host(&hop.url);
        match timeout_at(hop.begun + self.policy.timeout, self.client.execute(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(connection(&error, &host, Phase::Asking)),
            Err(_) => Err(too_slow(&host, Phase::Asking, self.policy.timeout.as_secs_f64())),
        }
    }

    fn request(&self, hop: &Hop, state: &State) -> Result<Request, Failure> {
        let unfit = |what: String| Failure::lasting(FailureKind::Validation, what);
        let mut headers = HeaderMap::new();
        for (name, value) in &self.call.headers {
            let value = HeaderValue::from_str(value).map_err(|_| unfit(format!("the header `{name}` cannot be sent")))?;
            headers.insert(HeaderName::try_from(*name).map_err(|_| unfit(format!("`{name}` is no header name")))?, value);
        }
        if hop.trusted {
            attach(&mut headers, self.call.auth, self.secret(state)).map_err(|error| unfit(error.to_string()))?;
            if let Some(tag) = state.tags.get(&self.call.url).filter(|_| self.call.conditional) {
                headers
                    .insert(IF_NONE_MATCH, HeaderValue::from_str(tag).map_err(|_| unfit("the ETag cannot be sent".to_owned()))?);
            }
        }
        let builder = match hop.method {
            Method::Get => self.client.get(hop.url.clone()),
            Method::Post => {
                if !headers.contains_key(CONTENT_TYPE) {
                    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                }
                self.client.post(hop.url.clone()).body(self.call.body.clone().unwrap_or_default())
            }
        };
        builder.headers(headers).build().map_err(|_| unfit(format!("{} cannot be asked this", shown_host(&hop.url))))
    }

    async fn receive(&self, hop: &Hop, response: Response, state: &mut State) -> Result<Received, Failure> {
        let status = response.status().as_u16();
        let headers = shown_headers(response.headers(), self.secret(state));
        self.skew.learn(self.lane.connector, &headers, (self.surroundings.clock)());
        if status == 304 && self.call.conditional && state.tags.contains_key(&self.call.url) {
            return Ok(Received { status, headers, body: Body::empty(), tries: 0 });
        }
        if !(200..300).contains(&status) {
            return Err(self.refused(hop, response, self.secret(state)).await);
        }
        let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let body = self.body(hop, response).await?;
        if let Some(tag) = tag.filter(|_| self.call.conditional && status == 200) {
            state.tags.insert(self.call.url.clone(), tag);
        }
        // The vendor says that the next call would be refused: it waits until it would not be.
        if let Some(instant) = spent_until(&headers, (self.surroundings.clock)()) {
            state.blocked.insert(hop.url.origin().ascii_serialization(), instant);
        }
        Ok(Received { status, headers, body, tries: 0 })
    }

    async fn body(&self, hop: &Hop, mut response: Response) -> Result<Body, Failure> {
        let host = shown_host(&hop.url);
        let not_taken = |error: NotTaken| match error {
            NotTaken::TooLarge { .. } => Failure::lasting(FailureKind::Validation, format!("{host}: {error}")),
            NotTaken::Disk(_) => Failure::lasting(FailureKind::Unknown, error.to_string()),
        };
        if response.content_length().is_some_and(|length| length > self.policy.body_limit) {
            return Err(not_taken(NotTaken::TooLarge { limit: self.policy.body_limit }));
        }
        let is_download = self.call.auth == Auth::None || !hop.trusted;
        let mut spool = Spool::new(self.policy);
        loop {
            let (deadline, allowed) = deadline(self.policy, is_download, hop.begun, Instant::now());
            match timeout_at(deadline, response.chunk()).await {
                Ok(Ok(Some(chunk))) => spool.take(&chunk).await.map_err(not_taken)?,
                Ok(Ok(None)) => return spool.finish().await.map_err(not_taken),
                Ok(Err(error)) => return Err(connection(&error, &host, Phase::Reading)),
                Err(_) => return Err(too_slow(&host, Phase::Reading, allowed.as_secs_f64())),
            }
        }
    }

    /// Reads the reply that holds a token; it stays in memory, and is small.
    async fn small(&self, hop: &Hop, mut response: Response) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let host = shown_host(&hop.url);
        let mut bytes = Zeroizing::new(Vec::new());
        loop {
            match timeout_at(hop.begun + self.policy.timeout, response.chunk()).await {
                Ok(Ok(Some(chunk))) if bytes.len() + chunk.len() <= REFUSAL_BYTES => bytes.extend_from_slice(&chunk),
                Ok(Ok(Some(_))) => {
                    return Err(Failure::lasting(
                        FailureKind::Validation,
                        format!("{host} gave the app no token but a long text"),
                    ));
                }
                Ok(Ok(None)) => return Ok(bytes),
                Ok(Err(error)) => return Err(connection(&error, &host, Phase::Reading)),
                Err(_) => return Err(too_slow(&host, Phase::Reading, self.policy.timeout.as_secs_f64())),
            }
        }
    }

    /// Reads what a vendor says when it says no. A body that breaks off is no worse than none here.
    async fn refused(&self, hop: &Hop, mut response: Response, secret: &SecretString) -> Failure {
        let (status, headers) = (response.status(), shown_headers(response.headers(), secret));
        let mut bytes: Vec<u8> = Vec::new();
        while let Ok(Ok(Some(chunk))) = timeout_at(hop.begun + self.policy.timeout, response.chunk()).await {
            let room = REFUSAL_BYTES + REFUSAL_EDGE_BYTES - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if bytes.len() == REFUSAL_BYTES + REFUSAL_EDGE_BYTES {
                break;
            }
        }
        let mut body = redact(&String::from_utf8_lossy(&bytes), secret);
        body.truncate(body.floor_char_boundary(REFUSAL_BYTES));
        let refusal = Refused { status: status.as_u16(), headers, body, signing_in: false };
        let now = (self.surroundings.clock)();
        let (kind, again) = of_refusal(&refusal, now);
        let again = again.at_least(self.policy.unsaid_wait.filter(|_| kind == FailureKind::RateLimit), now);
        let reason = status.canonical_reason().map(|reason| format!(" {reason}")).unwrap_or_default();
        let message = format!("{} answered {}{reason}", shown_host(&hop.url), status.as_u16());
        Failure { kind, again, message, refusal: Some(refusal) }
    }
}

/// Until when the next bytes have to be there, and how long that was in all. A download may take its time as long as it
/// goes on; see [`Policy::timeout`].
fn deadline(policy: &Policy, is_download: bool, begun: Instant, now: Instant) -> (Instant, Duration) {
    let (silence, whole) = (now + policy.timeout, begun + policy.download_timeout);
    match is_download {
        false => (begun + policy.timeout, policy.timeout),
        true if silence < whole => (silence, policy.timeout),
        true => (whole, policy.download_timeout),
    }
}

/// Where a response leads, if it leads elsewhere.
fn redirected(hop: &Hop, response: &Response) -> Result<Option<Hop>, Failure> {
    let status = response.status().as_u16();
    let Some(location) = response.headers().get(LOCATION).filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308)) else {
        return Ok(None);
    };
    let url = location.to_str().ok().and_then(|location| hop.url.join(location).ok());
    let Some(url) = url else {
        let message = format!("{} leads to an address that cannot be read", shown_host(&hop.url));
        return Err(Failure::lasting(FailureKind::Validation, message));
    };
    // Only 303 asks for another method. For 301 and 302 GitHub wants the same request again, and a POST here asks a
    // question: <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api> (read 2026-11-21).
    let method = if status == 303 { Method::Get } else { hop.method };
    let trusted = hop.trusted && url.origin() == hop.url.origin();
    Ok(Some(Hop { url, method, trusted, begun: hop.begun }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_its_timeout_and_a_download_goes_on_while_bytes_come() {
        let (policy, begun) = (Policy::default(), Instant::now());
        let after = |seconds| begun + Duration::from_secs(seconds);
        for (is_download, now, until, allowed) in
            [(false, 0, 30, 30), (false, 29, 30, 30), (true, 0, 30, 30), (true, 1_000, 1_030, 30), (true, 3_590, 3_600, 3_600)]
        {
            let expected = (after(until), Duration::from_secs(allowed));
            assert_eq!(deadline(&policy, is_download, begun, after(now)), expected, "{is_download} {now}");
        }
    }
}
