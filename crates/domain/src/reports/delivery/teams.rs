//! Teams beside one another, and adoption against cycle time.

use super::gather::{Gathered, Pull, Tiers, median, people};
use crate::association::{median_interval, median_of};
use crate::delivery::Part;
use crate::metrics::People;
use crate::report::{Cell, Chart, Column, Dot, ReportName, Scatter, Section, Table, TrendPoint};
use crate::reports::people::withheld_groups;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Fewer teams than this are no cloud of points.
const LEAST_TEAMS: usize = 3;
/// More people than this are not drawn one by one.
const MOST_PEOPLE: usize = 400;
/// Points that a piece of the middle line is made of, at least.
const LEAST_POINTS: usize = 8;

/// A team, or whoever is in none.
struct Line<'g> {
    team: Option<i64>,
    name: String,
    pulls: Vec<&'g Pull<'g>>,
    people: People,
    withheld: bool,
}

/// Teams with the most pull requests first; each pull request counts for the teams that its author was in on the day.
fn lines<'g>(gathered: &'g Gathered<'g>) -> Vec<Line<'g>> {
    let material = gathered.material;
    let mut teams: BTreeMap<Option<i64>, Vec<&Pull<'_>>> = BTreeMap::new();
    for pull in gathered.now() {
        let Some(author) = pull.author else { continue };
        let on = material.teams.on(pull.day).iter().filter(|(_, people)| people.contains(author));
        let own: Vec<i64> = on.map(|(team, _)| *team).collect();
        for team in &own {
            teams.entry(Some(*team)).or_default().push(pull);
        }
        if own.is_empty() {
            teams.entry(None).or_default().push(pull);
        }
    }
    let name = |team: Option<i64>| match team {
        Some(team) => material.team_names.get(&team).cloned().unwrap_or_else(|| format!("Team {team}")),
        None => "No team".to_owned(),
    };
    let line = |(team, pulls): (Option<i64>, Vec<&'g Pull<'g>>)| {
        let people = people(pulls.iter().copied());
        Line { team, name: name(team), pulls, people, withheld: false }
    };
    let mut lines: Vec<Line<'g>> = teams.into_iter().map(line).collect();
    lines.sort_by_cached_key(|line| (line.team.is_none(), Reverse(line.pulls.len()), line.name.to_lowercase()));
    let groups: Vec<&People> = lines.iter().map(|line| &line.people).collect();
    let hidden = withheld_groups(&gathered.question.audience, material.directory, &groups);
    lines.iter_mut().zip(hidden).for_each(|(line, hidden)| line.withheld = hidden);
    lines
}

pub(super) fn sections(gathered: &Gathered<'_>) -> Vec<Section> {
    // Of one team there are no lines of teams.
    let lines = if gathered.is_whole() { lines(gathered) } else { Vec::new() };
    let mut sections: Vec<Section> = scatter(gathered, &lines).into_iter().collect();
    if gathered.is_whole() {
        sections.push(table(gathered, &lines));
    }
    sections
}

fn table(gathered: &Gathered<'_>, lines: &[Line<'_>]) -> Section {
    let columns = vec![
        Column::text("name", "Team"),
        Column::number("merged", "Merged pull requests"),
        Column::number("contributors", "Contributors"),
        Column::number("throughput", "Per contributor and week"),
        Column::number("cycle", "Cycle time (median)"),
        Column::number("coding", "Coding time (median)"),
        Column::number("pickup", "Pickup time (median)"),
        Column::number("review", "Review time (median)"),
        Column::number("merge", "Merge time (median)"),
        Column::number("floor", "AI-assisted, at least"),
        Column::number("ceiling", "AI-assisted, at most"),
    ];
    let row = |line: &Line<'_>| {
        let name = line.team.map_or_else(|| Cell::text(&line.name), |team| Cell::link(&line.name, ReportName::Team(team).page()));
        let mut cells = vec![name];
        if line.withheld {
            cells.resize(columns.len(), Cell::Nothing);
        } else {
            cells.extend(numbers(gathered, &line.pulls, line.people.count()));
        }
        cells
    };
    let everyone: Vec<&Pull<'_>> = gathered.now().iter().collect();
    let mut total = vec![Cell::text("Everyone")];
    total.extend(numbers(gathered, &everyone, people(gathered.now()).count()));
    let rows: Vec<Vec<Cell>> = lines.iter().map(row).collect();
    let table = if rows.is_empty() { Table::new(columns, rows) } else { Table::new(columns, rows).with_total(total) };
    Section::listed(
        "teams",
        "Teams",
        "A pull request counts for the teams that whoever is credited with it was in on the day of the merge. Everyone: each pull \
         request once. Lines of fewer than five people are empty for whoever may not see each of them, and as many more as it takes \
         that their difference tells nothing.",
        table,
    )
    .or_else_saying("No pull request was merged in this window.")
}

#[expect(clippy::cast_precision_loss, reason = "numbers of pull requests")]
fn numbers(gathered: &Gathered<'_>, pulls: &[&Pull<'_>], contributors: i64) -> Vec<Cell> {
    let weeks = f64::from(gathered.window().len()) / 7.0;
    let each = pulls.len() as f64 / contributors.max(1) as f64 / weeks;
    let tiers = Tiers::of(pulls.iter().copied());
    let mut cells = vec![
        Cell::Count(i64::try_from(pulls.len()).unwrap_or(i64::MAX)),
        Cell::Count(contributors),
        if contributors > 0 { Cell::Number((each * 100.0).round() / 100.0) } else { Cell::Nothing },
    ];
    cells.extend(Part::ALL.map(|part| Cell::duration(median(pulls.iter().copied(), part))));
    cells.extend([Cell::share(tiers.floor()), Cell::share(tiers.ceiling())]);
    cells
}

/// By team; by person where there are hardly any teams and the asker may see everybody. Nothing where neither is so.
fn scatter(gathered: &Gathered<'_>, lines: &[Line<'_>]) -> Option<Section> {
    if !gathered.material.use_days.knows() {
        return None;
    }
    let teams: Vec<&Line<'_>> = lines.iter().filter(|line| line.team.is_some() && !line.withheld).collect();
    let (points, of) = if gathered.is_whole() && teams.len() >= LEAST_TEAMS {
        (teams.iter().filter_map(|line| team_point(gathered, line)).collect(), "team")
    } else {
        (person_points(gathered)?, "person")
    };
    let trend = trend(&points);
    let scatter = Scatter {
        across: "Working days with use of AI tools (%)".into(),
        up: "Cycle time, median (hours)".into(),
        points,
        trend,
    };
    let subtitle = format!(
        "A point for each {of}: how regularly its contributors used AI tools, and the median cycle time of their pull requests. The \
         middle line joins medians of neighbouring points, where there are enough, with their 95 % intervals."
    );
    let section = Section::drawn("scatter", "Adoption and cycle time", &subtitle, Chart::Scatter(scatter));
    Some(section.or_else_saying("Not enough data in this window."))
}

#[expect(clippy::cast_precision_loss, reason = "points to draw")]
fn point(gathered: &Gathered<'_>, label: String, colour: u8, people: &People, pulls: &[&Pull<'_>]) -> Option<Dot> {
    let workdays = i64::from(gathered.window().workdays()) * people.count();
    let used: u32 = people.iter().map(|subject| gathered.material.use_days.count(subject, gathered.window())).sum();
    let share = crate::metrics::ratio(Some(i64::from(used)), Some(workdays))?.min(1.0);
    let seconds = median(pulls.iter().copied(), Part::Cycle)?;
    Some(Dot { label, colour, x: (share * 1_000.0).round() / 10.0, y: (seconds as f64 / 360.0).round() / 10.0 })
}

fn team_point(gathered: &Gathered<'_>, line: &Line<'_>) -> Option<Dot> {
    let own: Vec<&Pull<'_>> = line.pulls.iter().filter(|pull| pull.compared().is_some()).copied().collect();
    let members = people(own.iter().copied());
    point(gathered, line.name.clone(), 0, &members, &own)
}

fn person_points(gathered: &Gathered<'_>) -> Option<Vec<Dot>> {
    let mut of_people: BTreeMap<_, Vec<&Pull<'_>>> = BTreeMap::new();
    for (subject, pull) in gathered.now().iter().filter_map(|pull| Some((pull.compared()?, pull))) {
        of_people.entry(subject).or_default().push(pull);
    }
    let may = of_people.keys().all(|subject| gathered.sees(Some(*subject)));
    if !may || of_people.len() > MOST_PEOPLE || of_people.len() < 2 {
        return None;
    }
    let dot = |(subject, pulls): (&crate::SubjectId, &Vec<&Pull<'_>>)| {
        let label = gathered.material.names.get(subject).cloned().unwrap_or_else(|| format!("Person {}", subject.0));
        let mut alone = People::default();
        alone.insert(*subject);
        point(gathered, label, 0, &alone, pulls)
    };
    Some(of_people.iter().filter_map(dot).collect())
}

/// Medians of runs of neighbouring points with their intervals: no shape of a line is assumed.
fn trend(points: &[Dot]) -> Vec<TrendPoint> {
    let pieces = (points.len() / LEAST_POINTS).min(5);
    if pieces < 2 {
        return Vec::new();
    }
    let mut sorted: Vec<&Dot> = points.iter().collect();
    sorted.sort_by(|one, two| one.x.total_cmp(&two.x));
    let piece = |place: usize| {
        let part = &sorted[place * sorted.len() / pieces..(place + 1) * sorted.len() / pieces];
        let across: Vec<f64> = part.iter().map(|dot| dot.x).collect();
        let up: Vec<f64> = part.iter().map(|dot| dot.y).collect();
        let (low, high) = median_interval(&up)?;
        Some(TrendPoint { x: median_of(&across)?, y: median_of(&up)?, low, high })
    };
    (0..pieces).filter_map(piece).collect()
}
