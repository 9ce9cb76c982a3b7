//! The truth against what is served, added up here from the wire alone.

mod client;

use client::{Vendors, json, millionths, number, small};
use serde_json::Value;
use sha2::Digest as _;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::{Day, Window};
use tacho_simulator::{Config, Delivery, Figures, Kind, Simulator, Tool};

#[tokio::test]
async fn copilot_rows_add_up_to_the_truth() {
    let vendors = Vendors::start(small()).await;
    let truth = vendors.running.truth();
    let window = truth.history();
    let (mut sums, mut active) = (Figures::default(), BTreeSet::new());
    for day in window.days() {
        let Some(rows) = vendors.users_of(day).await else {
            assert!(truth.rows(Tool::Copilot, day).is_none(), "{day}");
            continue;
        };
        assert_eq!(rows.len(), truth.rows(Tool::Copilot, day).unwrap().len(), "{day}");
        for row in &rows {
            let completions = row["totals_by_feature"].as_array().unwrap().iter().find(|f| f["feature"] == "code_completion");
            let kept = completions.map_or(0, |f| number(f, "/code_acceptance_activity_count"));
            let prompts = number(row, "/user_initiated_interaction_count");
            sums.add(&Figures {
                interactions: Some(prompts + kept),
                suggestions: Some(completions.map_or(0, |f| number(f, "/code_generation_activity_count"))),
                acceptances: Some(kept),
                lines_added: Some(number(row, "/loc_added_sum")),
                lines_removed: Some(number(row, "/loc_deleted_sum")),
                credits_micros: Some(millionths(row, "/ai_credits_used", 1e6)),
                ..Figures::default()
            });
            if prompts + kept > 0 || row["used_cli"] == true || row["used_copilot_code_review_active"] == true {
                active.insert(row["user_id"].as_i64().unwrap());
            }
        }
    }
    let expected = truth.sums(window, Tool::Copilot).unwrap();
    assert!(sums.interactions > Some(500), "a small organization is not an idle one: {sums:?}");
    assert_eq!(
        (sums.interactions, sums.suggestions, sums.acceptances),
        (expected.interactions, expected.suggestions, expected.acceptances)
    );
    assert_eq!((sums.lines_added, sums.lines_removed), (expected.lines_added, expected.lines_removed));
    assert_eq!(sums.credits_micros, expected.credits_micros);
    assert_eq!(truth.lines(window, Tool::Copilot), Some((sums.lines_added.unwrap(), sums.lines_removed.unwrap())));
    let answer = truth.active_by_tool(window, Tool::Copilot);
    assert_eq!(answer.members + answer.unmatched, active.len());
    assert_eq!(answer.unmatched, 1, "the contractor matches nobody");
}

#[tokio::test]
async fn claude_rows_add_up_to_the_truth() {
    let vendors = Vendors::start(small()).await;
    let truth = vendors.running.truth();
    let window = truth.history();
    let (mut sessions, mut accepted, mut decided, mut cost, mut billed) = (0, 0, 0, 0, 0);
    let mut active = BTreeSet::new();
    for day in window.days() {
        for row in vendors.claude_of(day, 1_000).await {
            assert!(row["date"].as_str().unwrap().starts_with(&day.to_string()));
            sessions += number(&row, "/core_metrics/num_sessions");
            let lines = number(&row, "/core_metrics/lines_of_code/added") + number(&row, "/core_metrics/lines_of_code/removed");
            for action in row["tool_actions"].as_object().unwrap().values() {
                accepted += number(action, "/accepted");
                decided += number(action, "/accepted") + number(action, "/rejected");
            }
            for model in row["model_breakdown"].as_array().unwrap() {
                let micros = millionths(model, "/estimated_cost/amount", 1e4);
                cost += micros;
                billed += if row["customer_type"] == "api" { micros } else { 0 };
            }
            if number(&row, "/core_metrics/num_sessions") + lines > 0 {
                let name = row.pointer("/actor/email_address").or(row.pointer("/actor/api_key_name"));
                active.insert(name.unwrap().as_str().unwrap().to_lowercase());
            }
        }
    }
    assert_eq!(truth.interactions(window, Tool::Claude), Some(sessions));
    let edits = truth.edits(window, Tool::Claude).unwrap();
    assert_eq!((edits.accepted, edits.offered), (accepted, decided));
    assert_eq!(truth.cost(window, Tool::Claude), Some((cost, billed)));
    let answer = truth.active_by_tool(window, Tool::Claude);
    assert_eq!((answer.members + answer.unmatched, answer.unmatched), (active.len(), 1));
}

#[tokio::test]
async fn cursor_rows_and_events_add_up_to_the_truth() {
    let vendors = Vendors::start(small()).await;
    let truth = vendors.running.truth();
    let window = Window::ending(truth.history().to, 30);
    let (mut tabs, mut interactions, mut requests, mut active) = ([0, 0], 0, 0, BTreeSet::new());
    for row in vendors.daily_usage_of(window).await {
        tabs[0] += number(&row, "/totalTabsAccepted");
        tabs[1] += number(&row, "/totalTabsShown");
        let asked: i64 =
            ["/composerRequests", "/chatRequests", "/agentRequests", "/cmdkUsages"].map(|p| number(&row, p)).iter().sum();
        assert_eq!(asked, number(&row, "/subscriptionIncludedReqs") + number(&row, "/usageBasedReqs"));
        requests += asked;
        interactions += asked + number(&row, "/totalTabsAccepted");
        if row["isActive"] == true {
            active.insert(row["email"].as_str().unwrap().to_owned());
        }
    }
    let events = vendors.events_of(window, 1_000).await;
    let of_people = events.iter().filter(|event| event.get("serviceAccountId").is_none()).count();
    assert_eq!(i64::try_from(of_people).unwrap(), requests, "one event for each request");
    let cost = events.iter().map(|event| millionths(event, "/chargedCents", 1e4)).sum();
    let billed = events.iter().filter(|e| e["isChargeable"] == true).map(|e| millionths(e, "/chargedCents", 1e4)).sum();
    assert_eq!(truth.cost(window, Tool::Cursor), Some((cost, billed)));
    assert_eq!(truth.interactions(window, Tool::Cursor), Some(interactions));
    let completions = truth.completions(window, Tool::Cursor).unwrap();
    assert_eq!([completions.accepted, completions.offered], tabs);
    let answer = truth.active_by_tool(window, Tool::Cursor);
    assert_eq!((answer.members, answer.unmatched), (active.len(), 0), "a service account is never active");
}

/// Everything the helpers say, again from the rows of `truth.json`.
#[test]
fn the_helpers_agree_with_the_written_truth() {
    for members in [5, 60] {
        let truth = Simulator::truth(Config { members, days: 70, ..Config::new(3, client::today()) });
        let written: Value = serde_json::from_str(&truth.to_json()).unwrap();
        let is_member: Vec<bool> = written["people"].as_array().unwrap().iter().map(|p| p["kind"] == "member").collect();
        let window = Window::ending(truth.history().to.minus(3), 28);
        let (mut active, mut interactions) = (BTreeSet::new(), BTreeMap::<String, i64>::new());
        for day in written["days"].as_array().unwrap() {
            let date: Day = day["day"].as_str().unwrap().parse().unwrap();
            for row in day["rows"].as_array().unwrap().iter().filter(|_| window.contains(date)) {
                let person = usize::try_from(number(row, "/person")).unwrap();
                if row["active"] == true {
                    active.insert(person);
                }
                *interactions.entry(day["tool"].as_str().unwrap().to_owned()).or_default() += number(row, "/interactions");
            }
        }
        let answer = truth.active_members(window);
        assert_eq!(answer.members, active.iter().filter(|person| is_member[**person]).count());
        assert_eq!(answer.unmatched, active.len() - answer.members);
        for tool in Tool::ALL {
            assert_eq!(truth.interactions(window, tool), interactions.get(tool.id()).copied(), "{members} {tool:?}");
        }
        let all: i64 = interactions.values().sum();
        assert_eq!(truth.interactions_by_day(window).values().sum::<i64>(), all);
        let (matched, everybody) = truth.coverage(window);
        assert!(matched < everybody && everybody == all);
        let bills: i64 = written["bills"].as_array().unwrap().iter().map(|bill| number(bill, "/gross_micros")).sum();
        assert_eq!(truth.cost(truth.history(), Tool::Copilot).unwrap().0, bills);
        assert_eq!(written["seats"]["github_copilot"], truth.seats(Tool::Copilot).unwrap());
        for member in truth.members(window) {
            let most = member.active_days_by_tool.values().copied().max().unwrap_or(0);
            let sum: usize = member.active_days_by_tool.values().sum();
            assert!((most..=sum).contains(&member.active_days));
        }
    }
}

#[test]
fn every_size_has_every_kind_of_person() {
    for members in [5, 60, 400] {
        let people = Simulator::truth(Config { members, ..Config::new(1, client::today()) }).people();
        assert_eq!(people.iter().filter(|p| p.kind == Kind::Member).count(), members as usize);
        for tools in 1..=3 {
            assert!(people.iter().any(|p| p.kind == Kind::Member && p.tools.len() == tools), "{members} {tools}");
        }
        assert!(people.iter().any(|p| p.tools.is_empty() && p.copilot_seat), "a seat nobody uses");
        let strangers: Vec<_> = people.iter().filter(|p| p.email.is_none()).map(|p| p.kind).collect();
        assert_eq!(strangers, [Kind::StrangerLogin, Kind::ApiKey, Kind::ServiceAccount]);
        if members > 5 {
            assert!(people.iter().any(|p| p.left.is_some()) && people.iter().any(|p| p.joined > client::today().minus(180)));
            assert!(people.iter().any(|p| p.tools.is_empty() && !p.copilot_seat), "someone without any tool");
            assert!(people.iter().any(|p| p.teams.len() == 2));
        }
    }
}

#[test]
fn weekends_are_low_and_use_grows() {
    let truth = Simulator::truth(Config { members: 200, ..Config::new(11, client::today()) });
    let people = |window: Window, workday: bool| {
        let days: Vec<Day> = window.days().filter(|day| day.is_workday() == workday).collect();
        days.iter().map(|day| truth.active_members(Window::day(*day)).members).sum::<usize>() / days.len()
    };
    let history = truth.history();
    let (first, last) = (Window { from: history.from, to: history.from.plus(27) }, Window::ending(history.to.minus(3), 28));
    assert!(people(last, false) * 5 < people(last, true));
    assert!(people(first, true) * 12 < people(last, true) * 10);
}

/// A day costs what its people do; nobody generates the years around it.
#[test]
fn any_day_of_five_thousand_people_and_three_years_is_there_at_once() {
    let truth = Simulator::truth(Config { members: 5_000, days: 1_095, teams: 40, ..Config::new(2, client::today()) });
    let history = truth.history();
    assert_eq!(history.len(), 1_095);
    let (first, last) = (history.from.plus(2), history.to.minus(4));
    for tool in [Tool::Claude, Tool::Cursor] {
        assert!(truth.rows(tool, first).unwrap().len() > 100 && truth.rows(tool, last).unwrap().len() > 300, "{tool:?}");
    }
    assert!(truth.rows(Tool::Copilot, last).unwrap().len() > 1_000);
    assert_eq!(truth.rows(Tool::Copilot, first), None, "Copilot keeps a year");
    let emails: BTreeSet<_> = truth.people().into_iter().filter_map(|person| person.email).collect();
    assert_eq!(emails.len(), 5_000);
}

/// Another machine, another compiler or another order of draws shows here.
const PINNED: &str = "c8852a409f2abcbf7f12d866c3698ec18d01713eb6a4e5645fd02d99269fd07e";
/// The same with pull requests and deployments.
const PINNED_WITH_DELIVERY: &str = "4867358eb81790a64dacf4d54c86a5aec26a910e96962b4a6b37549d03b373b8";

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let config = Config { members: 20, days: 30, ..Config::new(5, client::today()) };
    let fingerprint = |text: &str| hex::encode(sha2::Sha256::digest(text.as_bytes()));
    let first = Simulator::truth(config.clone()).to_json();
    assert_eq!(fingerprint(&first), PINNED_WITH_DELIVERY);
    let none = Delivery { enabled: false, ..Delivery::default() };
    assert_eq!(fingerprint(&Simulator::truth(Config { delivery: none, ..config.clone() }).to_json()), PINNED);
    assert_eq!(first, Simulator::truth(config.clone()).to_json());
    assert_ne!(first, Simulator::truth(Config { seed: 6, ..config.clone() }).to_json());
    let (one, two) = (Vendors::start(config.clone()).await, Vendors::start(config.clone()).await);
    let other = Vendors::start(Config { seed: 6, ..config }).await;
    let day = client::today().minus(9);
    assert_eq!(one.users_of(day).await, two.users_of(day).await);
    assert_ne!(one.users_of(day).await, other.users_of(day).await);
    assert_eq!(one.claude_of(day, 100).await, two.claude_of(day, 100).await);
    let bodies = |vendors: &Vendors| json(vendors.cursor("/teams/filtered-usage-events", &client::range(Window::day(day))));
    let (left, right) = (bodies(&one), bodies(&two));
    assert_eq!(left.await, right.await);
    assert_eq!(one.running.secrets(), two.running.secrets());
    assert_ne!(one.running.secrets(), other.running.secrets());
}
