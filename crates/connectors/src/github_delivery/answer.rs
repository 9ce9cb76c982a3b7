//! What every answer in GraphQL has around it. A refusal comes with the status 200: the allowance is used up, the question
//! took too long, something may not be seen.
//! <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api> (read 2026-11-21)

use super::asking::{self, lighter};
use super::{ID, MOST_RESULTS};
use crate::github_copilot::value::Count;
use crate::json::{self, Known};
use crate::{Answer, Call, Headers, Misread, Read, Reply, Sink, Wait};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tacho_domain::Instant;

/// A vendor that does not say until when is left alone for a minute (section "Exceeding the rate limit").
const UNSAID_SECONDS: u32 = 60;

/// Kinds of errors that asking again does not mend: what they are about is not for this token.
const LASTING: [&str; 4] = ["FORBIDDEN", "NOT_FOUND", "INSUFFICIENT_SCOPES", "UNAUTHORIZED"];

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Document<T> {
    #[serde(default)]
    data: Option<T>,
    #[serde(default)]
    errors: Vec<Problem>,
    #[serde(default, rename = "extensions")]
    _extensions: Known,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    r#type: Option<String>,
    message: Option<String>,
    path: Option<Vec<Value>>,
    #[serde(rename = "locations")]
    _locations: Known,
    #[serde(rename = "extensions")]
    _extensions: Known,
}

impl Problem {
    fn kind(&self) -> &str {
        self.r#type.as_deref().unwrap_or_default()
    }

    fn is_lasting(&self) -> bool {
        LASTING.contains(&self.kind())
    }

    fn says(&self, words: &str) -> bool {
        self.message.as_deref().is_some_and(|message| message.to_ascii_lowercase().contains(words))
    }
}

/// Whether somebody of the name asked for can be seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Owner {
    #[default]
    Unsaid,
    Nobody,
    Somebody,
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(if Option::<Known>::deserialize(deserializer)?.is_some() { Self::Somebody } else { Self::Nobody })
    }
}

/// A list with the number of all there are, of which only the first may have come.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", bound = "T: DeserializeOwned")]
pub(super) struct List<T> {
    total_count: Count,
    page_info: Option<PageInfo>,
    nodes: Option<Vec<Option<T>>>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { total_count: Count(None), page_info: None, nodes: None }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl<T> List<T> {
    /// What came.
    pub(super) fn items(&self) -> impl Iterator<Item = &T> {
        self.nodes.iter().flatten().flatten()
    }

    /// Whether there are more than came.
    pub(super) fn is_cut(&self) -> bool {
        let came = self.nodes.as_ref().map_or(0, Vec::len);
        self.total_count.0.is_some_and(|all| usize::try_from(all).unwrap_or(0) > came)
    }

    /// How many there are in all.
    pub(super) fn total(&self) -> Option<i64> {
        self.total_count.0
    }

    /// Where the rest begins.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.page_info.as_ref().filter(|page| page.has_next_page)?.end_cursor.as_deref()
    }
}

/// The data of an answer, and whether something is missing in it that another time may bring.
pub(super) struct Told<T> {
    pub(super) data: T,
    pub(super) partial: bool,
    /// Something in it is not for this token.
    pub(super) kept_back: bool,
}

/// Reads an answer up to its data; `Err(Ok(..))`: it was none, and what to do instead.
pub(super) fn data<T: DeserializeOwned>(
    call: &Call,
    reply: &mut Reply<'_>,
    sink: &mut dyn Sink,
) -> Result<Told<T>, Result<Read, Misread>> {
    let headers = reply.headers;
    let document: Document<T> = json::whole(ID, call, reply, sink).map_err(Err)?;
    let errors = &document.errors;
    if errors.iter().any(|error| matches!(error.kind(), "RATE_LIMITED" | "RATE_LIMIT")) {
        return Err(Ok(wait(headers)));
    }
    // "If you exceed a secondary rate limit, the response status will be 200 or 403" (read 2026-11-21).
    if errors.iter().any(|error| error.says("secondary rate limit")) {
        return Err(Ok(wait(headers)));
    }
    match document.data {
        Some(data) => {
            if let Some(error) = errors.iter().find(|error| error.is_lasting()) {
                sink.skipped_line(0, &format!("GitHub keeps a part to itself ({})", error.kind()));
            }
            let passing = errors.iter().filter(|error| !error.is_lasting()).count();
            if passing > 0 {
                sink.skipped_line(0, "GitHub answered a part of the question only; the days are asked for again");
            }
            Ok(Told { data, partial: passing > 0, kept_back: passing < errors.len() })
        }
        None => Err(refused(call, errors)),
    }
}

/// The reset of the allowance, a wait in seconds, or the usual minute.
fn wait(headers: &Headers) -> Read {
    let number = |name: &str| headers.get(name)?.trim().parse::<i64>().ok();
    let seconds = number("retry-after").and_then(|seconds| u32::try_from(seconds).ok());
    let reset = number("x-ratelimit-reset").filter(|_| number("x-ratelimit-remaining") == Some(0));
    let wait = match (seconds, reset) {
        (Some(seconds), _) => Wait::Seconds(seconds),
        (None, Some(reset)) => Wait::Until(Instant(0).plus_seconds(reset)),
        (None, None) => Wait::Seconds(UNSAID_SECONDS),
    };
    Read::more(Answer::Wait(wait), Vec::new())
}

/// No data at all. "Something went wrong while executing your query. This may be the result of a timeout" comes without a
/// kind, and a smaller question is answered.
fn refused(call: &Call, errors: &[Problem]) -> Result<Read, Misread> {
    let heavy = |error: &Problem| {
        matches!(error.kind(), "RESOURCE_LIMITS_EXCEEDED" | "MAX_NODE_LIMIT_EXCEEDED" | "SERVICE_UNAVAILABLE")
            || error.says("timeout")
            || error.says("something went wrong")
    };
    if let Some(lighter) = lighter(call).filter(|_| errors.iter().any(heavy)) {
        return Ok(Read::more(Answer::ToFollow, vec![lighter]));
    }
    // Kinds are words in capitals; anything else could repeat what was asked.
    let plain =
        |kind: &&str| !kind.is_empty() && kind.len() <= 40 && kind.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let kind = errors.iter().map(Problem::kind).find(plain);
    let found = kind.map_or_else(|| "a refusal".to_owned(), |kind| format!("a refusal of the kind {kind}"));
    Err(Misread::new(ID, call, "data", WANTED, &found))
}

const WANTED: &str = "an answer, which a token gets that may read the repositories (classic: `repo`; fine-grained or app: Pull \
                      requests, Contents and Deployments, read)";

/// Nobody of that name can be seen.
pub(super) fn nobody(call: &Call) -> Misread {
    let wanted = "an organization or user of the name in the setting `organization` that the token can see";
    Misread::new(ID, call, "data.owner", wanted, "nobody")
}

#[derive(Deserialize)]
#[serde(bound = "N: DeserializeOwned")]
struct SearchData<N> {
    #[serde(default, rename = "rateLimit")]
    _rate_limit: Known,
    #[serde(default)]
    owner: Owner,
    #[serde(default)]
    search: Option<Found<N>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "N: DeserializeOwned")]
struct Found<N> {
    issue_count: i64,
    page_info: PageInfo,
    nodes: Vec<Option<N>>,
}

/// Reads a page of a search: hands each pull request to `take`, which tells whether it could be read. A search that finds more
/// than it gives is asked again in halves, and nothing of it is taken.
pub(super) fn search<N: DeserializeOwned>(
    call: &Call,
    reply: &mut Reply<'_>,
    sink: &mut dyn Sink,
    take: &mut dyn FnMut(&N, &mut dyn Sink) -> Result<(), &'static str>,
) -> Result<Read, Misread> {
    let told = match data::<SearchData<N>>(call, reply, sink) {
        Ok(told) => told,
        Err(outcome) => return outcome,
    };
    if told.data.owner == Owner::Nobody {
        return Err(nobody(call));
    }
    let mut partial = told.partial;
    let found = told.data.search.ok_or_else(|| Misread::new(ID, call, "data.search", WANTED, "nothing"))?;
    if found.issue_count > MOST_RESULTS {
        if let Some(halves) = asking::halves(call) {
            return Ok(Read::more(Answer::ToFollow, halves));
        }
        sink.skipped_line(0, "more than 1,000 pull requests were merged in one second; GitHub gives the first thousand");
    }
    let mut came = 0;
    for (row, node) in (1..).zip(&found.nodes) {
        match node.as_ref().map(|node| take(node, sink)) {
            Some(Ok(())) => {}
            Some(Err(why)) => {
                partial = true;
                sink.skipped_line(row, why);
            }
            None => {
                partial |= !told.kept_back;
                sink.skipped_line(row, "a pull request that GitHub left out");
            }
        }
        came += 1;
    }
    let before = call.aside.as_ref().map(|aside| aside.seen);
    let seen = before.unwrap_or(0) + came;
    let cursor = found.page_info.end_cursor.as_deref().filter(|_| found.page_info.has_next_page);
    let next: Vec<Call> = cursor.and_then(|cursor| asking::next_page(call, cursor, seen)).into_iter().collect();
    let ends_early = next.is_empty() && before.is_some() && i64::try_from(seen).is_ok_and(|seen| seen < found.issue_count);
    if ends_early {
        sink.skipped_line(0, "GitHub counts more pull requests than its pages have; the days are asked for again");
    }
    Ok(Read::more(if partial || ends_early { Answer::Partial } else { Answer::Given }, next))
}
