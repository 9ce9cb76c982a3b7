//! Vendors' records of commits: evidence for the pull requests that hold those commits, whichever was read first.

use crate::delivery::{DELIVERY, fact, merged, pull};
use crate::engines;
use crate::organization::*;
use tacho_domain::delivery::{CommitRecordFact, CommitSource, PullCommitsFact, PullRequestFact, RECORD_DAYS};
use tacho_domain::report::{Question, Report, ReportName};
use tacho_domain::{Day, Fact, IdentityRef, IntegrationId, OrganizationId, StreamRole, Window};
use tacho_store::{Known, SliceWrite, Store};

/// A commit's id that begins with that number.
fn id(commit: u64) -> String {
    format!("{commit:016x}cafe00d1cafe00d1cafe00d1")
}

/// A pull request that nothing but its commits speaks for.
fn pull_of(day: Day, number: u32, commits: &[u64]) -> [Fact; 2] {
    let ada = IdentityRef::github(1, "ada");
    let pull = PullRequestFact { signals: Vec::new(), ..pull(day, 7, number, &ada) };
    [fact(pull), Fact::PullCommits(PullCommitsFact { day, repository: 7, number, commits: commits.to_vec() })]
}

fn record(day: Day, commit: u64, ai_lines: i64, repository: Option<&str>, primary: Option<bool>) -> Fact {
    Fact::CommitRecord(Box::new(CommitRecordFact {
        day,
        commit: id(commit),
        identity: Some(IdentityRef::email("ada@acme.example")),
        repository: repository.map(str::to_owned),
        branch: None,
        primary,
        source: CommitSource::Editor,
        ai_lines,
        lines: 40,
        at: None,
    }))
}

/// What is to be stored: from which of the two integrations, of which day, and what.
type Told = (bool, Day, Vec<Fact>);

fn slices() -> Vec<Told> {
    let today = NOW.day();
    let pulls = [
        // A commit of the branch is known.
        pull_of(today, 1, &[0xa1, 0xa2]),
        // It is known to have no traced line.
        pull_of(today, 2, &[0xb1]),
        // The merge itself is known, a day later.
        pull_of(today, 3, &[0xc1, 0xc2]),
        // Known for too long.
        pull_of(today, 4, &[0xd1]),
        // Nobody knows of it.
        pull_of(today, 5, &[0xe1]),
        // Two branches: of the main one it is known that no line was traced.
        pull_of(today, 6, &[0xf1]),
    ];
    let recent = vec![
        record(today.minus(2), 0xa2, 5, Some("acme/api"), Some(false)),
        record(today.minus(2), 0xb1, 0, None, None),
        record(today.minus(2), 0xf1, 7, Some("acme/api"), Some(false)),
        record(today.minus(2), 0xf1, 0, Some("acme/api"), Some(true)),
    ];
    let long_ago = today.minus(RECORD_DAYS + 1);
    vec![
        (true, today, pulls.concat()),
        (false, today.minus(2), recent),
        (false, today.plus(1), vec![record(today.plus(1), 0xc2, 1, None, Some(true))]),
        (false, long_ago, vec![record(long_ago, 0xd1, 9, None, None)]),
    ]
}

/// The organization with two integrations: the host's and the vendor's.
async fn found(store: &Store, name: &str) -> (OrganizationId, [IntegrationId; 2]) {
    let organization = store.ensure_organization(name, NOW).await.unwrap();
    let host = integration(store, organization, &DELIVERY).await;
    (organization, [host, integration(store, organization, &CLAUDE).await])
}

async fn tell(store: &Store, (organization, [host, vendor]): (OrganizationId, [IntegrationId; 2]), (of_host, day, facts): &Told) {
    let write = if *of_host { merged(host, *day, b"p", facts) } else { recorded_on(vendor, *day, b"r", facts) };
    put(store, organization, &write).await;
}

/// A slice of records.
fn recorded_on<'a>(vendor: IntegrationId, day: Day, checksum: &'a [u8], facts: &'a [Fact]) -> SliceWrite<'a> {
    SliceWrite { tool: &CLAUDE, stream: "commit_records", role: StreamRole::Delivery, ..slice(vendor, day, checksum, facts) }
}

async fn ask(store: &Store, organization: OrganizationId) -> Report {
    let question = Question::overview(organization, Window::ending(NOW.day(), 7));
    let known = Known { profiles: &TOOLS, today: NOW.day().plus(1) };
    store.report(&ReportName::Delivery, &question, &known).await.unwrap().unwrap()
}

/// Number and tier of each pull request.
fn tiers(report: &Report) -> Vec<(String, String)> {
    let table = &report.section("pull_requests").unwrap().table;
    let (pull, tier) = (table.column("pull_request").unwrap(), table.column("tier").unwrap());
    let words = |row: &Vec<tacho_domain::report::Cell>, place: usize| row[place].words().unwrap_or_default().to_owned();
    let mut tiers: Vec<_> = table.rows.iter().map(|row| (words(row, pull), words(row, tier))).collect();
    tiers.sort();
    tiers
}

/// How many pull requests are counted for that reason.
fn recorded(report: &Report, reason: &str) -> usize {
    let table = &report.section("pull_requests").unwrap().table;
    let why = table.column("why").unwrap();
    table.rows.iter().filter(|row| row[why].words() == Some(reason)).count()
}

fn orders<T: Clone>(of: &[T]) -> Vec<Vec<T>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for place in 0..of.len() {
        let mut rest = of.to_vec();
        let first = rest.remove(place);
        all.extend(orders(&rest).into_iter().map(|order| [vec![first.clone()], order].concat()));
    }
    all
}

#[tokio::test]
async fn a_recorded_commit_is_exact_evidence_in_whatever_order_it_is_told() {
    let expected = [(1, "exact"), (2, "no evidence"), (3, "exact"), (4, "no evidence"), (5, "no evidence"), (6, "no evidence")];
    let expected: Vec<_> = expected.map(|(number, tier)| (format!("acme/r7#{number}"), tier.to_owned())).into();
    for database in engines::both().await {
        let store = &database.store;
        for (number, order) in orders(&slices()).iter().enumerate() {
            let scene = found(store, &format!("Acme {number}")).await;
            for told in order {
                tell(store, scene, told).await;
            }
            let mut report = ask(store, scene.0).await;
            assert_eq!(tiers(&report), expected, "order {number}");
            assert_eq!(recorded(&report, "an agent: its vendor's record of a commit"), 2);
            store.name_agents(scene.0, &TOOLS, &mut report).await.unwrap();
            assert_eq!(recorded(&report, "Claude Code: its vendor's record of a commit"), 2);
        }
        database.drop().await;
    }
}

#[tokio::test]
async fn a_day_of_records_is_replaced_as_a_whole_and_keeps_no_text() {
    for database in engines::both().await {
        let store = &database.store;
        let scene = found(store, "Acme").await;
        for told in &slices() {
            tell(store, scene, told).await;
        }
        let exact = |report: &Report| tiers(report).iter().filter(|(_, tier)| tier == "exact").count();
        assert_eq!(exact(&ask(store, scene.0).await), 2);
        // The vendor corrects itself: no line of that commit was traced.
        let day = NOW.day().minus(2);
        let corrected = [record(day, 0xa2, 0, Some("acme/api"), Some(false))];
        assert_eq!(put(store, scene.0, &recorded_on(scene.1[1], day, b"2", &corrected)).await.rows, 1);
        assert_eq!(exact(&ask(store, scene.0).await), 1);
        // Another organization's records say nothing of this one's commits.
        let other = found(store, "Umbrella").await;
        tell(store, other, &(false, day, vec![record(day, 0xe1, 50, None, None)])).await;
        assert_eq!(exact(&ask(store, scene.0).await), 1);
        let kept = database.dump_of(&["slice_commit_records", "slice_pull_commits"]).await;
        assert_eq!(kept.len(), 5, "{kept:?}");
        assert!(kept.iter().all(|row| !row.contains("acme/api") && !row.contains(&id(0xa2))));
        assert!(store.remove_integration(scene.0, scene.1[1], false).await.unwrap());
        assert_eq!(exact(&ask(store, scene.0).await), 0, "what was read goes with the integration");
        database.drop().await;
    }
}
