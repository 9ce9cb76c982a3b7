//! One function per kind of chart, from its data to SVG text. Classes carry the colours (`series-0` to `series-7`, `heat-0` to
//! `heat-4`), so the page's stylesheet decides them for light and dark; each picture has a title, a description in words, and
//! marks that the page's script reads: `data-place` for what can be pointed at, with `data-day` or `data-x` as its heading and
//! `data-text` as its value; `data-series` for what a legend can hide.

mod bars;
mod calendar;
mod columns;
mod distribution;
mod frame;
mod gauge;
mod lines;
mod plot;
pub(crate) mod punch;
mod scatter;
mod spark;
mod stacked;
pub(crate) mod strip;

pub(crate) use lines::dash;
pub(crate) use plot::annotated;
pub use spark::{spark, spark_bars};

use crate::captions::caption;
use tacho_domain::report::Chart;

/// What every kind of chart is told about itself.
#[derive(Debug, Clone, Copy)]
struct Heading<'a> {
    id: &'a str,
    title: &'a str,
    description: &'a str,
}

/// Draws a chart; empty where there is nothing to draw. `id` is unique on the page.
#[must_use]
pub fn chart(id: &str, title: &str, chart: &Chart) -> String {
    if is_void(chart) {
        return String::new();
    }
    let description = caption(chart);
    let heading = Heading { id, title, description: &description };
    match chart {
        Chart::Stacked(timeline) => stacked::draw(heading, timeline),
        Chart::Lines(timeline) => lines::draw(heading, timeline),
        Chart::Columns(timeline) => columns::draw(heading, timeline),
        Chart::Bars(bars) => bars::draw(heading, bars),
        Chart::Calendar(calendar) => calendar::draw(heading, calendar),
        Chart::Punch(punch) => punch::draw(heading, punch),
        Chart::Distribution(distribution) => distribution::draw(heading, distribution),
        Chart::Scatter(scatter) => scatter::draw(heading, scatter),
        Chart::Strip(strip) => strip::draw(heading, strip),
        Chart::Gauge(gauge) => gauge::draw(heading, gauge),
    }
}

/// Whether a picture would show nothing at all.
fn is_void(chart: &Chart) -> bool {
    match chart {
        Chart::Stacked(timeline) | Chart::Lines(timeline) | Chart::Columns(timeline) => {
            timeline.series.iter().all(|one| one.points.iter().all(|point| point.value.is_none()))
        }
        Chart::Bars(bars) => bars.bars.iter().all(|bar| bar.value.number().is_none() && bar.share.is_none()),
        Chart::Calendar(calendar) => calendar.days.iter().all(|day| day.interactions.is_none()),
        Chart::Punch(punch) => punch.cells.iter().flatten().all(Option::is_none),
        Chart::Distribution(distribution) => distribution.buckets.iter().all(|bucket| bucket.people == 0),
        Chart::Scatter(scatter) => scatter.points.is_empty(),
        Chart::Strip(strip) => strip.days.is_empty(),
        Chart::Gauge(gauge) => gauge.value.is_none(),
    }
}

#[cfg(test)]
mod tests;
