//! The whole way: vendor API over HTTP, connector, store, report. Every figure of the Overview is held against the
//! simulator's right answers, which come from what people did and not from what was served.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod stage;

use stage::{Place, Stage, today};
use std::collections::BTreeMap;
use tacho_domain::overview::heatmap_days;
use tacho_domain::report::{Amount, Figure, MemberRow, Overview, Question, Series};
use tacho_domain::{Day, Money, Window};
use tacho_simulator::{Acceptance, Config, Kind, MemberAnswer, PersonTruth, Tool, Truth};

const WINDOWS: [u32; 3] = [7, 28, 90];

/// A tool's acceptance rules: the rule's id, and the right answer.
type Rule = (Tool, &'static str, fn(&Truth, Window, Tool) -> Option<Acceptance>);
const RULES: [Rule; 4] = [
    (Tool::Copilot, "completions", Truth::completions),
    (Tool::Claude, "edits", Truth::edits),
    (Tool::Cursor, "tabs", Truth::completions),
    (Tool::Cursor, "edits", Truth::edits),
];

async fn every_figure_is_right(members: u32, days: u32, place: Place) {
    let config = Config { members, days, ..Config::new(u64::from(members), today()) };
    let Some(stage) = Stage::read(config, place).await else { return };
    for integration in stage.store.list_integrations(stage.organization).await.unwrap() {
        assert_eq!(integration.failure, None, "{}", integration.name);
        let parts = stage.store.list_stream_failures(stage.organization, integration.id).await.unwrap();
        assert_eq!(parts, [], "{}", integration.name);
    }
    let profiles = tacho_connectors::tool_profiles();
    let truth = stage.simulator.truth();
    for length in WINDOWS {
        let window = Window::ending(today().minus(1), length);
        let question = Question { limit: usize::MAX, ..Question::overview(stage.organization, window) };
        let overview = stage.store.overview(&question, &profiles).await.unwrap();
        let right = Right { truth: &truth, window, overview: &overview };
        right.figures();
        right.series();
        right.heatmap();
        right.usage();
        right.members();
        right.provenance();
    }
    stage.finish().await;
}

/// A report beside the truth it is held against.
struct Right<'a> {
    truth: &'a Truth,
    window: Window,
    overview: &'a Overview,
}

impl Right<'_> {
    fn figure(&self, id: &str) -> &Figure {
        self.overview.figure(id).unwrap_or_else(|| panic!("{}: no figure `{id}`", self.window))
    }

    /// Holds a figure's value, and that of the period before, against the truth of either window.
    fn same(&self, id: &str, answer: impl Fn(Window) -> Amount) {
        let figure = self.figure(id);
        assert_eq!(figure.value, answer(self.window), "{id} over {}", self.window);
        assert_eq!(figure.before, answer(self.window.before()), "{id} before {}", self.window);
    }

    /// Holds a figure's parts by tool against the truth.
    fn parts(&self, id: &str, answer: impl Fn(Tool) -> Amount) {
        let found: BTreeMap<&str, Amount> = self.figure(id).parts.iter().map(|part| (part.tool.as_str(), part.value)).collect();
        let expected: BTreeMap<&str, Amount> = self.tools().map(|tool| (tool.id(), answer(tool))).collect();
        assert_eq!(found, expected, "parts of {id} over {}", self.window);
    }

    /// The tools with an answer for some day of the window.
    fn tools(&self) -> impl Iterator<Item = Tool> {
        Tool::ALL.into_iter().filter(|tool| self.window.days().any(|day| self.said(*tool, day)))
    }

    /// Whether the vendor has an answer for that day. A report that names nobody is one: nobody did anything; but an empty
    /// page of Claude Code's cannot be told from no data.
    fn said(&self, tool: Tool, day: Day) -> bool {
        self.truth.rows(tool, day).is_some_and(|rows| tool != Tool::Claude || !rows.is_empty())
    }

    fn figures(&self) {
        let truth = self.truth;
        let any = |window: Window| Tool::ALL.iter().any(|tool| truth.sums(window, *tool).is_some());
        let active = |window| Amount::count(any(window).then(|| whole(truth.active_members(window).members)));
        self.same("active_members", active);
        self.parts("active_members", |tool| Amount::Count(whole(truth.active_by_tool(self.window, tool).members)));

        let total = |of: &dyn Fn(Window, Tool) -> Option<i64>, window| {
            Tool::ALL.iter().filter_map(|tool| of(window, *tool)).reduce(|sum, next| sum + next)
        };
        let interactions = |window, tool| truth.interactions(window, tool);
        self.same("interactions", |window| Amount::count(total(&interactions, window)));
        self.parts("interactions", |tool| Amount::count(truth.interactions(self.window, tool)));
        self.same("lines_added", |window| Amount::count(total(&|w, t| truth.lines(w, t).map(|lines| lines.0), window)));
        self.parts("lines_added", |tool| Amount::count(truth.lines(self.window, tool).map(|lines| lines.0)));
        self.same("lines_removed", |window| Amount::count(total(&|w, t| truth.lines(w, t).map(|lines| lines.1), window)));
        self.parts("lines_removed", |tool| Amount::count(truth.lines(self.window, tool).map(|lines| lines.1)));
        self.same("metered_value", |window| Amount::money(total(&|w, t| truth.cost(w, t).map(|cost| cost.0), window)));
        self.parts("metered_value", |tool| Amount::money(truth.cost(self.window, tool).map(|cost| cost.0)));
        self.same("metered_charged", |window| Amount::money(total(&|w, t| truth.cost(w, t).map(|cost| cost.1), window)));
        self.parts("metered_charged", |tool| Amount::money(truth.cost(self.window, tool).map(|cost| cost.1)));

        for (tool, rule, answer) in RULES {
            let offered = answer(truth, self.window, tool).map(|rate| rate.offered);
            let id = format!("acceptance_{}_{rule}", tool.id());
            if offered.is_none() {
                assert!(self.overview.figure(&id).is_none(), "{id}: nothing was offered");
                continue;
            }
            self.same(&id, |window| Amount::share(answer(truth, window, tool).and_then(Acceptance::rate)));
        }
        self.seats();
    }

    fn seats(&self) {
        let week = Window::ending(self.window.to, 7);
        for tool in Tool::ALL {
            let id = format!("seat_adoption_{}", tool.id());
            let Some(seats) = self.truth.seats(tool).filter(|seats| *seats > 0) else {
                assert!(self.overview.figure(&id).is_none(), "{id}: there are no seats");
                continue;
            };
            let active = self.truth.active_by_tool(week, tool);
            let people = f64::from(u32::try_from(active.members + active.unmatched).unwrap());
            assert_eq!(self.figure(&id).value, Amount::Share(people / f64::from(seats)), "{id}");
        }
        // Copilot Business is 19 dollars a seat; Cursor names no price.
        let copilot = self.truth.seats(Tool::Copilot).unwrap_or(0);
        let fees = Money(i64::from(copilot) * 19_000_000);
        assert_eq!(self.figure("seat_fees").value, Amount::Money(fees), "seat_fees");
    }

    fn series(&self) {
        for tool in self.tools() {
            let series = self.overview.adoption.iter().find(|series| series.tool.as_str() == tool.id());
            let points = &series.unwrap_or_else(|| panic!("no adoption of {}", tool.id())).points;
            let found: Vec<(Day, Option<f64>)> = points.iter().map(|point| (point.day, point.value)).collect();
            let expected: Vec<(Day, Option<f64>)> = self.window.days().map(|day| (day, self.active_on(tool, day))).collect();
            assert_eq!(found, expected, "adoption of {} over {}", tool.id(), self.window);
        }
        let profiles = tacho_connectors::tool_profiles();
        for (tool, rule, answer) in RULES {
            let profile = profiles.iter().find(|profile| profile.id == tool.id()).unwrap();
            let rules = profile.acceptance;
            let place = rules.iter().position(|known| known.id == rule).unwrap();
            let of_tool: Vec<&Series> = self.overview.acceptance.iter().filter(|one| one.tool.as_str() == tool.id()).collect();
            let weeks: Vec<(Day, Option<f64>)> = weeks(self.window)
                .map(|week| (week.from.week(), answer(self.truth, week, tool).and_then(Acceptance::rate)))
                .collect();
            if weeks.iter().all(|(_, rate)| rate.is_none()) {
                continue;
            }
            let found: Vec<(Day, Option<f64>)> = of_tool[place].points.iter().map(|point| (point.day, point.value)).collect();
            assert_eq!(found, weeks, "weekly acceptance of {} {rule} over {}", tool.id(), self.window);
        }
    }

    fn active_on(&self, tool: Tool, day: Day) -> Option<f64> {
        let active = self.truth.active_by_tool(Window::day(day), tool).members;
        self.said(tool, day).then(|| f64::from(u32::try_from(active).unwrap()))
    }

    fn heatmap(&self) {
        let days = heatmap_days(self.window);
        let answers = self.truth.interactions_by_day(days);
        let found: Vec<(Day, Option<i64>)> = self.overview.heatmap.iter().map(|day| (day.day, day.interactions)).collect();
        let reported = |day: &Day| Tool::ALL.into_iter().any(|tool| self.said(tool, *day));
        let expected: Vec<(Day, Option<i64>)> =
            days.days().map(|day| (day, reported(&day).then(|| answers.get(&day).copied().unwrap_or(0)))).collect();
        assert_eq!(found, expected, "heatmap over {}", self.window);
    }

    fn usage(&self) {
        let total: i64 = Tool::ALL.iter().filter_map(|tool| self.truth.interactions(self.window, *tool)).sum();
        let said = Tool::ALL.into_iter().filter(|tool| self.truth.sums(self.window, *tool).is_some());
        assert_eq!(self.overview.usage.len(), said.count());
        for usage in &self.overview.usage {
            let tool = Tool::ALL.into_iter().find(|tool| tool.id() == usage.tool.as_str()).unwrap();
            let sums = self.truth.sums(self.window, tool).unwrap();
            let tokens = [sums.tokens_input, sums.tokens_output, sums.tokens_cache_read, sums.tokens_cache_write];
            let active = self.truth.active_by_tool(self.window, tool);
            assert_eq!(usage.interactions, sums.interactions, "{}", usage.name);
            assert_eq!(usage.tokens, tokens.into_iter().flatten().reduce(|sum, next| sum + next), "{}", usage.name);
            assert_eq!(usage.active_members, whole(active.members), "{}", usage.name);
            assert_eq!(usage.active_unmatched, whole(active.unmatched), "{}", usage.name);
            assert_eq!(usage.share, share(sums.interactions.unwrap_or(0), total), "{}", usage.name);
        }
        assert!(self.overview.usage.is_sorted_by_key(|usage| std::cmp::Reverse(usage.interactions)));
    }

    /// Everybody in the table, ranked; each row held against what that person did.
    fn members(&self) {
        let people = self.truth.people();
        let answers = self.truth.members(self.window);
        let table = &self.overview.members;
        assert_eq!(table.total_rows, table.rows.len(), "all rows were asked for");
        // Cursor names its whole team every day: who did nothing has a row that says so.
        let own_name = |answer: &MemberAnswer| name_of(&people[answer.person]);
        let known: Vec<String> = answers.iter().map(own_name).collect();
        let others: Vec<_> = table.rows.iter().filter(|row| !known.contains(&row.name)).collect();
        let idle = |row: &&&MemberRow| row.active_days == 0 && row.interactions == Some(0) && row.tools.is_empty();
        assert_eq!(others.iter().find(|row| !idle(row)), None, "somebody who is not there, over {}", self.window);
        assert!(table.rows.is_sorted_by_key(|row| std::cmp::Reverse(row.interactions)), "ranked by interactions");
        for answer in &answers {
            let person = &people[answer.person];
            let name = &name_of(person);
            let rows: Vec<_> = table.rows.iter().filter(|row| row.name == *name).collect();
            let [row] = rows[..] else { panic!("{name} has {} rows over {}", rows.len(), self.window) };
            let sums = answer.by_tool.values().fold(tacho_simulator::Figures::default(), |mut sum, of_tool| {
                sum.add(of_tool);
                sum
            });
            assert_eq!(row.unmatched, person.kind != Kind::Member, "{name}");
            assert_eq!(row.interactions, sums.interactions, "{name}: interactions");
            assert_eq!(row.active_days as usize, answer.active_days, "{name}: active days");
            assert_eq!(row.lines_added, sums.lines_added, "{name}: lines added");
            // A Copilot credit is worth a cent; both are counted in millionths.
            let credits = sums.credits_micros.map(|credits| credits / 100);
            let cost = sums.cost_micros.map_or(credits, |cost| Some(cost + credits.unwrap_or(0)));
            assert_eq!(row.cost.map(|cost| cost.0), cost, "{name}: cost");
            let tools: Vec<&str> = row.tools.iter().map(tacho_domain::ToolId::as_str).collect();
            let mut active: Vec<&str> = answer.active_days_by_tool.keys().copied().collect();
            active.sort_unstable();
            assert_eq!(tools, active, "{name}: tools");
            self.days_of(answer.person, name, row.last_active, &row.spark);
        }
    }

    fn days_of(&self, person: usize, name: &str, last_active: Option<Day>, spark: &[Option<f64>]) {
        let rows = |day| Tool::ALL.into_iter().flat_map(move |tool| self.truth.rows(tool, day).unwrap_or_default());
        let own = |day| rows(day).filter(|row| row.person == person).collect::<Vec<_>>();
        let last = self.window.days().rev().find(|day| own(*day).iter().any(|row| row.active));
        assert_eq!(last_active, last, "{name}: last active");
        let total: f64 = spark.iter().flatten().sum();
        let interactions: i64 = self.window.days().flat_map(own).filter_map(|row| row.figures.interactions).sum();
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let interactions = interactions as f64;
        assert_eq!((spark.len(), total), (self.window.len() as usize, interactions), "{name}: spark line");
    }

    fn provenance(&self) {
        let (matched, all) = self.truth.coverage(self.window);
        let found = &self.overview.provenance;
        assert_eq!(found.coverage, share(matched, all), "coverage over {}", self.window);
        assert_eq!(found.last_synced, Some(today().start().plus_seconds(8 * 3_600)));
        let silent = self.window.days().filter(|day| !Tool::ALL.into_iter().any(|tool| self.said(tool, *day)));
        assert_eq!(found.missing_days as usize, silent.count(), "days without data over {}", self.window);
        assert!((1..=5).contains(&found.provisional_days), "{} days may still change", found.provisional_days);
    }
}

/// What the table calls someone.
fn name_of(person: &PersonTruth) -> String {
    if person.kind == Kind::Member { person.name.clone() } else { person.login.clone() }
}

/// The weeks of a window, the first and the last possibly in part.
fn weeks(window: Window) -> impl Iterator<Item = Window> {
    let mut weeks: Vec<Window> = Vec::new();
    for day in window.days() {
        match weeks.last_mut() {
            Some(week) if week.from.week() == day.week() => week.to = day,
            _ => weeks.push(Window::day(day)),
        }
    }
    weeks.into_iter()
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn share(part: i64, all: i64) -> Option<f64> {
    (all != 0).then(|| part as f64 / all as f64)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_5_members_is_right_on_sqlite() {
    every_figure_is_right(5, 200, Place::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_5_members_is_right_on_postgres() {
    every_figure_is_right(5, 200, Place::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_60_members_is_right_on_sqlite() {
    every_figure_is_right(60, 200, Place::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_60_members_is_right_on_postgres() {
    every_figure_is_right(60, 200, Place::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_400_members_is_right_on_sqlite() {
    every_figure_is_right(400, 120, Place::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_400_members_is_right_on_postgres() {
    every_figure_is_right(400, 120, Place::Postgres).await;
}
