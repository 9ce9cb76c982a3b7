//! The table behind a chart: every value that is drawn, to be read, sorted and taken away.

use super::{Bars, Calendar, Cell, Chart, Column, Distribution, Gauge, Punch, Scatter, Strip, Table, Timeline, Unit};
use super::{Section, Step};

/// The chart's values as a table.
#[must_use]
pub fn twin(chart: &Chart) -> Table {
    match chart {
        Chart::Stacked(timeline) | Chart::Lines(timeline) | Chart::Columns(timeline) => over_time(timeline),
        Chart::Bars(bars) => of_bars(bars),
        Chart::Calendar(calendar) => of_calendar(calendar),
        Chart::Punch(punch) => of_punch(punch),
        Chart::Distribution(distribution) => of_distribution(distribution),
        Chart::Scatter(scatter) => of_scatter(scatter),
        Chart::Strip(strip) => of_strip(strip),
        Chart::Gauge(gauge) => of_gauge(gauge),
    }
}

impl Section {
    /// A chart with its twin.
    #[must_use]
    pub fn drawn(id: &str, title: &str, subtitle: &str, chart: Chart) -> Self {
        let table = twin(&chart);
        Self { chart: Some(chart), ..Self::listed(id, title, subtitle, table) }
    }

    /// A table that stands for itself, over the page's whole width.
    #[must_use]
    pub fn listed(id: &str, title: &str, subtitle: &str, table: Table) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            chart: None,
            table,
            empty: "No data in this window.".to_owned(),
            wide: false,
        }
    }

    /// The same over the page's whole width.
    #[must_use]
    pub fn widened(self) -> Self {
        Self { wide: true, ..self }
    }

    /// The same with the reason for having nothing to show.
    #[must_use]
    pub fn or_else_saying(self, why: &str) -> Self {
        Self { empty: why.to_owned(), ..self }
    }
}

/// A value of a chart as a cell.
#[must_use]
pub fn cell(unit: Unit, value: Option<f64>) -> Cell {
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers far below 2^52, micro-dollars too")]
    match (unit, value) {
        (_, None) => Cell::Nothing,
        (Unit::Count, Some(value)) if value.fract() == 0.0 => Cell::Count(value as i64),
        (Unit::Count, Some(value)) => Cell::Number(value),
        (Unit::Share, Some(value)) => Cell::Share(value),
        (Unit::Hours, Some(value)) => Cell::Duration((value * 3_600.0).round() as i64),
        (Unit::Dollars, Some(value)) => Cell::Money(crate::Money((value * 1e6).round() as i64)),
    }
}

fn over_time(timeline: &Timeline) -> Table {
    let first = match timeline.step {
        Step::Day => Column::text("day", "Day"),
        Step::Week => Column::text("week", "Week beginning"),
        Step::Month => Column::text("month", "Month"),
    };
    let names = timeline.series.iter().enumerate().map(|(place, one)| Column::number(format!("series_{place}"), &one.label));
    let columns = std::iter::once(first).chain(names).chain([Column::text("state", "State")]).collect();
    let points = timeline.series.first().map(|one| one.points.as_slice()).unwrap_or_default();
    let row = |(place, point): (usize, &super::Point)| {
        let at = |one: &super::Series| one.points.get(place).copied();
        let values = timeline.series.iter().map(|one| cell(timeline.unit, at(one).and_then(|point| point.value)));
        let provisional = timeline.series.iter().any(|one| at(one).is_some_and(|point| point.provisional));
        let state = Cell::text(if provisional { "provisional" } else { "" });
        std::iter::once(Cell::Day(point.day)).chain(values).chain([state]).collect()
    };
    Table::new(columns, points.iter().enumerate().map(row).collect())
}

fn of_bars(bars: &Bars) -> Table {
    let columns = vec![
        Column::text("name", &bars.of),
        Column::number("value", &bars.measure),
        Column::number("share", "Share"),
        Column::text("context", "Remarks"),
    ];
    let row = |bar: &super::Bar| vec![Cell::text(&bar.label), bar.value.into(), Cell::share(bar.share), Cell::text(&bar.context)];
    Table::new(columns, bars.bars.iter().map(row).collect())
}

fn of_calendar(calendar: &Calendar) -> Table {
    let columns = vec![Column::text("day", "Day"), Column::number("interactions", "Interactions")];
    Table::new(columns, calendar.days.iter().map(|day| vec![Cell::Day(day.day), Cell::count(day.interactions)]).collect())
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn of_punch(punch: &Punch) -> Table {
    let hours = (0..24).map(|hour| Column::number(format!("hour_{hour}"), format!("{hour:02}:00")));
    let columns = std::iter::once(Column::text("weekday", format!("Weekday ({})", punch.zone))).chain(hours).collect();
    let rows = punch.cells.iter().zip(WEEKDAYS);
    let row = |(hours, weekday): (&[Option<i64>; 24], &str)| {
        std::iter::once(Cell::text(weekday)).chain(hours.iter().map(|value| Cell::count(*value))).collect()
    };
    Table::new(columns, rows.map(row).collect())
}

fn of_distribution(distribution: &Distribution) -> Table {
    let columns = vec![Column::text("range", &distribution.measure), Column::number("people", "People")];
    let row = |bucket: &super::Bucket| vec![Cell::text(&bucket.label), Cell::Count(bucket.people)];
    Table::new(columns, distribution.buckets.iter().map(row).collect())
}

fn of_scatter(scatter: &Scatter) -> Table {
    let columns = vec![Column::text("name", "Point"), Column::number("x", &scatter.across), Column::number("y", &scatter.up)];
    let row = |dot: &super::Dot| vec![Cell::text(&dot.label), Cell::Number(dot.x), Cell::Number(dot.y)];
    Table::new(columns, scatter.points.iter().map(row).collect())
}

fn of_strip(strip: &Strip) -> Table {
    let words = |place: usize| strip.states.get(place).map_or("", |(_, words)| words.as_str());
    let columns = vec![Column::text("day", "Day"), Column::text("state", "State")];
    Table::new(columns, strip.days.iter().map(|(day, place)| vec![Cell::Day(*day), Cell::text(words(*place))]).collect())
}

fn of_gauge(gauge: &Gauge) -> Table {
    let columns = vec![Column::text("name", "What"), Column::number("value", "Share")];
    Table::new(columns, vec![vec![Cell::text(&gauge.label), Cell::share(gauge.value)]])
}
