//! Fetching a slice: following a vendor's calls from the first to the last, reading each reply as it comes.

use crate::connect::speaks_of_credential;
use crate::failure::{failure, fix_for, of_diagnosis, of_misread, of_repeated_page, of_send};
use crate::gathered::Gathered;
use crate::integration::Run;
use crate::pages::Pages;
use crate::read::read;
use std::collections::{BTreeSet, HashSet, VecDeque};
use tacho_connectors::{Answer, Archive, Call, FailureKind, Verdict, Wait};
use tacho_domain::{Day, Instant, Slice, StreamSpec, Window};
use tacho_store::StoredFailure;
use tacho_transport::{Body, SendError};

/// More calls than any slice of any vendor needs; a paging that never ends stops here.
const CALLS_PER_SLICE: usize = 20_000;

/// How often within a slice a vendor may ask for patience with a reply of status 200. One that never ends asking is left alone.
const WAITS_PER_SLICE: u32 = 5;

/// How often a slice begins anew because a signed link had expired before it was used.
const FRESH_LINKS: u32 = 2;

/// A slice as the vendor gave it.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    /// Facts and oddities of all replies.
    pub(crate) gathered: Gathered,
    /// Days the vendor had an answer for.
    pub(crate) answered: BTreeSet<Day>,
    /// Days of which the vendor gave a part only: they are asked for again, however old they are.
    pub(crate) partial: BTreeSet<Day>,
    /// Raw replies that may be kept.
    pub(crate) kept: Vec<Kept>,
    /// The vendor says that nothing changed since it was last asked.
    pub(crate) unchanged: bool,
}

/// A raw reply that may be kept.
pub(crate) struct Kept {
    pub(crate) step: &'static str,
    pub(crate) window: Window,
    pub(crate) status: u16,
    pub(crate) body: Body,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept({} {})", self.step, self.window)
    }
}

/// Why a slice could not be fetched, and what that means for the run.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Nothing goes on until somebody acts.
    Broken(StoredFailure),
    /// The stream is not to be had; others are.
    Unavailable(StoredFailure),
    /// The slice stays missing; the replies are worth a look by a repaired reader.
    Unreadable(StoredFailure, Vec<Kept>),
    /// Trying again later can help, not before the instant.
    Later(FailureKind, StoredFailure, Option<Instant>),
    /// It was told to stop.
    Stopped,
}

impl Trouble {
    /// Whether it is a "no" rather than a broken line or a server in trouble: what a signed link gives after its hour.
    fn is_refusal(&self) -> bool {
        use FailureKind::{Auth, Forbidden, NotFound};
        matches!(self, Self::Broken(_) | Self::Unavailable(_) | Self::Later(Auth | Forbidden | NotFound, ..))
    }
}

/// What following calls has come to so far.
#[derive(Default)]
struct Path {
    asked: HashSet<(bool, String, Option<String>)>,
    waits: u32,
    pages: Pages,
    fetched: Fetched,
}

impl Run<'_> {
    /// Fetches a slice, beginning anew where a signed link expired on the way.
    pub(crate) async fn fetch(&mut self, spec: &'static StreamSpec, slice: &Slice) -> Result<Fetched, Trouble> {
        let mut fresh_links = FRESH_LINKS;
        loop {
            match self.follow(spec, slice).await {
                Err((call, trouble)) if call.secret_url && trouble.is_refusal() && fresh_links > 0 => fresh_links -= 1,
                Err((_, trouble)) => return Err(trouble),
                Ok(fetched) => return Ok(fetched),
            }
        }
    }

    async fn follow(&mut self, spec: &'static StreamSpec, slice: &Slice) -> Result<Fetched, (Box<Call>, Trouble)> {
        let mut path = Path::default();
        let mut queue: VecDeque<Call> = self.connector.calls(spec, slice, &self.settings).into();
        while let Some(call) = queue.pop_front() {
            // What a reply leads to comes before what was waiting: signed links do not live long.
            match self.take(spec, slice, &call, &mut path).await {
                Ok(next) => next.into_iter().rev().for_each(|call| queue.push_front(call)),
                Err(trouble) => return Err((Box::new(call), trouble)),
            }
            if path.fetched.unchanged {
                break;
            }
        }
        Ok(path.fetched)
    }

    /// Sends one call and reads its reply into what was fetched so far. Gives the calls it leads to.
    async fn take(&mut self, spec: &StreamSpec, slice: &Slice, call: &Call, path: &mut Path) -> Result<Vec<Call>, Trouble> {
        let at = self.engine.now();
        let repeated = || of_repeated_page(self.connector.profile().id, call.stream, call.step, at);
        let question = (call.method == tacho_connectors::Method::Get, call.url.to_string(), call.body.clone());
        if !path.asked.insert(question.clone()) || path.asked.len() > CALLS_PER_SLICE {
            return Err(Trouble::Unreadable(repeated(), std::mem::take(&mut path.fetched.kept)));
        }
        let single = path.asked.len() == 1;
        if call.conditional && !(single && self.is_whole_and_single(spec, slice).await) {
            self.lane.forget(call).await;
        }
        self.summary.calls += 1;
        let received = match self.engine.transport().send(&self.lane, call, self.cancel).await {
            Ok(received) => received,
            Err(error) => {
                if let Some(refused) = error.refusal.as_ref().filter(|refused| speaks_of_credential(call, refused.signing_in)) {
                    self.credential.learn(self.connector.credential_facts(&refused.headers));
                }
                let lighter = self.lighter(call, &error);
                return lighter.map_or_else(|| self.refused(call, &error, at).map(|()| Vec::new()), |lighter| Ok(vec![lighter]));
            }
        };
        if speaks_of_credential(call, false) {
            self.credential.learn(self.connector.credential_facts(&received.headers));
        }
        if received.status == 304 {
            path.fetched.unchanged = true;
            return Ok(Vec::new());
        }
        let body = received.body.reader().map_err(|error| unreadable_body(&error, at))?;
        let reading = read(self.connector, call.clone(), received.status, received.headers, body).await;
        let repeat = path.pages.repeat(&reading.gathered.facts);
        path.fetched.gathered.absorb(reading.gathered);
        if call.archive == Archive::Keep {
            let kept = Kept { step: call.step, window: call.window, status: received.status, body: received.body };
            path.fetched.kept.push(kept);
        }
        if repeat {
            return Err(Trouble::Unreadable(repeated(), std::mem::take(&mut path.fetched.kept)));
        }
        match reading.outcome {
            Err(misread) => Err(Trouble::Unreadable(of_misread(&misread, at), std::mem::take(&mut path.fetched.kept))),
            Ok(read) => match read.answer {
                Answer::Given => {
                    path.fetched.answered.extend(call.window.days());
                    Ok(read.next)
                }
                Answer::Partial => {
                    path.fetched.answered.extend(call.window.days());
                    path.fetched.partial.extend(call.window.days());
                    Ok(read.next)
                }
                Answer::Nothing | Answer::ToFollow => Ok(read.next),
                Answer::Wait(wait) => {
                    path.asked.remove(&question);
                    path.waits += 1;
                    self.hold(call, wait, path.waits).await
                }
            },
        }
    }

    /// A smaller form of a call that a gateway gave up on, or that was not answered in time.
    fn lighter(&self, call: &Call, error: &SendError) -> Option<Call> {
        if !call.heavy || error.cancelled || self.cancel.is_cancelled() {
            return None;
        }
        let silence = (error.kind == FailureKind::Timeout).then_some(504);
        self.connector.lighter(call, error.status.or(silence)?)
    }

    /// Leaves the vendor alone as it asks, and gives the same call again. How long is waited inside a run is the transport's to
    /// say: a long wait ends the run, which goes on then.
    async fn hold(&self, call: &Call, wait: Wait, waits: u32) -> Result<Vec<Call>, Trouble> {
        let at = self.engine.now();
        let until = match wait {
            Wait::Until(instant) => instant,
            Wait::Seconds(seconds) => at.plus_seconds(i64::from(seconds)),
        };
        // A reset that has passed by this machine's clock would be asked at once, again and again.
        let until = until.max(at.plus_seconds(1));
        self.lane.hold(call, until).await;
        if waits <= WAITS_PER_SLICE {
            return Ok(vec![call.clone()]);
        }
        let cause = format!("The vendor's allowance is used up; it asks to wait until {until}.");
        let failure = failure(FailureKind::RateLimit, &cause, fix_for(FailureKind::RateLimit), at);
        Err(Trouble::Later(FailureKind::RateLimit, failure, Some(until)))
    }

    /// What a call without a reply means. `Ok`: there is nothing for its days, which is an answer too.
    fn refused(&self, call: &Call, error: &SendError, at: Instant) -> Result<(), Trouble> {
        if error.cancelled || self.cancel.is_cancelled() {
            return Err(Trouble::Stopped);
        }
        let Some(refused) = &error.refusal else {
            let failure = of_send(error, at);
            return Err(if error.retryable {
                Trouble::Later(error.kind, failure, error.wait_until)
            } else {
                Trouble::Unavailable(failure)
            });
        };
        let diagnosis = self.connector.diagnose(call, &refused.as_refusal());
        let failure = of_diagnosis(&diagnosis, at);
        match diagnosis.verdict {
            Verdict::NoData => Ok(()),
            Verdict::Broken => Err(Trouble::Broken(failure)),
            Verdict::StreamUnavailable => Err(Trouble::Unavailable(failure)),
            Verdict::Later => Err(Trouble::Later(diagnosis.kind, failure, error.wait_until)),
        }
    }

    /// Whether "unchanged" would be said of the whole slice: it is stored, and it came as one single reply. A first page that
    /// did not change says nothing of the second.
    async fn is_whole_and_single(&self, spec: &StreamSpec, slice: &Slice) -> bool {
        let stored = slice.window.days().all(|day| self.stored.contains_key(&(spec.id, day)));
        let (organization, integration) = (self.organization, self.integration.id);
        let kept = self.engine.store().list_archive(organization, integration, Some(spec.id), slice.window);
        stored && kept.await.is_ok_and(|entries| entries.len() == 1 && entries[0].slice == slice.window)
    }
}

fn unreadable_body(error: &std::io::Error, at: Instant) -> Trouble {
    let cause = format!("A reply that was set aside on disk could not be read back: {error}.");
    let fix = "Check the disk that holds temporary files.";
    Trouble::Later(FailureKind::Unknown, crate::failure::failure(FailureKind::Unknown, &cause, fix, at), None)
}
