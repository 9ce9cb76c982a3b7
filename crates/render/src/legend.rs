//! What the colours, dashes and stripes of a chart mean.

use crate::charts::strip::state_class;
use crate::charts::{annotated, dash};
use crate::heat::HeatScale;
use crate::palette::series_class;
use tacho_domain::report::{Calendar, Chart, Punch, Scatter, Strip, Timeline};

/// An entry of a legend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The classes of its mark.
    pub class: String,
    /// Its words.
    pub label: String,
    /// The place of the series it stands for, which it can show and hide: the entry carries it as `data-series`.
    pub series: Option<usize>,
}

impl Key {
    fn of(class: impl Into<String>, label: impl Into<String>) -> Self {
        Self { class: class.into(), label: label.into(), series: None }
    }
}

/// The legend of a chart; empty where the chart names everything itself.
#[must_use]
pub fn legend(chart: &Chart) -> Vec<Key> {
    match chart {
        Chart::Stacked(timeline) | Chart::Columns(timeline) => over_time(timeline, true),
        Chart::Lines(timeline) => over_time(timeline, false),
        Chart::Calendar(calendar) => of_calendar(calendar),
        Chart::Punch(punch) => of_punch(punch),
        Chart::Scatter(scatter) => of_scatter(scatter),
        Chart::Strip(strip) => of_strip(strip),
        Chart::Bars(_) | Chart::Distribution(_) | Chart::Gauge(_) => Vec::new(),
    }
}

fn over_time(timeline: &Timeline, is_filled: bool) -> Vec<Key> {
    let series = &timeline.series;
    let class = |place: usize| {
        let colour = series_class(series[place].colour);
        if is_filled { colour } else { format!("key-line {colour} dash-{}", dash(series, place)) }
    };
    let mut keys: Vec<Key> = (0..series.len())
        .map(|place| Key { class: class(place), label: series[place].label.clone(), series: Some(place) })
        .collect();
    let points = || series.iter().flat_map(|one| &one.points);
    if points().any(|point| point.provisional) {
        keys.push(Key::of("key-provisional", "provisional: may still be restated"));
    }
    let places = series.iter().map(|one| one.points.len()).max().unwrap_or(0);
    let is_void = |place: usize| series.iter().all(|one| one.points.get(place).is_none_or(|point| point.value.is_none()));
    if is_filled && (0..places).any(is_void) {
        keys.push(Key::of("key-void", "no data"));
    }
    if !annotated(timeline).is_empty() {
        keys.push(Key::of("key-annotation", "change in what the numbers mean"));
    }
    keys
}

fn of_calendar(calendar: &Calendar) -> Vec<Key> {
    let values = || calendar.days.iter().map(|day| day.interactions);
    let scale = calendar.levels.map_or_else(|| HeatScale::of(values().flatten()), HeatScale::given);
    levels(scale, values().any(|value| value.is_none()))
}

fn of_punch(punch: &Punch) -> Vec<Key> {
    let values = || punch.cells.iter().flatten();
    levels(HeatScale::of(values().copied().flatten()), values().any(Option::is_none))
}

fn levels(scale: HeatScale, has_unknown: bool) -> Vec<Key> {
    let levels = scale.legend().into_iter().map(|(level, words)| Key::of(format!("heat-{level}"), words));
    levels.chain(has_unknown.then(|| Key::of("key-none", "no data"))).collect()
}

fn of_scatter(scatter: &Scatter) -> Vec<Key> {
    if scatter.trend.is_empty() {
        return Vec::new();
    }
    vec![Key::of("key-trend", "middle line"), Key::of("key-interval", "its 95 % interval")]
}

fn of_strip(strip: &Strip) -> Vec<Key> {
    let occurs = |place: usize| strip.days.iter().any(|(_, state)| *state == place);
    let states = strip.states.iter().enumerate().filter(|(place, _)| occurs(*place));
    states.map(|(place, (id, words))| Key::of(state_class(id, place), words)).collect()
}
