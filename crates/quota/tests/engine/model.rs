//! A thousand random lives of one process and of two: started, stopped, clicked, configured, signed in and out, with the wall
//! clock set to and fro. What holds in all of them is written below.

use crate::answers::Answer::{self, Fails, Used, Wait};
use crate::answers::Question;
use crate::scene::{Scene, only, session, settle};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tacho_connectors::FailureKind;
use tacho_quota::{Options, Quotas, Source, Trigger, fingerprint};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const VARIABLES: &[(&str, &str)] = &[("GH_TOKEN", "gho_gh"), ("TACHO_STATUS_CURSOR_TOKEN", "cookie")];

/// Something that happens to one of the processes.
#[derive(Debug, Clone)]
enum Event {
    Start,
    Stop,
    Trigger(Trigger),
    Configure {
        seconds: u64,
        with_cursor: bool,
    },
    SignIn(u8),
    SignOutOfEditor,
    SignOut(Source),
    Pass(u64),
    /// The process ends and another begins.
    Restart,
    StepClock(i64),
}

fn events(clock_steps: bool) -> impl Strategy<Value = Vec<(bool, Event)>> {
    let trigger = prop_oneof![Just(Trigger::Tick), Just(Trigger::Person), Just(Trigger::SessionChanged)];
    let odd = if clock_steps { (-90_000i64..90_000).prop_map(Event::StepClock).boxed() } else { Just(Event::Restart).boxed() };
    let event = prop_oneof![
        3 => Just(Event::Start),
        2 => Just(Event::Stop),
        5 => trigger.prop_map(Event::Trigger),
        2 => (0u64..400, any::<bool>()).prop_map(|(seconds, with_cursor)| Event::Configure { seconds, with_cursor }),
        2 => (0u8..3).prop_map(Event::SignIn),
        1 => Just(Event::SignOutOfEditor),
        1 => prop_oneof![Just(Source::Copilot), Just(Source::Cursor)].prop_map(Event::SignOut),
        8 => (0u64..400).prop_map(Event::Pass),
        2 => odd,
    ];
    // With a clock that steps there is one process only: another could not know by how much it was set.
    proptest::collection::vec((if clock_steps { Just(false).boxed() } else { any::<bool>().boxed() }, event), 1..40)
}

fn answers() -> impl Strategy<Value = Vec<(Answer, Duration)>> {
    let kind = proptest::sample::select(FailureKind::ALL.to_vec());
    let answer = prop_oneof![4 => (0i64..200).prop_map(Used), 3 => kind.prop_map(Fails), 1 => (1i64..2_000).prop_map(Wait)];
    let slowly = (answer, (0u64..25).prop_map(Duration::from_secs));
    proptest::collection::vec(slowly, 1..40)
}

/// One process in its life.
struct Process {
    quotas: Arc<Quotas>,
    runs: Vec<(CancellationToken, JoinHandle<()>)>,
    /// What the editor is signed in with.
    signed_in: Option<u8>,
}

impl Process {
    fn begin(scene: &Scene) -> Self {
        Self { quotas: scene.process_of(options(60, true), VARIABLES), runs: Vec::new(), signed_in: None }
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(&mut self, work: impl FnOnce(Arc<Quotas>, CancellationToken) -> F) {
        let cancel = CancellationToken::new();
        let task = tokio::spawn(work(Arc::clone(&self.quotas), cancel.clone()));
        self.runs.push((cancel, task));
    }

    async fn end(&mut self) {
        for (cancel, task) in self.runs.drain(..) {
            cancel.cancel();
            task.await.unwrap();
        }
    }
}

fn options(seconds: u64, with_cursor: bool) -> Options {
    let sources: &[Source] = if with_cursor { &[Source::Copilot, Source::Cursor] } else { &[Source::Copilot] };
    Options { interval: Duration::from_secs(seconds), ..only(sources) }
}

fn token(n: u8) -> String {
    format!("gho_{n}")
}

/// What must be known in the end: the last good answer of each account that nobody has signed out of since.
#[derive(Debug, Default)]
struct Model {
    forgotten: Vec<(Source, Option<String>, usize)>,
}

impl Model {
    /// What was told so far about a source, or about one account of it, is to be forgotten.
    fn forget(&mut self, scene: &Scene, source: Source, account: Option<String>) {
        self.forgotten.push((source, account, scene.answers.count()));
    }

    fn known(&self, questions: &[Question]) -> BTreeMap<(Source, String), i64> {
        let mut known = BTreeMap::new();
        for (at, question) in questions.iter().enumerate() {
            let is_forgotten = self.forgotten.iter().any(|(source, account, count)| {
                *source == question.source && account.as_ref().is_none_or(|of| *of == question.account) && at < *count
            });
            if let Some(Used(used)) = question.answer.filter(|_| !is_forgotten) {
                known.insert((question.source, question.account.clone()), used);
            }
        }
        known
    }
}

async fn happen(scene: &Scene, process: &mut Process, model: &mut Model, event: Event) {
    match event {
        Event::Start => process.spawn(|quotas, cancel| async move { quotas.run(&cancel).await }),
        Event::Stop => process.end().await,
        Event::Trigger(trigger) => process.spawn(move |quotas, cancel| async move {
            quotas.refresh(trigger, &cancel).await;
        }),
        Event::Configure { seconds, with_cursor } => process.quotas.configure(options(seconds, with_cursor)),
        Event::SignIn(n) => sign_in(scene, process, model, Some(n)),
        Event::SignOutOfEditor => sign_in(scene, process, model, None),
        Event::SignOut(source) => {
            model.forget(scene, source, None);
            process.quotas.sign_out(source);
        }
        Event::Pass(seconds) => sleep(Duration::from_secs(seconds)).await,
        Event::Restart => {
            process.end().await;
            *process = Process::begin(scene);
        }
        Event::StepClock(seconds) => scene.step_seconds(seconds),
    }
    settle().await;
}

fn sign_in(scene: &Scene, process: &mut Process, model: &mut Model, next: Option<u8>) {
    if let Some(last) = process.signed_in.filter(|last| Some(*last) != next) {
        model.forget(scene, Source::Copilot, Some(fingerprint(Source::Copilot, &token(last).into())));
    }
    process.signed_in = next;
    process.quotas.set_session(next.map(|n| session(None, &token(n))));
}

/// Lives one life and holds it against the laws.
async fn live(events: Vec<(bool, Event)>, answers: Vec<(Answer, Duration)>) -> Result<usize, TestCaseError> {
    let scene = Scene::new();
    scene.answers.say_slowly(answers);
    let mut model = Model::default();
    let mut processes = [Process::begin(&scene), Process::begin(&scene)];
    let has_person = events.iter().any(|(_, event)| matches!(event, Event::Trigger(Trigger::Person)));
    for (second, event) in events {
        happen(&scene, &mut processes[usize::from(second)], &mut model, event).await;
    }
    for process in &mut processes {
        process.end().await;
    }
    let questions = scene.answers.questions.lock().unwrap().clone();
    prop_assert!(scene.answers.most_at_once() <= 1, "two questions at once");
    polite(&questions, has_person)?;
    let state = scene.written();
    let held = state.entries.iter().filter_map(|entry| {
        let used = entry.usage.as_ref()?.meters[0].used().0 / 1_000;
        Some(((entry.source, entry.account.clone()), used))
    });
    prop_assert_eq!(held.collect::<BTreeMap<_, _>>(), model.known(&questions), "what is known, and what should be");
    Ok(questions.len())
}

/// Never more questions about an account than allowed, and none while its vendor wants to be left alone.
fn polite(questions: &[Question], has_person: bool) -> Result<(), TestCaseError> {
    let mut by_account: BTreeMap<(Source, &str), Vec<&Question>> = BTreeMap::new();
    for question in questions {
        by_account.entry((question.source, &question.account)).or_default().push(question);
    }
    for questions in by_account.values() {
        for pair in questions.windows(2) {
            let gap = (pair[1].at - pair[0].at).as_secs();
            prop_assert!(gap >= if has_person { 60 } else { 300 }, "{:?}", pair);
            if let Some(Wait(seconds)) = pair[0].answer {
                let waited = (pair[1].at - pair[0].answered).as_secs();
                prop_assert!(waited >= seconds.unsigned_abs(), "it asked to wait: {:?}", pair);
            }
        }
        for three in questions.windows(3) {
            prop_assert!((three[2].at - three[0].at).as_secs() >= 300, "one more, and not two: {:?}", three);
        }
    }
    Ok(())
}

fn lives(cases: u32, clock_steps: bool) {
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let asked = std::cell::Cell::new(0);
    let outcome = runner.run(&(events(clock_steps), answers()), |(events, answers)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        asked.set(asked.get() + runtime.block_on(live(events, answers))?);
        Ok(())
    });
    outcome.unwrap();
    assert!(asked.get() > cases as usize, "the lives were too quiet to say anything: {} questions", asked.get());
}

#[test]
fn five_hundred_lives_with_a_clock_that_is_set_to_and_fro() {
    lives(500, true);
}

#[test]
fn five_hundred_lives_of_two_processes_that_share_the_state_file() {
    lives(500, false);
}
