//! One try of a call: through the door, at its turn, along redirects, to a received body or a failure.

use crate::body::{Body, NotTaken, Spool};
use crate::credential::{attach, redact, shown_headers};
use crate::door::shown_host;
use crate::failure::{Failure, Phase, Refused, connection, too_slow};
use crate::lane::{Inner, State};
use crate::retry::{of_refusal, spent_until};
use crate::{Policy, Received, Surroundings};
use http::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, LOCATION};
use reqwest::{Client, Request, Response};
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
    /// Tries once.
    pub(crate) async fn run(&self, state: &mut State) -> Result<Received, Failure> {
        let mut hop = Hop { url: self.call.url.clone(), method: self.call.method, trusted: true, begun: Instant::now() };
        for _ in 0..=MAX_REDIRECTS {
            let closed = |error| Failure::lasting(FailureKind::Validation, format!("not called: {error}"));
            self.lane.door.check(&hop.url).map_err(closed)?;
            let wait = state.turns.book(Instant::now());
            if !wait.is_zero() {
                (self.surroundings.rest)(wait).await;
            }
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
            attach(&mut headers, self.call.auth, &self.lane.secret).map_err(|error| unfit(error.to_string()))?;
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
        let headers = shown_headers(response.headers(), &self.lane.secret);
        if status == 304 && self.call.conditional && state.tags.contains_key(&self.call.url) {
            return Ok(Received { status, headers, body: Body::empty(), tries: 0 });
        }
        if !(200..300).contains(&status) {
            return Err(self.refused(hop, response).await);
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

    /// Reads what a vendor says when it says no. A body that breaks off is no worse than none here.
    async fn refused(&self, hop: &Hop, mut response: Response) -> Failure {
        let (status, headers) = (response.status(), shown_headers(response.headers(), &self.lane.secret));
        let mut bytes: Vec<u8> = Vec::new();
        while let Ok(Ok(Some(chunk))) = timeout_at(hop.begun + self.policy.timeout, response.chunk()).await {
            let room = REFUSAL_BYTES + REFUSAL_EDGE_BYTES - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if bytes.len() == REFUSAL_BYTES + REFUSAL_EDGE_BYTES {
                break;
            }
        }
        let mut body = redact(&String::from_utf8_lossy(&bytes), &self.lane.secret);
        body.truncate(body.floor_char_boundary(REFUSAL_BYTES));
        let refusal = Refused { status: status.as_u16(), headers, body };
        let (kind, again) = of_refusal(&refusal, (self.surroundings.clock)());
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
