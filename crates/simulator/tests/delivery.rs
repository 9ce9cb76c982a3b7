//! Pull requests of the invented organization: the same every time, and with what was planted in them.
#![allow(clippy::print_stdout, reason = "the figures are for whoever runs it")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails its test")]

mod client;

use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::Window;
use tacho_domain::delivery::{AuthorKind, Tier};
use tacho_simulator::{Config, Delivery, PullTruth, Simulator, Truth};

/// A hundred people whose last 84 days nobody begins with a tool in.
fn hundred(seed: u64, effect_permille: Option<u32>) -> Config {
    let delivery = Delivery { effect_permille, abstainers_permille: 200, ..Delivery::default() };
    Config { members: 100, teams: 5, days: 420, delivery, ..Config::new(seed, client::today()) }
}

fn last(days: u32) -> Window {
    Window::ending(client::today().minus(1), days)
}

fn median(mut of: Vec<i64>) -> i64 {
    of.sort_unstable();
    of[of.len() / 2]
}

fn humans(truth: &Truth, window: Window) -> Vec<PullTruth> {
    truth.pull_requests(window).filter(|it| it.author_kind == AuthorKind::Human).collect()
}

#[test]
fn the_same_seed_gives_the_same_pull_requests_whatever_is_asked_first() {
    let (one, other) = (Simulator::truth(hundred(4, None)), Simulator::truth(hundred(4, None)));
    let backwards: Vec<Vec<PullTruth>> =
        last(30).days().rev().map(|day| other.pull_requests(Window::day(day)).collect()).collect();
    let forwards: Vec<PullTruth> = one.pull_requests(last(30)).collect();
    assert!(forwards.len() > 400, "{}", forwards.len());
    assert_eq!(forwards, backwards.into_iter().rev().flatten().collect::<Vec<_>>());
    let another = Simulator::truth(hundred(5, None));
    assert_ne!(forwards, another.pull_requests(last(30)).collect::<Vec<_>>());
}

#[test]
fn moments_come_in_their_order_and_numbers_once() {
    let truth = Simulator::truth(hundred(6, Some(750)));
    let mut seen = BTreeSet::new();
    for it in truth.pull_requests(last(84)) {
        assert!(seen.insert((it.repository_id, it.number)));
        assert_eq!(it.merged_at.day(), it.day);
        let ready = it.ready_at.unwrap_or(it.created_at);
        assert!(it.created_at <= ready && ready < it.merged_at && it.first_commit_at <= it.last_commit_at);
        assert!(it.last_commit_at < it.merged_at);
        if let Some(first) = it.first_review_at {
            assert!(ready < first && first < it.merged_at && !it.reviewers.is_empty());
        }
        if let Some(approved) = it.last_approval_at {
            assert!(it.first_review_at.unwrap() <= approved && approved < it.merged_at && it.approvals > 0);
        }
        let proofs = it.signals.iter().any(|(kind, _)| kind.tier() == Tier::Exact);
        assert_eq!(it.exact, proofs, "{it:?}");
    }
}

#[test]
fn the_planted_medians_are_there() {
    for (effect, permille) in [(None, 1_000), (Some(750), 750), (Some(1_300), 1_300)] {
        let mut by_ai: BTreeMap<bool, Vec<PullTruth>> = BTreeMap::new();
        let mut planted = None;
        for seed in 0..12 {
            let truth = Simulator::truth(hundred(seed, effect));
            planted = Some(truth.planted());
            for it in humans(&truth, last(84)) {
                by_ai.entry(it.with_ai).or_default().push(it);
            }
        }
        let planted = planted.unwrap();
        let near = |found: i64, expected: i64| {
            assert!((found - expected).abs() * 100 <= expected * 8, "{effect:?}: {found} is not near {expected}");
        };
        let of = |ai: bool, what: fn(&PullTruth) -> Option<i64>| median(by_ai[&ai].iter().filter_map(what).collect());
        assert_eq!(planted.effect_permille, permille);
        for (ai, factor) in [(false, 1_000), (true, i64::from(permille))] {
            near(of(ai, |it| Some(it.cycle_seconds())), planted.cycle_seconds * factor / 1_000);
            near(of(ai, PullTruth::pickup_seconds), planted.pickup_seconds * factor / 1_000);
            near(of(ai, PullTruth::review_seconds), planted.review_seconds * factor / 1_000);
            near(of(ai, |it| Some(it.additions + it.deletions)), planted.lines);
        }
        assert_eq!(planted.difference(72_000), 72 * (i64::from(permille) - 1_000));
    }
}

#[test]
fn every_kind_of_pull_request_comes() {
    let truth = Simulator::truth(hundred(2, Some(750)));
    let all: Vec<PullTruth> = truth.pull_requests(last(84)).collect();
    let some = |what: &str, of: &dyn Fn(&PullTruth) -> bool| {
        let count = all.iter().filter(|it| of(it)).count();
        println!("{what}: {count} of {}", all.len());
        assert!(count > 0, "{what}");
    };
    some("people's", &|it| it.author_kind == AuthorKind::Human);
    some("agents'", &|it| it.author_kind == AuthorKind::Agent);
    some("agents' of nobody known", &|it| it.author_kind == AuthorKind::Agent && it.author.is_none());
    some("bots'", &|it| it.author_kind == AuthorKind::Bot);
    some("proven", &|it| it.exact);
    some("people's and proven", &|it| it.exact && it.author_kind == AuthorKind::Human);
    some("likely", &|it| !it.exact && !it.signals.is_empty());
    some("without a trace", &|it| it.with_ai && it.signals.is_empty());
    some("drafts", &|it| it.ready_at.is_some());
    some("not reviewed", &|it| it.first_review_at.is_none());
    some("not approved", &|it| it.first_review_at.is_some() && it.last_approval_at.is_none());
    some("approved twice", &|it| it.approvals == 2);
    some("commits made anew", &|it| it.first_commit_at > it.created_at);
    some("too many commits", &|it| it.truncated);
    some("reverts", &|it| it.reverts.is_some());
    some("reverts by id only", &|it| it.reverts_commit.is_some() && it.reverts_number.is_none());
    some("reverts by branch only", &|it| it.reverts_number.is_some() && it.reverts_commit.is_none());
    some("look-alike branches", &|it| it.branch.starts_with("cursor-fix/"));
}

#[test]
fn a_busy_day_has_its_number_and_none_is_there_without_repositories() {
    let day = client::today().minus(3);
    let busy = Delivery { busy_day: Some((day, 1_234)), ..Delivery::default() };
    let truth = Simulator::truth(Config { delivery: busy, ..client::small() });
    let merged = humans(&truth, Window::day(day));
    assert_eq!(merged.len(), 1_234);
    assert_eq!(merged.iter().map(|it| (it.repository_id, it.number)).collect::<BTreeSet<_>>().len(), 1_234);
    let none = Delivery { enabled: false, ..Delivery::default() };
    let truth = Simulator::truth(Config { delivery: none, ..client::small() });
    assert_eq!(truth.pull_requests(truth.history()).count(), 0);
}

#[test]
fn a_hundred_seeds_take_seconds() {
    let began = tokio::time::Instant::now();
    let count: usize = (0..100).map(|seed| Simulator::truth(hundred(seed, Some(750))).pull_requests(last(84)).count()).sum();
    println!("{count} pull requests of 100 seeds in {:?}", began.elapsed());
    let began = tokio::time::Instant::now();
    let days: usize = (0..100)
        .map(|seed| Simulator::truth(hundred(seed, None)).use_days(last(84)).iter().map(|(_, d)| d.len()).sum::<usize>())
        .sum();
    println!("{days} days of use in {:?}", began.elapsed());
    assert!(count > 100_000);
}
