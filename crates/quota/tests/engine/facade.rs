//! What whoever uses the facade may rely on.

use crate::answers::Answer::{Fails, Used, Wait};
use crate::scene::{Scene, given, only, session, settle};
use std::sync::Arc;
use std::time::Duration;
use tacho_connectors::FailureKind::{Auth, Network, Server};
use tacho_quota::{Entry, Options, Places, Quotas, RefreshLock, Source, State, Tokens, Trigger, fingerprint};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const STATUS: &[(&str, &str)] = &[("TACHO_STATUS_GITHUB_TOKEN", "gho_one")];

fn account(token: &str) -> String {
    fingerprint(Source::Copilot, &token.into())
}

/// How much of Copilot is used, in whole units.
fn used(state: &State) -> Option<i64> {
    Some(state.present(Source::Copilot)?.usage.as_ref()?.meters[0].used().0 / 1_000)
}

fn present(state: &State) -> &Entry {
    state.present(Source::Copilot).unwrap()
}

async fn pass(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_keeps_the_number_and_says_why_and_the_next_answer_heals_it() {
    let scene = Scene::new();
    scene.answers.say([Used(50), Fails(Server), Used(51)]);
    let quotas = scene.process(STATUS);
    let first = quotas.refresh(Trigger::Tick, &scene.cancel).await;
    assert_eq!((used(&first.state), first.from_cache), (Some(50), false));
    pass(300).await;
    let second = quotas.refresh(Trigger::Tick, &scene.cancel).await;
    let entry = present(&second.state);
    assert_eq!((used(&second.state), entry.failures, entry.error.as_ref().unwrap().kind), (Some(50), 1, Server));
    assert_eq!(second.errors.iter().map(|(source, _)| *source).collect::<Vec<_>>(), [Source::Copilot]);
    pass(400).await;
    let third = quotas.refresh(Trigger::Tick, &scene.cancel).await;
    assert_eq!((used(&third.state), present(&third.state).failures), (Some(51), 0));
    assert_eq!(present(&third.state).error, None);
    assert_eq!(*third.state, scene.written());
}

#[tokio::test(start_paused = true)]
async fn another_process_begins_with_what_the_first_learned_and_asks_nothing() {
    let scene = Scene::new();
    scene.answers.say([Used(50)]);
    scene.process(STATUS).refresh(Trigger::Tick, &scene.cancel).await;
    pass(299).await;
    let second = scene.process(STATUS);
    assert_eq!(used(&second.state()), Some(50));
    let change = second.refresh(Trigger::Tick, &scene.cancel).await;
    assert!(change.from_cache && scene.answers.count() == 1);
    pass(1).await;
    assert!(!second.refresh(Trigger::Tick, &scene.cancel).await.from_cache);
}

#[tokio::test(start_paused = true)]
async fn while_another_process_asks_nothing_is_asked_and_its_answer_is_seen_after() {
    let scene = Scene::new();
    let folder = scene.places().state.unwrap();
    let quotas = scene.process(STATUS);
    let held = RefreshLock::try_take(&folder).unwrap();
    let change = quotas.refresh(Trigger::Person, &scene.cancel).await;
    assert!(change.from_cache && scene.answers.count() == 0);
    scene.answers.say([Used(7)]);
    drop(held);
    scene.process(STATUS).refresh(Trigger::Tick, &scene.cancel).await;
    let change = quotas.refresh(Trigger::Tick, &scene.cancel).await;
    assert_eq!((used(&change.state), change.from_cache, scene.answers.count()), (Some(7), true, 1));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_gives_way_to_the_next_once_and_comes_back_when_its_time_has_come() {
    let scene = Scene::new();
    scene.answers.say([Fails(Auth), Used(20)]);
    let quotas = scene.process(&[("TACHO_STATUS_GITHUB_TOKEN", "gho_one"), ("GH_TOKEN", "gho_two")]);
    let change = quotas.refresh(Trigger::Tick, &scene.cancel).await;
    assert_eq!((used(&change.state), scene.answers.count(), change.errors.len()), (Some(20), 2, 1));
    assert_eq!(change.state.current[&Source::Copilot], account("gho_two"));
    pass(60).await;
    quotas.refresh(Trigger::SessionChanged, &scene.cancel).await;
    assert_eq!((scene.answers.count(), used(&quotas.state())), (2, Some(20)), "neither is due");
    pass(600).await;
    quotas.refresh(Trigger::SessionChanged, &scene.cancel).await;
    assert_eq!(quotas.state().current[&Source::Copilot], account("gho_one"), "it may have been a mistake of the vendor");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_without_another_asks_to_sign_in_and_keeps_the_number() {
    let scene = Scene::new();
    scene.answers.say([Used(20), Fails(Auth)]);
    let quotas = scene.process(STATUS);
    quotas.refresh(Trigger::Tick, &scene.cancel).await;
    pass(300).await;
    let change = quotas.refresh(Trigger::Tick, &scene.cancel).await;
    assert_eq!((used(&change.state), scene.answers.count()), (Some(20), 2));
    assert_eq!(present(&change.state).error.as_ref().unwrap().kind, Auth);
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_asks_to_wait_is_not_asked_by_a_person_and_not_by_another_process() {
    let scene = Scene::new();
    scene.answers.say([Wait(1_000), Used(3)]);
    let quotas = scene.process(STATUS);
    quotas.refresh(Trigger::Tick, &scene.cancel).await;
    assert_eq!(present(&quotas.state()).not_before, Some(scene.now().plus_seconds(1_000)));
    pass(999).await;
    quotas.refresh(Trigger::Person, &scene.cancel).await;
    scene.process(STATUS).refresh(Trigger::Person, &scene.cancel).await;
    assert_eq!(scene.answers.count(), 1);
    pass(1).await;
    quotas.refresh(Trigger::Person, &scene.cancel).await;
    assert_eq!((scene.answers.count(), present(&quotas.state()).not_before), (2, None));
}

#[tokio::test(start_paused = true)]
async fn a_person_may_have_one_more_after_a_minute() {
    let scene = Scene::new();
    let quotas = scene.process(STATUS);
    let mut counts = Vec::new();
    for pause in [0, 59, 1, 60, 239, 1] {
        pass(pause).await;
        quotas.refresh(Trigger::Person, &scene.cancel).await;
        counts.push(scene.answers.count());
    }
    assert_eq!(counts, [1, 1, 2, 2, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn signing_out_forgets_at_once_even_while_the_answer_is_on_its_way() {
    let scene = Scene::new();
    scene.answers.say([Used(50)]);
    let quotas = scene.process(&[]);
    quotas.set_session(Some(session(Some("octocat"), "gho_editor")));
    let running = tokio::spawn({
        let (quotas, cancel) = (Arc::clone(&quotas), scene.cancel.clone());
        async move { quotas.run(&cancel).await }
    });
    settle().await;
    assert_eq!(used(&quotas.state()), Some(50));
    scene.answers.say_slowly([(Used(60), Duration::from_secs(20))]);
    pass(310).await;
    assert_eq!((used(&quotas.state()), scene.answers.count()), (Some(50), 1), "the second question is on its way");
    quotas.set_session(None);
    assert_eq!(quotas.state().current.get(&Source::Copilot), None);
    pass(30).await;
    let written = scene.written();
    let mine = written.find(Source::Copilot, &account("gho_editor")).unwrap();
    assert_eq!((mine.usage.as_ref(), mine.error.as_ref()), (None, None));
    assert_eq!(quotas.state().current.get(&Source::Copilot), None);
    assert_eq!(scene.answers.questions.lock().unwrap().last().unwrap().answer, None, "the question was cancelled");
    scene.cancel.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn signing_in_again_earns_no_new_question() {
    let scene = Scene::new();
    let quotas = scene.process(&[]);
    for _ in 0..5 {
        quotas.set_session(Some(session(None, "gho_editor")));
        quotas.refresh(Trigger::SessionChanged, &scene.cancel).await;
        quotas.set_session(None);
        quotas.refresh(Trigger::SessionChanged, &scene.cancel).await;
    }
    assert_eq!(scene.answers.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_account_does_not_inherit_the_number_and_a_renewed_token_does() {
    let scene = Scene::new();
    scene.answers.say([Used(50), Fails(Network)]);
    let quotas = scene.process(&[]);
    quotas.set_session(Some(session(Some("octocat"), "gho_one")));
    quotas.refresh(Trigger::SessionChanged, &scene.cancel).await;
    quotas.set_session(Some(session(Some("octocat"), "gho_renewed")));
    let change = quotas.refresh(Trigger::SessionChanged, &scene.cancel).await;
    assert_eq!((used(&change.state), change.errors.len()), (Some(50), 1), "offline, and the number is still there");
    quotas.set_session(Some(session(Some("hubot"), "gho_other")));
    assert_eq!(used(&quotas.state()), None);
    let change = quotas.refresh(Trigger::SessionChanged, &scene.cancel).await;
    assert_eq!(used(&change.state), None);
}

#[tokio::test(start_paused = true)]
async fn two_processes_with_two_accounts_do_not_turn_each_others_bar() {
    let scene = Scene::new();
    scene.answers.say([Used(10), Used(90)]);
    let (one, two) = (scene.process(STATUS), scene.process(&[("TACHO_STATUS_GITHUB_TOKEN", "gho_two")]));
    one.refresh(Trigger::Tick, &scene.cancel).await;
    two.refresh(Trigger::SessionChanged, &scene.cancel).await;
    one.refresh(Trigger::Tick, &scene.cancel).await;
    assert_eq!((used(&one.state()), used(&two.state())), (Some(10), Some(90)));
}

#[tokio::test(start_paused = true)]
async fn only_what_changed_is_told_and_a_session_wakes_the_schedule() {
    let scene = Scene::new();
    scene.answers.say([Used(1), Used(1), Used(2)]);
    let quotas = scene.process(&[]);
    let mut changes = quotas.changes();
    let running = tokio::spawn({
        let (quotas, cancel) = (Arc::clone(&quotas), scene.cancel.clone());
        async move { quotas.run(&cancel).await }
    });
    settle().await;
    assert!(changes.borrow_and_update().from_cache);
    quotas.set_session(Some(session(None, "gho_editor")));
    changes.changed().await.unwrap();
    settle().await;
    assert_eq!(used(&changes.borrow_and_update().state), Some(1));
    let begun = tokio::time::Instant::now();
    changes.changed().await.unwrap();
    assert_eq!(begun.elapsed().as_secs() / 60, 5, "ticks in between told nothing");
    scene.cancel.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_claude_code_tells_by_itself_is_shared_and_spares_its_vendor() {
    let scene = Scene::new();
    let usage = crate::answers::usage(12, scene.now());
    scene.process(&[]).push(Source::ClaudeStatusLine, usage.clone());
    assert_eq!(scene.written().present(Source::ClaudeStatusLine).unwrap().usage.as_ref(), Some(&usage));
    scene.put(".claude/.credentials.json", r#"{"claudeAiOauth": {"accessToken": "t"}}"#);
    let quotas = scene.process_of(only(&[Source::ClaudeUsage, Source::ClaudeStatusLine]), &[]);
    quotas.refresh(Trigger::Tick, &scene.cancel).await;
    assert_eq!(scene.answers.count(), 0);
    pass(300).await;
    quotas.refresh(Trigger::Tick, &scene.cancel).await;
    assert_eq!(scene.answers.count(), 1);
    quotas.push(Source::Copilot, usage);
    assert_eq!(scene.written().present(Source::Copilot), None, "nobody may speak for a vendor");
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_not_sent_and_the_fix_is_told() {
    let scene = Scene::new();
    scene.put(".claude/.credentials.json", r#"{"claudeAiOauth": {"accessToken": "t", "expiresAt": 1}}"#);
    let quotas = scene.process_of(only(&[Source::ClaudeUsage]), &[]);
    let change = quotas.refresh(Trigger::Tick, &scene.cancel).await;
    let error = change.state.present(Source::ClaudeUsage).unwrap().error.as_ref().unwrap();
    assert!(scene.answers.count() == 0 && error.kind == Auth && error.message.contains("start Claude Code"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_home_or_with_one_that_cannot_be_written_memory_does() {
    for blocked in [false, true] {
        let scene = Scene::new();
        let file = tempfile::NamedTempFile::new().unwrap();
        let state = blocked.then(|| file.path().join("no/folder"));
        let places = Places { state, ..Places::default() };
        let tokens = Tokens::new(places.clone(), given(STATUS));
        let answers = Arc::clone(&scene.answers);
        let quotas = Quotas::open(places, only(&[Source::Copilot]), answers, tokens, scene.clock());
        scene.answers.say([Used(5), Fails(Server)]);
        for seconds in [0, 1, 299] {
            pass(seconds).await;
            quotas.refresh(Trigger::Tick, &scene.cancel).await;
        }
        assert_eq!((used(&quotas.state()), scene.answers.count()), (Some(5), 2), "blocked: {blocked}");
    }
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_a_refresh_and_counts_as_no_failure() {
    let scene = Scene::new();
    scene.answers.say_slowly([(Used(5), Duration::from_mins(1))]);
    let quotas = scene.process(STATUS);
    let cancel = CancellationToken::new();
    let stopping = async {
        pass(10).await;
        cancel.cancel();
    };
    let begun = tokio::time::Instant::now();
    let (change, ()) = tokio::join!(quotas.refresh(Trigger::Tick, &cancel), stopping);
    assert_eq!(begun.elapsed().as_secs(), 10);
    let entry = present(&change.state);
    assert_eq!((entry.failures, entry.error.as_ref(), change.errors.len()), (0, None, 0));
    assert!(entry.asked_at.is_some(), "the vendor has heard it");
}

#[tokio::test(start_paused = true)]
async fn a_state_file_of_another_kind_is_replaced_by_the_next_answer() {
    let scene = Scene::new();
    scene.put(".local/state/tacho/status.json", "{\"version\": 9}");
    scene.answers.say([Used(5)]);
    let quotas = scene.process(STATUS);
    assert_eq!(*quotas.state(), State::default());
    quotas.refresh(Trigger::Tick, &scene.cancel).await;
    assert_eq!(used(&scene.written()), Some(5));
}

#[tokio::test(start_paused = true)]
async fn no_setting_makes_it_impolite() {
    let scene = Scene::new();
    let hasty = Options { interval: Duration::ZERO, ..only(&[Source::Copilot]) };
    let quotas = scene.process_of(hasty.clone(), STATUS);
    quotas.configure(hasty);
    let running = tokio::spawn({
        let (quotas, cancel) = (Arc::clone(&quotas), scene.cancel.clone());
        async move { quotas.run(&cancel).await }
    });
    pass(3_000).await;
    scene.cancel.cancel();
    running.await.unwrap();
    assert_eq!(scene.answers.count(), 10);
}

#[tokio::test(start_paused = true)]
async fn no_token_reaches_the_state_file() {
    let scene = Scene::new();
    scene.answers.say([Fails(Auth), Used(1)]);
    let quotas = scene.process(&[("TACHO_STATUS_GITHUB_TOKEN", "gho_hush_one"), ("GH_TOKEN", "gho_hush_two")]);
    quotas.set_session(Some(session(Some("octocat"), "gho_hush_three")));
    quotas.refresh(Trigger::Tick, &scene.cancel).await;
    let text = std::fs::read_to_string(scene.file().path()).unwrap();
    assert!(!text.contains("hush") && text.contains("copilot"), "{text}");
}
