//! The list of the Delivery report: each pull request with the tier that its evidence has in truth, and with the agents that
//! left the signs.

use crate::filled::{column, on_each_engine_with_delivery, table};
use crate::stage::today;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::delivery::{AuthorKind, Tier};
use tacho_domain::report::ReportName;
use tacho_simulator::{Config, PullTruth};

fn small() -> Config {
    Config { members: 12, teams: 2, days: 60, ..Config::new(7, today()) }
}

/// What agents are called, by the ids that the simulator's have.
const NAMES: [(&str, &str); 6] = [
    ("claude_code", "Claude Code"),
    ("copilot", "GitHub Copilot"),
    ("cursor", "Cursor"),
    ("codex", "Codex"),
    ("devin", "Devin"),
    ("jules", "Jules"),
];

/// The names of the agents in a reason: what stands before each colon.
fn agents(why: &str) -> BTreeSet<&str> {
    why.split("; ").filter_map(|part| Some(part.split_once(": ")?.0)).collect()
}

#[tokio::test]
async fn each_pull_request_says_why_it_is_counted_and_which_agent_left_the_signs() {
    on_each_engine_with_delivery(small, async |filled| {
        let question = filled.question();
        let mut report = filled.report(&ReportName::Delivery, &question).await;
        filled.store.name_agents(filled.organization, &filled.profiles, &mut report).await.unwrap();
        let list = table(&report, "pull_requests");
        let words = |id: &str| column(list, id).into_iter().map(|cell| cell.words().unwrap()).collect::<Vec<&str>>();
        let (names, tiers, whys) = (words("pull_request"), words("tier"), words("why"));
        let shown: BTreeMap<&str, (&str, &str)> = names.into_iter().zip(tiers.into_iter().zip(whys)).collect();
        let truth: Vec<PullTruth> =
            filled.truth.pull_requests(question.window).filter(|it| it.author_kind != AuthorKind::Bot).collect();
        assert_eq!(shown.len(), truth.len());
        let mut named = BTreeSet::new();
        for (it, tier) in truth.iter().zip(filled.truth.tiers(truth.iter())) {
            let name = format!("{}#{}", it.repository, it.number);
            let (found, why) = shown[name.as_str()];
            assert_eq!(found, tier.map_or("no evidence", Tier::as_str), "{name}: {why}");
            let left: BTreeSet<&str> = it.signals.iter().map(|(_, agent)| called(agent)).collect();
            assert_eq!(agents(why), left, "{name}: {why}");
            assert_eq!(why.is_empty(), tier.is_none(), "{name}: {why}");
            let signs = why.split("; ").filter(|part| part.contains(": ")).flat_map(|part| part.split(", ")).count();
            assert_eq!(signs, it.signals.len(), "{name}: {why}");
            named.extend(left);
        }
        assert!(named.len() >= 3, "several agents are met: {named:?}");
    })
    .await;
}

fn called(agent: &str) -> &'static str {
    let known = NAMES.into_iter().find(|(id, _)| *id == agent);
    known.unwrap_or_else(|| panic!("no name of {agent}")).1
}
