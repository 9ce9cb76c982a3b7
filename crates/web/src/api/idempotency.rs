//! `Idempotency-Key`: a POST that is sent twice is done once. What it answered is kept for a day and given again, marked
//! `Idempotency-Replayed: true`. Answers that hold a secret are not kept: who repeats them is told that it was done.

use crate::access::hash;
use crate::app::Site;
use crate::caller::{Caller, Who};
use crate::problem::Problem;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::panic::{AssertUnwindSafe, resume_unwind};
use tacho_domain::OrganizationId;
use tacho_store::Claimed;
use tracing::Instrument;

/// The header's name.
pub(crate) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST_KEY: usize = 255;

/// Whether a route's answers may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// As they are.
    Kept,
    /// Only that they were given: they hold a secret.
    Secret,
}

/// What a claim is about.
struct Ask {
    site: Site,
    organization: OrganizationId,
    who: String,
    key: String,
    answers: Answers,
}

pub(crate) async fn idempotency(
    State((site, answers)): State<(Site, Answers)>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(key) = key(request.headers())? else { return Ok(next.run(request).await) };
    let Some(caller) = request.extensions().get::<Caller>() else { return Ok(next.run(request).await) };
    let ask = Ask { organization: caller.organization, who: who(caller), key, answers, site };
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE))?;
    let store = ask.site.store();
    let claimed =
        store.claim_idempotency_key(ask.organization, &ask.who, &ask.key, &fingerprint(&parts, &body), ask.site.now()).await?;
    match claimed {
        Claimed::Fresh => {}
        Claimed::Busy => {
            let detail = "The request with this `Idempotency-Key` is still being answered. Try again in a moment.";
            let problem = Problem::new(StatusCode::CONFLICT, "request-in-progress", detail);
            return Err(Problem { retry_after_seconds: Some(1), ..problem });
        }
        Claimed::Other => {
            let detail = "This `Idempotency-Key` was used before for another request. Use a new key for each request.";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail));
        }
        Claimed::Stored { status, content_type, body } => return replay(answers, status, &content_type, &body),
    }
    let request = Request::from_parts(parts, Body::from(body));
    // On a task of its own: a caller that hangs up and asks again must find the answer, not half of the work.
    let task = tokio::spawn(answer(ask, request, next).instrument(tracing::Span::current()));
    task.await.unwrap_or_else(|failed| match failed.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => Err(Problem::of_status(StatusCode::SERVICE_UNAVAILABLE)),
    })
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let wrong = || Problem::field("Idempotency-Key", format!("send 1 to {LONGEST_KEY} visible ASCII characters, once"));
    let mut values = headers.get_all(KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let visible = |text: &&str| (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    match (value.to_str().ok().filter(visible), values.next()) {
        (Some(key), None) => Ok(Some(key.to_owned())),
        _ => Err(wrong()),
    }
}

/// Keys of one caller are nothing to another.
fn who(caller: &Caller) -> String {
    match &caller.who {
        Who::User { id, .. } => format!("user {id}"),
        Who::Token { name } => format!("token {name}"),
    }
}

fn fingerprint(parts: &Parts, body: &[u8]) -> Vec<u8> {
    let address = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let kind = parts.headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let hashes = [hash(parts.method.as_str()), hash(address), hash(&hex::encode(kind)), hash(&hex::encode(body))];
    hash(&hex::encode(hashes.concat()))
}

/// Runs the handler and keeps what it answered. Refusals and failures are not kept: what was refused was not done, and may be
/// tried again under the same key once it is put right.
async fn answer(ask: Ask, request: Request, next: Next) -> Result<Response, Problem> {
    let response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            ask.release().await?;
            resume_unwind(panic);
        }
    };
    if !response.status().is_success() {
        ask.release().await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(|error| Problem::internal(&error))?;
    let location = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kept = match ask.answers {
        Answers::Kept => [location.as_bytes(), b"\n", &bytes].concat(),
        Answers::Secret => Vec::new(),
    };
    let (store, status) = (ask.site.store(), parts.status.as_u16());
    store.finish_idempotency_key(ask.organization, &ask.who, &ask.key, status, kind, &kept).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

impl Ask {
    async fn release(&self) -> Result<(), Problem> {
        Ok(self.site.store().release_idempotency_key(self.organization, &self.who, &self.key).await?)
    }
}

/// The answer that was kept: its `Location` stands before the first line's end.
fn replay(answers: Answers, status: u16, content_type: &str, kept: &[u8]) -> Result<Response, Problem> {
    if answers == Answers::Secret {
        let detail = "The request with this `Idempotency-Key` was done before. Its answer held a secret, which is shown once and \
                      not kept; remove what was made and make it anew if the secret is lost.";
        return Err(Problem::new(StatusCode::CONFLICT, "already-done", detail));
    }
    let end = kept.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (location, body) = (&kept[..end], kept.get(end + 1..).unwrap_or(&[]).to_vec());
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).map_err(|error| Problem::internal(&error))?;
    let headers = response.headers_mut();
    for (name, value) in [(header::CONTENT_TYPE, content_type.as_bytes()), (header::LOCATION, location)] {
        if let (false, Ok(value)) = (value.is_empty(), HeaderValue::from_bytes(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_reasonable_length_and_comes_once() {
        let with = |values: &[&str]| -> HeaderMap {
            values.iter().map(|value| (KEY, HeaderValue::from_bytes(value.as_bytes()).unwrap())).collect()
        };
        assert_eq!(key(&HeaderMap::new()).unwrap(), None);
        assert_eq!(key(&with(&["8e03978e-40d5"])).unwrap().as_deref(), Some("8e03978e-40d5"));
        assert!(key(&with(&[&"k".repeat(255)])).is_ok());
        for wrong in [&["a b"][..], &[""], &["schlüssel"], &[&"k".repeat(256)]] {
            assert_eq!(key(&with(wrong)).unwrap_err().more["field"], "Idempotency-Key", "{wrong:?}");
        }
        let twice: HeaderMap = {
            let mut headers = with(&["a"]);
            headers.append(KEY, HeaderValue::from_static("b"));
            headers
        };
        assert!(key(&twice).is_err());
    }

    #[test]
    fn an_answer_comes_back_with_its_place_and_a_secret_one_does_not() {
        let again = replay(Answers::Kept, 201, "application/json", b"/api/v1/users/7\n{\"id\":7}").unwrap();
        assert_eq!(
            (again.status(), &again.headers()[header::LOCATION]),
            (StatusCode::CREATED, &HeaderValue::from_static("/api/v1/users/7"))
        );
        assert_eq!(again.headers()[REPLAYED], "true");
        let none = replay(Answers::Kept, 204, "", b"\n").unwrap();
        assert!(none.headers().get(header::LOCATION).is_none() && none.headers().get(header::CONTENT_TYPE).is_none());
        assert_eq!(replay(Answers::Secret, 201, "application/json", b"").unwrap_err().slug, "already-done");
    }
}
