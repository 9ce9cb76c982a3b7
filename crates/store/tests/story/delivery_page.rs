//! The report of delivery: every pull request once, whoever asks about few people gets nothing, and what was merged is on the
//! page of the costs.

use crate::delivery::{DELIVERY, deployed, fact, merged, pull};
use crate::engines;
use crate::members::{ADMIN, member};
use crate::organization::*;
use std::collections::BTreeSet;
use tacho_domain::delivery::{AuthorKind, ChangedFilesFact, DeploymentOutcome, PullRequestFact, Signal, SignalKind};
use tacho_domain::report::{Amount, Arrangement, Audience, Cell, Question, Report, ReportName};
use tacho_domain::{Day, Fact, IdentityRef, IntegrationId, Measure, OrganizationId, StreamRole, SubjectId, Window};
use tacho_store::{Known, SliceWrite, Store};

/// How many people there are.
const PEOPLE: i64 = 12;

fn login(number: i64) -> IdentityRef {
    IdentityRef::github(number, &format!("login-{number}"))
}

/// Twelve members who each merge one pull request on the last two days of the window and on one of the period before it,
/// with a bot's beside them; all use Copilot every day.
struct Scene {
    organization: OrganizationId,
    integration: IntegrationId,
    window: Window,
    ids: Vec<SubjectId>,
}

impl Scene {
    async fn set(store: &Store) -> Self {
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let window = Window::ending(NOW.day(), 7);
        let copilot = integration(store, organization, &COPILOT).await;
        let id = integration(store, organization, &DELIVERY).await;
        let email = |n: i64| format!("p{n}@acme.example");
        let roster: Vec<Fact> =
            (1..=PEOPLE).map(|n| person(&login(n), Some(&format!("Person {n:02}")), Some(&email(n)))).collect();
        let write = slice(copilot, window.to, b"r", &roster);
        put(store, organization, &SliceWrite { stream: "roster", role: StreamRole::Roster, ..write }).await;
        for today in window.before().days().chain(window.days()) {
            let used: Vec<Fact> = (1..=PEOPLE)
                .map(|n| usage(today, &login(n), &[(Measure::Interactions, 3), (Measure::Cost, 2_000_000)]))
                .collect();
            put(store, organization, &SliceWrite { role: StreamRole::Activity, ..slice(copilot, today, b"u", &used) }).await;
        }
        let mut scene = Self { organization, integration: id, window, ids: Vec::new() };
        for today in window.before().days().chain(window.days()) {
            let is_merging = [window.to, window.to.minus(1), window.before().to].contains(&today);
            scene.put_day(store, id, today, if is_merging { PEOPLE } else { 0 }).await;
        }
        for n in 1..=PEOPLE {
            scene.ids.push(member(store, organization, &email(n)).await.id);
        }
        scene
    }

    /// A day's pull requests, one of each of the first people, and one of a bot.
    async fn put_day(&self, store: &Store, integration: IntegrationId, day: Day, people: i64) {
        let number = |n: i64| u32::try_from(i64::from(day.0) % 1_000 * 100 + n).unwrap();
        let mut facts: Vec<Fact> = (1..=people).map(|n| fact(pull(day, 7, number(n), &login(n)))).collect();
        let bot = PullRequestFact { author: None, author_kind: AuthorKind::Bot, ..pull(day, 7, number(99), &login(1)) };
        facts.push(fact(bot));
        put(store, self.organization, &merged(integration, day, b"p", &facts)).await;
    }

    async fn team(&self, store: &Store, name: &str, members: impl IntoIterator<Item = usize>) -> i64 {
        let team = store.add_team(self.organization, name).await.unwrap();
        for place in members {
            let since = (self.window.from.minus(60), None);
            assert!(store.put_team_member(self.organization, team, self.ids[place], since, ADMIN, NOW).await.unwrap());
        }
        team
    }

    async fn ask(&self, store: &Store, name: ReportName, team: Option<i64>, audience: Audience) -> Report {
        let question = Question { team, audience, ..Question::overview(self.organization, self.window) };
        let known = Known { profiles: &TOOLS, today: self.window.to.plus(1) };
        store.report(&name, &question, &known).await.unwrap().unwrap()
    }

    async fn delivery(&self, store: &Store, team: Option<i64>, audience: Audience) -> Report {
        self.ask(store, ReportName::Delivery, team, audience).await
    }
}

fn value(report: &Report, id: &str) -> Amount {
    report.figure(id).unwrap_or_else(|| panic!("no {id}")).value
}

fn before(report: &Report, id: &str) -> Amount {
    report.figure(id).unwrap_or_else(|| panic!("no {id}")).before
}

const MERGED: &str = "merged_pull_requests";

#[tokio::test]
async fn a_pull_request_that_two_integrations_read_is_counted_once_and_bots_not_at_all() {
    for database in engines::both().await {
        let store = &database.store;
        let scene = Scene::set(store).await;
        let report = scene.delivery(store, None, Audience::Nobody).await;
        assert_eq!((value(&report, MERGED), before(&report, MERGED)), (Amount::Count(24), Amount::Count(12)));
        assert_eq!(report.provenance.missing_days, 0, "every day was told of, also those on which nothing was merged");
        let again = integration(store, scene.organization, &DELIVERY).await;
        for today in [scene.window.to, scene.window.to.minus(1)] {
            scene.put_day(store, again, today, PEOPLE).await;
        }
        let twice = scene.delivery(store, None, Audience::Nobody).await;
        assert_eq!((value(&twice, MERGED), twice.groups), (Amount::Count(24), report.groups));
        // What one of them alone knows counts too.
        scene.put_day(store, again, scene.window.from, 5).await;
        let more = scene.delivery(store, None, Audience::Nobody).await;
        assert_eq!(value(&more, MERGED), Amount::Count(29));
        let elsewhere = store.ensure_organization("Umbrella", NOW).await.unwrap();
        let other = Scene { organization: elsewhere, ..scene };
        assert!(other.delivery(store, None, Audience::Everyone).await.is_empty);
        database.drop().await;
    }
}

/// Deployments and changed files of the window's last day.
async fn put_more(store: &Store, scene: &Scene, outcome: DeploymentOutcome, again: bool) {
    let (day, id) = (scene.window.to, scene.integration);
    let deployments: Vec<Fact> = [deployed(day, 7, "d1", outcome)].into();
    let write = SliceWrite { stream: "deployments", force: true, ..merged(id, day, b"d", &deployments) };
    put(store, scene.organization, &write).await;
    for (day, number) in [(scene.window.before().to, 1), (day, 2)] {
        let number = u32::try_from(i64::from(day.0) % 1_000 * 100 + number).unwrap();
        let file = if again { 9 } else { i64::from(number).unsigned_abs() };
        let files = [Fact::ChangedFiles(ChangedFilesFact { day, repository: 7, number, files: vec![(file, 10)] })];
        let write = SliceWrite { stream: "changed_files", force: true, ..merged(id, day, b"f", &files) };
        put(store, scene.organization, &write).await;
    }
}

#[tokio::test]
async fn days_that_another_process_wrote_anew_are_told_as_they_are_now() {
    for database in engines::both().await {
        let store = &database.store;
        let scene = Scene::set(store).await;
        put_more(store, &scene, DeploymentOutcome::Succeeded, false).await;
        let told = async |store: &Store| scene.delivery(store, None, Audience::Everyone).await;
        let first = told(store).await;
        assert_eq!(told(store).await, first, "remembered");
        assert_eq!((value(&first, MERGED), value(&first, "change_fail_rate")), (Amount::Count(24), Amount::Share(0.0)));
        let other = Store::open(&database.url.clone().into(), 2).await.unwrap();
        put_more(&other, &scene, DeploymentOutcome::Failed, true).await;
        // The same checksum: a reader was repaired.
        let today = scene.window.to;
        let fewer: Vec<Fact> = (1..=5).map(|n| fact(pull(today, 7, 70_000 + n, &login(i64::from(n))))).collect();
        put(&other, scene.organization, &SliceWrite { force: true, ..merged(scene.integration, today, b"p", &fewer) }).await;
        let ids = other.list_integrations(scene.organization).await.unwrap();
        let copilot = ids.iter().find(|row| row.tool == COPILOT).unwrap().id;
        for today in scene.window.days() {
            let nothing = SliceWrite { role: StreamRole::Activity, force: true, ..slice(copilot, today, b"u", &[]) };
            put(&other, scene.organization, &nothing).await;
        }
        let now = told(store).await;
        assert_eq!((value(&now, MERGED), value(&now, "change_fail_rate")), (Amount::Count(17), Amount::Share(1.0)));
        assert_ne!(now.section("cohorts").unwrap().table, first.section("cohorts").unwrap().table, "nobody used anything");
        assert_eq!(now, told(&other).await, "as one who never read the days before");
        // What is remembered is not read again, and whoever remembers nothing finds the damage.
        for damage in ["update slice_pull_requests set pulls = $", "update slice_changed_files set files = $"] {
            let bytes = if database.url.starts_with("sqlite") { "x'ff'" } else { "'\\xff'" };
            assert!(database.run(&damage.replace('$', bytes)).await > 0);
        }
        assert_eq!(told(store).await, now);
        let fresh = Store::open(&database.url.clone().into(), 2).await.unwrap();
        let known = Known { profiles: &TOOLS, today: today.plus(1) };
        let question = Question { audience: Audience::Everyone, ..Question::overview(scene.organization, scene.window) };
        assert!(fresh.report(&ReportName::Delivery, &question, &known).await.unwrap_err().is_damaged());
        fresh.close().await;
        other.close().await;
        database.drop().await;
    }
}

#[tokio::test]
async fn totals_over_few_credited_people_or_all_but_few_are_withheld_from_who_may_not_see_each() {
    for database in engines::both().await {
        let store = &database.store;
        let scene = Scene::set(store).await;
        let three = scene.team(store, "Three", 0..3).await;
        let six = scene.team(store, "Six", 0..6).await;
        let ten = scene.team(store, "Ten", 0..10).await;
        let nobody = scene.team(store, "Nobody", []).await;
        let ask = async |team, audience| scene.delivery(store, Some(team), audience).await;
        assert_eq!(value(&ask(six, Audience::Nobody).await, MERGED), Amount::Count(12));
        for team in [three, ten] {
            let withheld = ask(team, Audience::Nobody).await;
            assert!(withheld.groups.is_empty() && withheld.sections.is_empty(), "{withheld:?}");
            assert_eq!(withheld.notes[0].title, "Too few people");
        }
        assert_eq!(value(&ask(three, Audience::Everyone).await, MERGED), Amount::Count(6));
        let own: BTreeSet<SubjectId> = scene.ids[..3].iter().copied().collect();
        assert_eq!(value(&ask(three, Audience::Only(own)).await, MERGED), Amount::Count(6), "a lead sees each of them");
        assert!(ask(nobody, Audience::Nobody).await.is_empty);
        // Of the six only two merged anything in the period before: it must not be compared with.
        scene_of_two(store, &scene).await;
        let report = ask(six, Audience::Nobody).await;
        assert_eq!((value(&report, MERGED), before(&report, MERGED)), (Amount::Count(12), Amount::Unknown));
        assert_eq!(before(&ask(six, Audience::Everyone).await, MERGED), Amount::Count(2));
        database.drop().await;
    }
}

/// The day before the window again, as if only two people had merged anything.
async fn scene_of_two(store: &Store, scene: &Scene) {
    let day = scene.window.before().to;
    let facts: Vec<Fact> = (1..=2).map(|n| fact(pull(day, 7, u32::try_from(n).unwrap(), &login(n)))).collect();
    put(store, scene.organization, &merged(scene.integration, day, b"two", &facts)).await;
}

#[tokio::test]
async fn deployments_and_rework_are_told_where_their_streams_are_read() {
    for database in engines::both().await {
        let store = &database.store;
        let scene = Scene::set(store).await;
        let words = |report: &Report, heading: &str| report.groups.iter().any(|group| group.heading == heading);
        assert!(!words(&scene.delivery(store, None, Audience::Nobody).await, "Deployments"));
        let today = scene.window.to;
        let done = [
            deployed(today, 7, "d1", DeploymentOutcome::Failed),
            deployed(today, 7, "d2", DeploymentOutcome::Succeeded),
            deployed(today, 7, "d2", DeploymentOutcome::Succeeded),
        ];
        let write = SliceWrite { stream: "deployments", ..merged(scene.integration, today, b"d", &done) };
        assert_eq!(put(store, scene.organization, &write).await.rows, 2, "the same one twice is one");
        let files = [Fact::ChangedFiles(ChangedFilesFact { day: today, repository: 7, number: 1, files: vec![(5, 42)] })];
        let write = SliceWrite { stream: "changed_files", ..merged(scene.integration, today, b"f", &files) };
        put(store, scene.organization, &write).await;
        let report = scene.delivery(store, None, Audience::Nobody).await;
        assert!(words(&report, "Deployments"));
        database.drop().await;
    }
}

/// Pull requests of the window's last day, each with an agent of its own; the first with another sign of a tool besides.
async fn put_signed(store: &Store, organization: OrganizationId, integration: IntegrationId, day: Day, mark: &str) {
    let fact = |number: u32| {
        let mut pull = pull(day, 7, number, &login(i64::from(number) % PEOPLE + 1));
        pull.signals = vec![Signal { kind: SignalKind::Trailer, agent: format!("{mark}_{number}") }];
        if number == 1 {
            pull.signals.push(Signal { kind: SignalKind::Branch, agent: "copilot".to_owned() });
        }
        fact(pull)
    };
    // More than one look-up takes.
    let facts: Vec<Fact> = (1..=300).map(fact).collect();
    put(store, organization, &merged(integration, day, mark.as_bytes(), &facts)).await;
}

#[tokio::test]
async fn rows_that_are_shown_say_which_agents_their_signs_name() {
    for database in engines::both().await {
        let store = &database.store;
        let scene = Scene::set(store).await;
        put_signed(store, scene.organization, scene.integration, scene.window.to, "our_bot").await;
        let elsewhere = store.ensure_organization("Umbrella", NOW).await.unwrap();
        let theirs = integration(store, elsewhere, &DELIVERY).await;
        put_signed(store, elsewhere, theirs, scene.window.to, "their_bot").await;
        let mut report = scene.delivery(store, None, Audience::Everyone).await;
        let list = |report: &Report| -> Vec<(String, String)> {
            let table = &report.section("pull_requests").unwrap().table;
            let words = |row: &[Cell], id| row[table.column(id).unwrap()].words().unwrap().to_owned();
            table.rows.iter().map(|row| (words(row, "pull_request"), words(row, "why"))).collect()
        };
        assert_eq!(list(&report)[0], ("acme/r7#300".to_owned(), "an agent: commit trailer".to_owned()));
        // The day before has twelve that Claude Code left its trailer in.
        let kept = Arrangement { offset: 10, limit: 295, ..Arrangement::default() };
        report.sections.iter_mut().find(|section| section.id == "pull_requests").unwrap().table.arrange(&kept).unwrap();
        store.name_agents(scene.organization, &TOOLS, &mut report).await.unwrap();
        let mut expected: Vec<(String, String)> =
            (2..=290).rev().map(|n| (format!("acme/r7#{n}"), format!("Our Bot {n}: commit trailer"))).collect();
        expected.push(("acme/r7#1".to_owned(), "Our Bot 1: commit trailer; GitHub Copilot: branch prefix".to_owned()));
        let named = list(&report);
        assert_eq!((&named[..290], named.len()), (&expected[..], 295));
        assert!(named[290..].iter().all(|(_, why)| why == "Claude Code: commit trailer"), "{:?}", &named[290..]);
        // By the wrong organization nothing is found.
        let mut report = scene.delivery(store, None, Audience::Everyone).await;
        store.name_agents(OrganizationId(99), &TOOLS, &mut report).await.unwrap();
        assert_eq!(list(&report)[0].1, "an agent: commit trailer");
        database.drop().await;
    }
}

#[tokio::test]
async fn what_was_merged_is_on_the_page_of_the_costs() {
    for database in engines::both().await {
        let store = &database.store;
        let scene = Scene::set(store).await;
        let six = scene.team(store, "Six", 0..6).await;
        let three = scene.team(store, "Three", 0..3).await;
        let each = async |team| {
            let report = scene.ask(store, ReportName::Cost, team, Audience::Everyone).await;
            report.figure("cost_per_merged").map(|figure| (figure.value, figure.context.clone()))
        };
        // 12 people x 7 days x 2 dollars over 24 pull requests.
        let seven = Amount::money(Some(7_000_000));
        let all = each(None).await.unwrap();
        assert_eq!((all.0, all.1.starts_with("24 merged")), (seven, true), "{all:?}");
        let team = each(Some(six)).await.unwrap();
        assert_eq!((team.0, team.1.starts_with("12 merged")), (seven, true), "{team:?}");
        assert_eq!(each(Some(three)).await.unwrap(), (Amount::Unknown, "6 merged: not shown under 10".to_owned()));
        store.remove_integration(scene.organization, scene.integration, false).await.unwrap();
        assert_eq!(each(None).await, None, "no repository host tells of it");
        database.drop().await;
    }
}

#[tokio::test]
async fn the_overview_and_a_teams_page_show_what_the_page_of_delivery_shows() {
    for database in engines::both().await {
        let store = &database.store;
        let scene = Scene::set(store).await;
        let six = scene.team(store, "Six", 0..6).await;
        let told = |report: &Report| report.groups.iter().find(|group| group.heading == "Delivery").cloned();
        let whole = scene.delivery(store, None, Audience::Nobody).await;
        let of_team = scene.delivery(store, Some(six), Audience::Nobody).await;
        for (name, team, full) in [
            (ReportName::Overview, None, &whole),
            (ReportName::Overview, Some(six), &of_team),
            (ReportName::Team(six), None, &of_team),
        ] {
            let shown = told(&scene.ask(store, name.clone(), team, Audience::Nobody).await).unwrap();
            assert!(shown.figures.len() >= 3, "{shown:?}");
            for figure in &shown.figures {
                let same = full.figure(&figure.id).unwrap();
                assert_eq!((figure, figure.before), (same, same.before), "{name:?}");
            }
        }
        // Of one tool there is nothing to say, nor where no repository host told of the window.
        let one_tool = Question { tools: vec![COPILOT.clone()], ..Question::overview(scene.organization, scene.window) };
        let known = Known { profiles: &TOOLS, today: scene.window.to.plus(1) };
        assert_eq!(told(&store.report(&ReportName::Overview, &one_tool, &known).await.unwrap().unwrap()), None);
        store.remove_integration(scene.organization, scene.integration, false).await.unwrap();
        let without = scene.ask(store, ReportName::Overview, None, Audience::Nobody).await;
        assert!(!without.is_empty && told(&without).is_none());
        database.drop().await;
    }
}
