//! The association sections of the Delivery report against plain loops over what people merged and used: cohorts, with and
//! without, repositories, sizes, before and after, lags, points. Ends that are drawn by chance are held by what lies between.

use crate::delivery::{Differences, teams};
use crate::filled::{Filled, on_each_engine_with_delivery, table};
use crate::stage::today;
use tacho_domain::Window;
use tacho_domain::report::{Cell, Chart, Question, Report, ReportName, Scatter, Table};
use tacho_simulator::{
    AssociationTruth, ChangeTruth, CohortTruth, ComparedTruth, Config, Delivery, LagTruth, PointTruth, SideTruth, middle_line,
};

/// Half a year with the use before it, in which some people begin; enough of them use nothing.
fn organization() -> Config {
    let delivery = Delivery { effect_permille: Some(600), abstainers_permille: 250, ..Delivery::default() };
    Config { members: 80, teams: 3, days: 230, delivery, ..Config::new(5, today()) }
}

/// Eight people over eight weeks.
fn small() -> Config {
    Config { members: 8, teams: 2, days: 60, ..Config::new(5, today()) }
}

const LENGTHS: [&str; 3] = ["Cycle time", "Pickup time", "Review time"];

/// One report with what it is to say.
struct Held<'h> {
    what: String,
    report: &'h Report,
    differences: &'h mut Differences,
}

/// A row by the ids of its columns.
struct Row<'t> {
    table: &'t Table,
    cells: &'t [Cell],
}

impl<'t> Row<'t> {
    fn cell(&self, id: &str) -> &'t Cell {
        &self.cells[self.table.column(id).unwrap_or_else(|| panic!("no column {id}"))]
    }

    fn cells(&self, ids: &[&str]) -> Vec<&'t Cell> {
        ids.iter().map(|id| self.cell(id)).collect()
    }

    /// The ends of the interval, if there is one.
    fn ends(&self) -> Option<(f64, f64)> {
        let number = |id: &str| match self.cell(id) {
            Cell::Duration(number) | Cell::Count(number) => Some(*number as f64),
            Cell::Share(number) | Cell::Number(number) => Some(*number),
            _ => None,
        };
        Some((number("low")?, number("high")?))
    }
}

fn count(many: usize) -> Cell {
    Cell::Count(many as i64)
}

impl<'h> Held<'h> {
    /// Holds each row's cells of these columns, and gives the rows.
    fn rows(&mut self, section: &str, ids: &[&str], expected: &[Vec<Cell>]) -> Vec<Row<'h>> {
        let table = table(self.report, section);
        let rows: Vec<Row<'h>> = table.rows.iter().map(|cells| Row { table, cells }).collect();
        self.differences.same(&format!("rows of {section} of {}", self.what), &rows.len(), &expected.len());
        for (at, (row, expected)) in rows.iter().zip(expected).enumerate() {
            let expected: Vec<&Cell> = expected.iter().collect();
            self.differences.same(&format!("row {at} of {section} of {}", self.what), &row.cells(ids), &expected);
        }
        rows
    }

    fn cohorts(&mut self, truth: &[CohortTruth; 4]) {
        let expected = truth.map(|cohort| {
            let [cycle, pickup, review, lines] = cohort.medians;
            let times = [cycle, pickup, review].map(Cell::duration);
            [count(cohort.people), count(cohort.pulls)].into_iter().chain(times).chain([Cell::count(lines)]).collect()
        });
        self.rows("cohorts", &["people", "pulls", "cycle", "pickup", "review", "lines"], &expected);
    }

    /// Rows of two sides. `amount` says how a length is written: lines are counted, all else takes time.
    fn compared(&mut self, section: &str, truth: &[(String, ComparedTruth)]) {
        let amount = |name: &str| if name == "Size (lines)" { Cell::count } else { Cell::duration };
        let row = |(name, compared): &(String, ComparedTruth)| {
            let (amount, difference) = (amount(name), compared.difference());
            let median = |side: SideTruth| amount(side.median.filter(|_| difference.is_some()));
            let ComparedTruth { with, without } = *compared;
            let sizes = [with.pulls, with.people, without.pulls, without.people].map(count);
            [Cell::text(name), median(with), median(without), amount(difference)].into_iter().chain(sizes).collect()
        };
        let expected: Vec<Vec<Cell>> = truth.iter().map(row).collect();
        let ids = ["what", "with", "without", "difference", "pulls_with", "people_with", "pulls_without", "people_without"];
        for (row, (name, compared)) in self.rows(section, &ids, &expected).iter().zip(truth) {
            let words = match (row.ends(), name.as_str()) {
                (None, _) => "Not enough data",
                (Some((low, high)), _) if low <= 0.0 && high >= 0.0 => "No clear difference: the interval includes zero",
                (Some((_, high)), "Size (lines)") => {
                    if high < 0.0 {
                        "Smaller with AI tools"
                    } else {
                        "Larger with AI tools"
                    }
                }
                (Some((_, high)), _) => {
                    if high < 0.0 {
                        "Shorter with AI tools"
                    } else {
                        "Longer with AI tools"
                    }
                }
            };
            self.interval(&format!("{name} in {section}"), row, compared.difference().map(|it| it as f64), words);
        }
    }

    /// An interval is there exactly where the value is, lies around it, and is told in these words.
    fn interval(&mut self, name: &str, row: &Row<'_>, value: Option<f64>, words: &str) {
        let what = format!("interval of {name} of {}", self.what);
        self.differences.same(&what, &row.ends().is_some(), &value.is_some());
        self.differences.same(&what, row.cell("verdict"), &Cell::text(words));
        if let (Some((low, high)), Some(value)) = (row.ends(), value) {
            let is_around = low < high && low <= value && value <= high;
            self.differences.same(&format!("{what}: {value} in {low} to {high}"), &is_around, &true);
        }
    }

    fn changes(&mut self, truth: &[ChangeTruth; 3]) {
        let expected: Vec<Vec<Cell>> = (truth.iter().zip(LENGTHS))
            .map(|(it, name)| vec![Cell::text(name), count(it.people), count(it.before), count(it.after)])
            .collect();
        let rows = self.rows("before_after", &["what", "people", "pulls_before", "pulls_after"], &expected);
        for ((row, it), name) in rows.iter().zip(truth).zip(LENGTHS) {
            let shares = row.cells(&["change", "low", "high"]).into_iter().map(|cell| match cell {
                Cell::Share(share) => Some(millionths(*share)),
                _ => None,
            });
            let expected = it.change.map_or([None; 3], |(change, low, high)| [change, low, high].map(|it| Some(millionths(it))));
            let what = format!("change of {name} of {}", self.what);
            self.differences.same(&what, &shares.collect::<Vec<_>>()[..], &expected[..]);
            let words = match it.change {
                None => "Not enough data",
                Some((_, low, high)) if low <= 0.0 && high >= 0.0 => "No clear change: the interval includes zero",
                Some((change, ..)) => {
                    if change < 0.0 {
                        "Shorter after"
                    } else {
                        "Longer after"
                    }
                }
            };
            self.differences.same(&what, row.cell("verdict"), &Cell::text(words));
        }
    }

    fn lags(&mut self, truth: &[LagTruth; 3]) {
        let rounded = |rho: f64| (rho * 100.0).round() / 100.0;
        let labels = ["In the same week", "One week earlier", "Two weeks earlier"];
        let row = |(it, label): (&LagTruth, &str)| {
            vec![Cell::text(label), it.rho.map_or(Cell::Nothing, |rho| Cell::Number(rounded(rho))), count(it.weeks)]
        };
        let expected: Vec<Vec<Cell>> = truth.iter().zip(labels).map(row).collect();
        for ((row, it), label) in self.rows("lags", &["lag", "rho", "weeks"], &expected).iter().zip(truth).zip(labels) {
            let words = match row.ends() {
                None => "Not enough data",
                Some((low, high)) if low <= 0.0 && high >= 0.0 => "No clear relation: the interval includes zero",
                Some((_, high)) if high < 0.0 => "Weeks of more use go with shorter cycles",
                Some(_) => "Weeks of more use go with longer cycles",
            };
            self.interval(label, row, it.rho.map(rounded), words);
        }
    }

    /// The points in any order, and the line through them as they lie.
    fn points(&mut self, expected: &[PointTruth]) {
        let scatter = scatter(self.report);
        let points = scatter.points.iter().map(|dot| PointTruth { label: dot.label.clone(), used: dot.x, cycle: dot.y });
        let points: Vec<PointTruth> = points.collect();
        let sorted = |points: &[PointTruth]| {
            let mut keys: Vec<(String, i64, i64)> =
                points.iter().map(|it| (it.label.clone(), millionths(it.used), millionths(it.cycle))).collect();
            keys.sort();
            keys
        };
        self.differences.same(&format!("points of {}", self.what), &sorted(&points), &sorted(expected));
        let line: Vec<[i64; 4]> = scatter.trend.iter().map(|it| [it.x, it.y, it.low, it.high].map(millionths)).collect();
        let expected: Vec<[i64; 4]> =
            middle_line(&points).iter().map(|it| [it.used, it.cycle, it.low, it.high].map(millionths)).collect();
        self.differences.same(&format!("middle line of {}", self.what), &line, &expected);
    }

    fn all(mut self, truth: &AssociationTruth, points: &[PointTruth]) {
        let named = |names: [&str; 4], truth: &[ComparedTruth; 4]| -> Vec<(String, ComparedTruth)> {
            names.into_iter().map(str::to_owned).zip(*truth).collect()
        };
        let [cycle, pickup, review] = LENGTHS;
        self.cohorts(&truth.cohorts);
        self.compared("with_without", &named([cycle, pickup, review, "Size (lines)"], &truth.measures));
        self.compared("by_repository", &truth.repositories);
        let sizes = ["Up to 50 lines", "51 to 200 lines", "201 to 500 lines", "More than 500 lines"];
        self.compared("by_size", &named(sizes, &truth.sizes));
        self.changes(&truth.changes);
        self.lags(&truth.lags);
        self.points(points);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "shares, percents and hours")]
fn millionths(value: f64) -> i64 {
    (value * 1_000_000.0).round() as i64
}

fn scatter(report: &Report) -> &Scatter {
    match report.section("scatter").and_then(|section| section.chart.as_ref()) {
        Some(Chart::Scatter(scatter)) => scatter,
        other => panic!("no points: {other:?}"),
    }
}

/// Which kinds of answers were met, so that no table is held by empty rows alone.
#[derive(Default, Debug, PartialEq, Eq)]
struct Met {
    compared: [bool; 2],
    repository: [bool; 2],
    size: [bool; 2],
    change: [bool; 2],
    lag: [bool; 2],
    line: [bool; 2],
}

impl Met {
    fn note(&mut self, truth: &AssociationTruth, report: &Report) {
        let note = |met: &mut [bool; 2], is_enough: bool| met[usize::from(is_enough)] = true;
        truth.measures.iter().for_each(|it| note(&mut self.compared, it.difference().is_some()));
        truth.repositories.iter().for_each(|(_, it)| note(&mut self.repository, it.difference().is_some()));
        truth.sizes.iter().for_each(|it| note(&mut self.size, it.difference().is_some()));
        truth.changes.iter().for_each(|it| note(&mut self.change, it.change.is_some()));
        truth.lags.iter().for_each(|it| note(&mut self.lag, it.rho.is_some()));
        note(&mut self.line, !scatter(report).trend.is_empty());
    }
}

#[tokio::test]
async fn every_table_of_the_comparisons_is_the_truths() {
    on_each_engine_with_delivery(organization, async |filled| {
        let (mut differences, mut met) = (Differences::default(), Met::default());
        for days in [14, 84] {
            let question = Question { window: Window::ending(filled.window().to, days), ..filled.question() };
            let whole = hold(&filled, &question, None, &mut differences, &mut met).await;
            for (slug, team) in teams(&whole) {
                let question = Question { team: Some(team), ..question.clone() };
                hold(&filled, &question, Some(&slug), &mut differences, &mut met).await;
            }
        }
        differences.none(300);
        let both = [true; 2];
        let all = Met { compared: both, repository: both, size: both, change: both, lag: [false, true], line: both };
        assert_eq!(met, all, "each kind is met with enough data and without, but for weeks, which are as many for all");
    })
    .await;
}

#[tokio::test]
async fn a_small_organization_has_not_enough_data_for_anything() {
    on_each_engine_with_delivery(small, async |filled| {
        let (mut differences, mut met) = (Differences::default(), Met::default());
        hold(&filled, &filled.question(), None, &mut differences, &mut met).await;
        differences.none(40);
        let none = [true, false];
        assert_eq!(met, Met { compared: none, repository: none, size: none, change: none, lag: none, line: none });
    })
    .await;
}

async fn hold(filled: &Filled, question: &Question, team: Option<&str>, differences: &mut Differences, met: &mut Met) -> Report {
    let report = filled.report(&ReportName::Delivery, question).await;
    let truth = filled.truth.association(question.window, team);
    let what = format!("{} in {} days", team.unwrap_or("all"), question.window.len());
    met.note(&truth, &report);
    // Three teams are drawn by team; a team and fewer teams, by person.
    let points = if team.is_some() || truth.teams.len() < 3 { &truth.people } else { &truth.teams };
    Held { what, report: &report, differences }.all(&truth, points);
    report
}
