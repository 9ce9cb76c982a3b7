//! A vendor without a network: it answers as told, takes as long as told, and remembers when it was asked what.

use async_trait::async_trait;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tacho_connectors::FailureKind;
use tacho_domain::{Clock, Instant};
use tacho_quota::{ApiError, Ask, Limit, Meter, Milli, Source, Token, Unit, UsageData};
use tokio_util::sync::CancellationToken;

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// That much is used.
    Used(i64),
    /// It fails.
    Fails(FailureKind),
    /// It asks to be left alone for so many seconds.
    Wait(i64),
}

/// One question.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) source: Source,
    /// The account, as the state file calls it.
    pub(crate) account: String,
    /// By the clock that never steps.
    pub(crate) at: tokio::time::Instant,
    /// What came of it; `None`: it was cancelled.
    pub(crate) answer: Option<Answer>,
    /// When that was.
    pub(crate) answered: tokio::time::Instant,
}

/// Answers in turn, each after a while; the last one stays.
pub(crate) struct Answers {
    clock: Clock,
    script: Mutex<VecDeque<(Answer, Duration)>>,
    pub(crate) questions: Mutex<Vec<Question>>,
    under_way: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Answers {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            script: Mutex::default(),
            questions: Mutex::default(),
            under_way: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        }
    }

    pub(crate) fn say(&self, answers: impl IntoIterator<Item = Answer>) {
        self.say_slowly(answers.into_iter().map(|answer| (answer, Duration::ZERO)));
    }

    pub(crate) fn say_slowly(&self, answers: impl IntoIterator<Item = (Answer, Duration)>) {
        *self.script.lock().unwrap() = answers.into_iter().collect();
    }

    /// How often it was asked.
    pub(crate) fn count(&self) -> usize {
        self.questions.lock().unwrap().len()
    }

    /// How many questions were ever open at the same time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }

    fn next(&self) -> (Answer, Duration) {
        let mut script = self.script.lock().unwrap();
        if script.len() > 1 { script.pop_front() } else { script.front().copied() }.unwrap_or((Answer::Used(1), Duration::ZERO))
    }
}

#[async_trait]
impl Ask for Answers {
    async fn ask(
        &self,
        source: Source,
        token: Option<&Token>,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<UsageData, ApiError> {
        let at = tokio::time::Instant::now();
        let (answer, after) = self.next();
        self.most_at_once.fetch_max(self.under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let ended = cancel.run_until_cancelled(tokio::time::sleep(after)).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        let account = token.map(|token| token.account(source)).unwrap_or_default();
        let answer = ended.map(|()| answer);
        let answered = tokio::time::Instant::now();
        self.questions.lock().unwrap().push(Question { source, account, at, answer, answered });
        match answer {
            Some(Answer::Used(used)) => Ok(usage(used, now)),
            Some(Answer::Fails(kind)) => Err(error(kind, None)),
            Some(Answer::Wait(seconds)) => Err(error(FailureKind::RateLimit, Some((self.clock)().plus_seconds(seconds)))),
            None => Err(ApiError { cancelled: true, ..error(FailureKind::Unknown, None) }),
        }
    }
}

fn error(kind: FailureKind, wait_until: Option<Instant>) -> ApiError {
    let retryable = kind.is_retryable();
    ApiError { kind, retryable, wait_until, ..ApiError::validation(format!("it failed: {kind}")) }
}

/// What a source tells when that much of 100 is used.
pub(crate) fn usage(used: i64, as_of: Instant) -> UsageData {
    let meter =
        Meter::new("premium_interactions", "premium requests", Unit::Requests, Milli::whole(used), Limit::Of(Milli::whole(100)));
    UsageData { account: None, plan: None, meters: vec![meter.unwrap()], remarks: Vec::new(), as_of }
}
