//! A store that holds all of the simulated organization's history, and the truth beside it.

use crate::stage::{Stage, today};
use tacho_connectors::tool_profiles;
use tacho_domain::report::{Amount, Cell, Figure, Question, Report, ReportName, Table};
use tacho_domain::{Day, IntegrationId, OrganizationId, ToolProfile, Window};
use tacho_simulator::{Config, Truth, Vendor};
use tacho_store::{Known, Store};
use tacho_sync::Scope;
use tokio_util::sync::CancellationToken;

/// Days of history: two windows of four weeks and a little before them.
const DAYS: u32 = 60;

/// A store with everything that the simulated vendors tell. A process of its own syncs for each test, so a test asks
/// much of one store.
pub(crate) struct Filled {
    /// Kept, since its folder holds the database.
    _stage: Stage,
    pub(crate) store: Store,
    pub(crate) organization: OrganizationId,
    pub(crate) profiles: Vec<ToolProfile>,
    /// What the people did, counted without any of the store's code.
    pub(crate) truth: Truth,
    pub(crate) today: Day,
}

/// Runs a test on the database inside, and on a server where there is one.
pub(crate) async fn on_each_engine(test: impl AsyncFn(Filled)) {
    on_each_engine_of(|| Config { members: 12, teams: 3, days: DAYS, ..Config::new(7, today()) }, test).await;
}

/// The same with an organization of the test's own.
pub(crate) async fn on_each_engine_of(config: impl Fn() -> Config, test: impl AsyncFn(Filled)) {
    let days = config().days;
    crate::stage::on_each_engine_with(config, async |stage| test(Filled::of(stage, days).await).await).await;
}

/// The same, with the pull requests, their files, the deployments and GitHub's own totals besides.
pub(crate) async fn on_each_engine_with_delivery(config: impl Fn() -> Config, test: impl AsyncFn(Filled)) {
    let days = config().days;
    crate::stage::on_each_engine_with(config, async |stage| test(Filled::with_delivery(stage, days).await).await).await;
}

/// Everything that can be read of delivery.
const EVERYTHING: &[(&str, &str)] = &[("deployments", "environment:production"), ("rework", "on"), ("copilot_reports", "on")];

impl Filled {
    /// What tools tell of so many days, and what was merged and deployed on them.
    pub(crate) async fn with_delivery(stage: Stage, days: u32) -> Self {
        let id = stage.connect_delivery(EVERYTHING).await;
        read(&stage, id, days).await;
        Self::of(stage, days).await
    }

    /// The same with Cursor's records of commits, read before the pull requests or after them.
    pub(crate) async fn with_commit_records(stage: Stage, days: u32, records_first: bool) -> Self {
        let on = ("commit_records".to_owned(), "on".to_owned());
        let mut request = stage.request(Vendor::Cursor);
        request.settings.0.extend([on]);
        for cursor in [records_first, !records_first] {
            let id = if cursor {
                stage.engine.connect(stage.organization, request.clone(), &CancellationToken::new()).await.unwrap()
            } else {
                stage.connect_delivery(EVERYTHING).await
            };
            read(&stage, id, days).await;
        }
        Self::of_tools(stage, days, &[Vendor::Github, Vendor::Anthropic]).await
    }

    async fn of(stage: Stage, days: u32) -> Self {
        Self::of_tools(stage, days, &[Vendor::Github, Vendor::Anthropic, Vendor::Cursor]).await
    }

    async fn of_tools(stage: Stage, days: u32, vendors: &[Vendor]) -> Self {
        for vendor in vendors {
            let id = stage.connect(*vendor).await;
            read(&stage, id, days).await;
        }
        let truth = stage.simulator.truth();
        let (store, organization) = (stage.store.clone(), stage.organization);
        Self { _stage: stage, store, organization, profiles: tool_profiles(), truth, today: today() }
    }

    /// Four weeks of which every vendor has told everything: Copilot's reports of the last days are late.
    pub(crate) fn window(&self) -> Window {
        Window::ending(self.today.minus(3), 28)
    }

    /// The question about those four weeks, by somebody who sees everyone's rows.
    pub(crate) fn question(&self) -> Question {
        Question::overview(self.organization, self.window())
    }

    /// The report, which must be there.
    pub(crate) async fn report(&self, name: &ReportName, question: &Question) -> Report {
        self.maybe_report(name, question).await.unwrap_or_else(|| panic!("no report {name}"))
    }

    /// The report, if there is one.
    pub(crate) async fn maybe_report(&self, name: &ReportName, question: &Question) -> Option<Report> {
        let known = Known { profiles: &self.profiles, today: self.today };
        self.store.report(name, question, &known).await.unwrap()
    }
}

/// Syncs an integration, of which every stream must answer.
async fn read(stage: &Stage, id: IntegrationId, days: u32) {
    let scope = Scope { days, ..Scope::default() };
    let summary = stage.engine.sync(stage.organization, id, &scope, &CancellationToken::new()).await.unwrap();
    assert!(summary.rows > 0 && summary.stream_failures.is_empty(), "{summary:?}");
}

/// The figure of that id, which must be there.
#[track_caller]
pub(crate) fn figure<'r>(report: &'r Report, id: &str) -> &'r Figure {
    let mut figures = report.groups.iter().flat_map(|group| &group.figures);
    figures.find(|figure| figure.id == id).unwrap_or_else(|| panic!("no figure {id}: {:?}", ids(report)))
}

/// Every figure's id.
pub(crate) fn ids(report: &Report) -> Vec<&str> {
    report.groups.iter().flat_map(|group| &group.figures).map(|figure| figure.id.as_str()).collect()
}

/// A count that may be unknown, as a figure has it.
pub(crate) fn count(value: Option<i64>) -> Amount {
    Amount::count(value)
}

/// The table of that section, which must be there.
#[track_caller]
pub(crate) fn table<'r>(report: &'r Report, section: &str) -> &'r Table {
    let known: Vec<&str> = report.sections.iter().map(|section| section.id.as_str()).collect();
    let found = report.sections.iter().find(|one| one.id == section);
    &found.unwrap_or_else(|| panic!("no section {section}: {known:?}")).table
}

/// The cells of that column, in the rows' order.
#[track_caller]
pub(crate) fn column<'t>(table: &'t Table, id: &str) -> Vec<&'t Cell> {
    let place = table.column(id).unwrap_or_else(|| panic!("no column {id}: {:?}", table.columns));
    table.rows.iter().map(|row| &row[place]).collect()
}
