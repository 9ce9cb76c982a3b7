//! The largest teams over time.

use super::Material;
use super::gather::{StepSum, Whose};
use super::lines::Line;
use crate::report::{Chart, Point, Question, Section, Series, Step, Timeline};
use crate::reports::people::few;
use crate::{Day, ToolId};

/// Teams that one chart tells apart.
const DRAWN: usize = 8;

pub(super) fn sections(question: &Question, material: &Material<'_>, lines: &[Line<'_>]) -> Vec<Section> {
    let drawn: Vec<&Line<'_>> = lines
        .iter()
        .filter(|line| matches!(line.whose, Whose::Team(_)) && !line.withheld && line.active.count() > 0)
        .take(DRAWN)
        .collect();
    let knows = material.tally.knows_activity();
    let active = |step: &StepSum| knows.then(|| step.active.count());
    let interactions = |step: &StepSum| {
        // A week in which hardly anybody of a large team was there tells of those who were.
        let tells = few(&question.audience, material.directory, &step.active);
        if tells { None } else { step.interactions }
    };
    let (per, part) =
        if step(material) == Step::Day { ("day", "") } else { ("week", " The first and the last week may be there in part.") };
    let which = if lines.len() > DRAWN { " The eight teams with the most active members are drawn." } else { "" };
    let why = "No team had an active member in this window.";
    vec![
        Section::drawn(
            "active",
            &format!("Active members by {per}"),
            &format!("Distinct members active with any tool, of those in the team on the day.{part}{which}"),
            Chart::Lines(timeline(material, &drawn, active)),
        )
        .or_else_saying(why),
        Section::drawn(
            "interactions",
            &format!("Interactions by {per}"),
            &format!("Explicit use of all tools added up, although their units differ.{part}{which}"),
            Chart::Lines(timeline(material, &drawn, interactions)),
        )
        .or_else_saying(why),
    ]
}

fn step(material: &Material<'_>) -> Step {
    let starts = &material.tally.starts;
    if starts.iter().all(|day| day.week() == *day) && starts.len() > 1 { Step::Week } else { Step::Day }
}

fn timeline(material: &Material<'_>, drawn: &[&Line<'_>], value: impl Fn(&StepSum) -> Option<i64>) -> Timeline {
    let starts: &[Day] = &material.tally.starts;
    let series = drawn.iter().enumerate().map(|(place, line)| Series {
        tool: ToolId::new(""),
        label: line.name.clone(),
        colour: u8::try_from(place).unwrap_or_default(),
        points: line.done.steps.iter().enumerate().map(|(at, sum)| point(material, starts[at], at, value(sum))).collect(),
    });
    Timeline { series: series.collect(), step: step(material), ..Timeline::default() }
}

#[expect(clippy::cast_precision_loss, reason = "points to draw")]
fn point(material: &Material<'_>, day: Day, at: usize, value: Option<i64>) -> Point {
    Point { day, value: value.map(|value| value as f64), provisional: material.tally.is_provisional(at) }
}
