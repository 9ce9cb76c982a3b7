//! Reports about members and teams: sums per person come from packed columns and equal the rows, usage counts for the teams
//! of its day, totals hold everyone once, and a total over very few people is not given to whoever may not see each.

use crate::Told;
use crate::engines::{self, Database};
use crate::members::{ADMIN, called, member};
use crate::organization::*;
use std::collections::BTreeSet;
use tacho_domain::report::{Audience, Cell, Question, Report, ReportName, Table};
use tacho_domain::{Day, Fact, IdentityRef, Measure, OrganizationId, StreamRole, SubjectId, Window};
use tacho_store::{Known, SliceWrite, Store};

const FIRST: &str = "2026-03-02";

fn login(number: i64) -> IdentityRef {
    IdentityRef::github(number, &format!("login-{number}"))
}

fn email(number: i64) -> String {
    format!("p{number}@acme.example")
}

/// Ten members and a stranger with two tools over a week; each does as much a day as their number says.
struct Scene {
    organization: OrganizationId,
    window: Window,
    /// Members by their number, from 1 on.
    ids: Vec<SubjectId>,
    team: i64,
    other: i64,
}

impl Scene {
    async fn set(store: &Store) -> Self {
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let window = Window::ending(day(FIRST).plus(6), 7);
        let copilot = integration(store, organization, &COPILOT).await;
        let claude = integration(store, organization, &CLAUDE).await;
        let roster: Vec<Fact> = (1..=10).map(|n| person(&login(n), Some(&format!("Person {n:02}")), Some(&email(n)))).collect();
        let write = slice(copilot, window.to, b"r", &roster);
        put(store, organization, &SliceWrite { stream: "roster", role: StreamRole::Roster, ..write }).await;
        for today in window.before().days().chain(window.days()) {
            let facts: Vec<Fact> = (1..=11)
                .map(|n| {
                    let said = [
                        (Measure::Interactions, n),
                        (Measure::Suggestions, 10),
                        (Measure::Acceptances, n % 4),
                        (Measure::LinesAdded, n * 3),
                    ];
                    usage(today, &login(n), &said)
                })
                .collect();
            put(store, organization, &SliceWrite { role: StreamRole::Activity, ..slice(copilot, today, b"u", &facts) }).await;
            let facts: Vec<Fact> = (8..=9)
                .map(|n| {
                    let who = IdentityRef::email(&email(n));
                    usage(today, &who, &[(Measure::Interactions, 1), (Measure::LinesAdded, 5), (Measure::Cost, 2_000_000)])
                })
                .collect();
            let write =
                SliceWrite { tool: &CLAUDE, stream: "usage", role: StreamRole::Activity, ..slice(claude, today, b"c", &facts) };
            put(store, organization, &write).await;
        }
        let mut ids = vec![SubjectId(0)];
        for number in 1..=10 {
            ids.push(member(store, organization, &email(number)).await.id);
        }
        let team = store.add_team(organization, "Platform").await.unwrap();
        let other = store.add_team(organization, "Research").await.unwrap();
        let scene = Self { organization, window, ids, team, other };
        // Six from the beginning, one of them until the third day; three in the other team, one of them in both.
        for number in 1..=6 {
            let to = (number == 6).then(|| window.from.plus(2));
            scene.join(store, team, number, window.from.minus(20), to).await;
        }
        for number in 6..=8 {
            scene.join(store, other, number, window.from.minus(20), None).await;
        }
        scene
    }

    async fn join(&self, store: &Store, team: i64, number: usize, from: Day, to: Option<Day>) {
        assert!(store.put_team_member(self.organization, team, self.ids[number], (from, to), ADMIN, NOW).await.unwrap());
    }

    fn question(&self) -> Question {
        Question::overview(self.organization, self.window)
    }

    async fn ask(&self, store: &Store, name: &ReportName, question: &Question) -> Report {
        maybe(store, name, question).await.unwrap()
    }
}

async fn maybe(store: &Store, name: &ReportName, question: &Question) -> Option<Report> {
    let known = Known { profiles: &TOOLS, today: question.window.to };
    store.report(name, question, &known).await.unwrap()
}

/// What a cell says, in few words.
fn said(cell: &Cell) -> String {
    match cell {
        Cell::Nothing => "-".into(),
        Cell::Text(text) | Cell::Link { text, .. } => text.clone(),
        Cell::Count(number) => number.to_string(),
        Cell::Share(share) => format!("{share:.3}"),
        Cell::Money(money) => format!("${}", money.dollars()),
        Cell::Day(day) => day.to_string(),
        other => format!("{other:?}"),
    }
}

fn column(table: &Table, row: &[Cell], id: &str) -> String {
    said(&row[table.column(id).unwrap_or_else(|| panic!("no column {id} in {:?}", table.columns))])
}

fn rows(report: &Report, section: &str, columns: &[&str]) -> Vec<String> {
    let table = &report.section(section).unwrap().table;
    let lines = table.rows.iter().chain(&table.total);
    lines.map(|row| columns.iter().map(|id| column(table, row, id)).collect::<Vec<_>>().join(" | ")).collect()
}

fn counts(report: &Report, figure: &str) -> Option<f64> {
    report.figure(figure).unwrap_or_else(|| panic!("no figure {figure}")).value.number()
}

/// Every statement that makes reports about people, for the story of both engines.
pub(crate) async fn tell_groups(store: &Store, organization: OrganizationId, told: &mut Told) {
    let question = Question::overview(organization, Window::ending(day(FIRST), 28));
    let teams = store.list_teams(organization, day(FIRST)).await.unwrap();
    let names = teams.iter().map(|team| ReportName::Team(team.id)).chain([ReportName::Members, ReportName::Teams]);
    for name in names.chain([ReportName::Team(-1), ReportName::Overview]) {
        told.tell(&name.to_string(), maybe(store, &name, &question).await);
        let narrowed = Question { team: teams.first().map(|team| team.id), ..question.clone() };
        told.tell("narrowed", maybe(store, &name, &narrowed).await);
        let nobody = Question { audience: Audience::Nobody, ..narrowed };
        told.tell("to nobody", maybe(store, &name, &nobody).await);
    }
}

async fn on_both(test: impl AsyncFn(&Database, &Scene)) {
    for database in engines::both().await {
        let scene = Scene::set(&database.store).await;
        test(&database, &scene).await;
        database.drop().await;
    }
}

#[tokio::test]
async fn the_members_table_holds_everyone_and_its_total_is_of_everyone_whoever_asks() {
    on_both(async |database, scene| {
        let store = &database.store;
        store.add_member(scene.organization, &called("idle@acme.example", "Idle"), ADMIN, NOW).await.unwrap();
        let report = scene.ask(store, &ReportName::Members, &scene.question()).await;
        let wanted =
            ["name", "tools", "active_days", "interactions", "acceptance_github_copilot_completions", "lines_added", "cost"];
        let lines = rows(&report, "members", &wanted);
        assert_eq!(lines[0], "login-11 (no member) | GitHub Copilot | 7 | 77 | 0.300 | 231 | -");
        assert_eq!(lines[1], "Person 10 | GitHub Copilot | 7 | 70 | 0.200 | 210 | -");
        assert_eq!(lines[2], "Person 09 | GitHub Copilot, Claude Code | 7 | 70 | 0.100 | 224 | $14");
        assert_eq!(lines[11], "Idle |  | 0 | - | - | - | -");
        // 7 x (66 + 2), accepted 7 x 18 of 7 x 110, 7 x (66 x 3 + 2 x 5).
        assert_eq!(lines[12], "Everyone | - | - | 476 | 0.164 | 1456 | $28");
        assert_eq!((counts(&report, "members"), counts(&report, "active_members")), (Some(11.0), Some(10.0)));
        assert_eq!((counts(&report, "cohort_heavy"), counts(&report, "cohort_none")), (Some(10.0), Some(1.0)));
        let audience = Audience::Only(BTreeSet::from([scene.ids[3]]));
        let seen = scene.ask(store, &ReportName::Members, &Question { audience, ..scene.question() }).await;
        assert_eq!(rows(&seen, "members", &["name", "interactions"]), ["Person 03 | 21", "Everyone | 476"]);
        assert_eq!(seen.section("members").unwrap().table.hidden_rows, 11);
        assert_eq!(seen.groups, report.groups, "figures do not depend on who asks");
        let single = Question { member: Some(scene.ids[9]), ..scene.question() };
        let single = scene.ask(store, &ReportName::Members, &single).await;
        assert_eq!(rows(&single, "members", &["name", "interactions"]), ["Person 09 | 70", "Everyone | 70"]);
        assert_eq!(single.scope, ["Member: Person 09"]);
    })
    .await;
}

#[tokio::test]
async fn usage_counts_for_the_teams_of_its_day_and_the_lines_add_up() {
    on_both(async |database, scene| {
        let store = &database.store;
        let report = scene.ask(store, &ReportName::Teams, &scene.question()).await;
        let wanted = ["name", "members", "active_members", "in_several", "interactions", "lines_added", "cost"];
        assert_eq!(
            rows(&report, "teams", &wanted),
            [
                // 7 x 15, and the sixth member's first three days.
                "Platform | 5 | 6 | 1 | 123 | 369 | -",
                // 7 x 22 with one session a day of the eighth member.
                "Research | 3 | 3 | 1 | 154 | 476 | $14",
                "No team | - | 2 | 0 | 140 | 434 | $14",
                "Identities without a member | - | 1 | 0 | 77 | 231 | -",
                "Everyone | - | 11 | 1 | 476 | 1456 | $28",
            ]
        );
        assert_eq!(123 + 154 + 140 + 77 - 18, 476, "but for the three days that count in two teams");
        let one = scene.ask(store, &ReportName::Team(scene.team), &scene.question()).await;
        assert_eq!(
            (one.title.as_str(), counts(&one, "interactions"), counts(&one, "active_members")),
            ("Platform", Some(123.0), Some(6.0))
        );
        let members = rows(&one, "members", &["name", "active_days", "interactions"]);
        assert_eq!(members[..2], ["Person 05 | 7 | 35", "Person 04 | 7 | 28"]);
        assert!(members.contains(&"Person 06 | 3 | 18".to_owned()), "{members:?}");
        assert_eq!(members.last().unwrap(), "Everyone | - | 123");
        assert!(maybe(store, &ReportName::Team(4_711), &scene.question()).await.is_none());
        let elsewhere = store.add_organization("Umbrella", NOW).await.unwrap();
        let theirs = Question { organization: elsewhere, ..scene.question() };
        assert!(maybe(store, &ReportName::Team(scene.team), &theirs).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_narrowed_overview_is_of_those_who_were_there() {
    on_both(async |database, scene| {
        let store = &database.store;
        let narrowed = Question { team: Some(scene.team), ..scene.question() };
        let report = scene.ask(store, &ReportName::Overview, &narrowed).await;
        assert_eq!(report.scope, ["Team: Platform"]);
        assert_eq!((counts(&report, "interactions"), counts(&report, "lines_added")), (Some(123.0), Some(369.0)));
        assert_eq!(counts(&report, "active_members"), Some(6.0));
        let before = report.figure("interactions").unwrap().before.number();
        assert_eq!(before, Some(f64::from(7 * 21)), "the sixth member was there all of the week before");
        let table = &report.section("members").unwrap().table;
        let sixth = table.rows.iter().find(|row| said(&row[0]) == "Person 06").unwrap();
        assert_eq!(column(table, sixth, "lines_added"), "54", "of the days in the team only");
        // Every member in turn, and the stranger, are everyone.
        let whole = scene.ask(store, &ReportName::Overview, &scene.question()).await;
        let mut sum = 7.0 * 11.0;
        for id in &scene.ids[1..] {
            let one = Question { member: Some(*id), ..scene.question() };
            sum += counts(&scene.ask(store, &ReportName::Overview, &one).await, "interactions").unwrap();
        }
        assert_eq!(Some(sum), counts(&whole, "interactions"));
    })
    .await;
}

#[tokio::test]
async fn totals_over_few_people_are_given_to_whoever_may_see_each_of_them_only() {
    on_both(async |database, scene| {
        let store = &database.store;
        let ask = async |name: ReportName, team, audience: Audience| {
            let question = Question { team, audience, ..scene.question() };
            scene.ask(store, &name, &question).await
        };
        let is_shut =
            |report: &Report| report.groups.is_empty() && report.sections.is_empty() && report.notes[0].title == "Too few people";
        let mates: BTreeSet<SubjectId> = scene.ids[6..=8].iter().copied().collect();
        for name in [ReportName::Overview, ReportName::Members, ReportName::Teams, ReportName::Tool(COPILOT.clone())] {
            assert!(is_shut(&ask(name.clone(), Some(scene.other), Audience::Nobody).await), "{name}");
            assert!(!is_shut(&ask(name.clone(), Some(scene.other), Audience::Everyone).await), "{name}");
            assert!(!is_shut(&ask(name.clone(), Some(scene.other), Audience::Only(mates.clone())).await), "{name}");
            assert!(!is_shut(&ask(name, None, Audience::Nobody).await));
        }
        let one = ask(ReportName::Team(scene.other), None, Audience::Nobody).await;
        assert!(is_shut(&one) && one.title == "Research" && !format!("{one:?}").contains("154"));
        let six = ask(ReportName::Team(scene.team), None, Audience::Nobody).await;
        assert_eq!(counts(&six, "interactions"), Some(123.0));
        assert_eq!(six.section("members").unwrap().table.rows.len(), 0);
        // Three, two and one are withheld; together they are six, so that the line that is left tells nothing of them.
        let teams = ask(ReportName::Teams, None, Audience::Nobody).await;
        assert_eq!(
            rows(&teams, "teams", &["name", "active_members", "interactions"]),
            [
                "Platform | 6 | 123",
                "Research | - | -",
                "No team | - | -",
                "Identities without a member | - | -",
                "Everyone | 11 | 476"
            ]
        );
        // Five now, but one of them alone used Claude Code: of that tool nothing is told.
        for number in [1, 2] {
            scene.join(store, scene.other, number, scene.window.from.minus(20), None).await;
        }
        let five = ask(ReportName::Overview, Some(scene.other), Audience::Nobody).await;
        assert!(five.notes.iter().any(|note| note.title == "Claude Code is left out"), "{:?}", five.notes);
        assert_eq!(counts(&five, "interactions"), Some(168.0));
        assert!(is_shut(&ask(ReportName::Tool(CLAUDE.clone()), Some(scene.other), Audience::Nobody).await));
        // All but three: what is left of everyone would tell of those.
        for number in [3, 4, 5] {
            scene.join(store, scene.other, number, scene.window.from.minus(20), None).await;
        }
        assert!(is_shut(&ask(ReportName::Overview, Some(scene.other), Audience::Nobody).await));
    })
    .await;
}

#[tokio::test]
async fn a_day_that_another_process_wrote_anew_is_told_as_it_is_now() {
    on_both(async |database, scene| {
        let told = async || {
            let report = scene.ask(&database.store, &ReportName::Members, &scene.question()).await;
            rows(&report, "members", &["interactions"]).last().unwrap().clone()
        };
        let before = told().await;
        assert_eq!(told().await, before, "remembered");
        let other = Store::open(&database.url.clone().into(), 2).await.unwrap();
        let ids = other.list_integrations(scene.organization).await.unwrap();
        let copilot = ids.iter().find(|row| row.tool == COPILOT).unwrap().id;
        let nothing = SliceWrite { role: StreamRole::Activity, force: true, ..slice(copilot, scene.window.to, b"one", &[]) };
        put(&other, scene.organization, &nothing).await;
        let without = told().await;
        assert_ne!(without, before, "the day holds nobody any more");
        let fresh = scene.ask(&other, &ReportName::Members, &scene.question()).await;
        assert_eq!(rows(&fresh, "members", &["interactions"]).last().unwrap(), &without);
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn columns_go_with_their_slice() {
    on_both(async |database, scene| {
        let store = &database.store;
        let packed = database.dump_of(&["slice_columns"]).await;
        assert_eq!(packed.len(), 14 * 3 + 14 * 2, "a column for each measure and day, and none for interactions");
        let ids = store.list_integrations(scene.organization).await.unwrap();
        let copilot = ids.iter().find(|row| row.tool == COPILOT).unwrap().id;
        let nothing = SliceWrite { role: StreamRole::Activity, ..slice(copilot, scene.window.to, b"none", &[]) };
        put(store, scene.organization, &nothing).await;
        assert_eq!(database.dump_of(&["slice_columns"]).await.len(), packed.len() - 3);
        let report = scene.ask(store, &ReportName::Members, &scene.question()).await;
        assert_eq!(rows(&report, "members", &["interactions"]).last().unwrap(), &(6 * 66 + 14).to_string());
        let damage = "update slice_columns set packed = people from slice_people p where p.day = slice_columns.day
                      and p.stream = slice_columns.stream and p.integration_id = slice_columns.integration_id";
        assert_eq!(usize::try_from(database.run(damage).await).unwrap(), packed.len() - 3);
        let known = Known { profiles: &TOOLS, today: scene.window.to };
        store.report(&ReportName::Members, &scene.question(), &known).await.expect("what is remembered is not read again");
        let opened = Store::open(&database.url.clone().into(), 2).await.unwrap();
        let error = opened.report(&ReportName::Members, &scene.question(), &known).await.unwrap_err();
        assert!(error.to_string().contains("slice_columns"), "{error}");
        opened.close().await;
        assert!(store.remove_integration(scene.organization, copilot, false).await.unwrap());
        assert!(database.dump_of(&["slice_columns"]).await.iter().all(|row| row.contains("stream=usage")));
    })
    .await;
}
