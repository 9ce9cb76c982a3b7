//! What charts over time share: the axes, the stripes over provisional days, the marked changes, and a column over each place
//! that tells all its values.

use super::Heading;
use super::frame::Frame;
use crate::scale::{axis, full, last_day, marks};
use crate::svg::{Picture, at, escape};
use std::fmt::Write;
use tacho_domain::Day;
use tacho_domain::report::{Annotation, Step, Timeline};

const WIDTH: f64 = 680.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 52.0;
/// From line to line of the marked changes that stand too near to each other.
const BADGE: f64 = 17.0;

/// A chart over time under way.
pub(super) struct Plot<'a> {
    pub(super) picture: Picture,
    pub(super) frame: Frame,
    timeline: &'a Timeline,
    days: Vec<Day>,
    /// From value line to value line.
    step: f64,
}

/// The changes that lie in a timeline, each with its place; their numbers in the picture count from 1.
pub(crate) fn annotated(timeline: &Timeline) -> Vec<(usize, &Annotation)> {
    let days = days(timeline);
    let place = |day: Day| (0..days.len()).find(|place| days[*place] <= day && day <= last_day(days[*place], timeline.step));
    let mut found: Vec<(usize, &Annotation)> =
        timeline.annotations.iter().filter_map(|note| Some((place(note.day)?, note))).collect();
    found.sort_by_key(|(_, note)| note.day);
    found
}

fn days(timeline: &Timeline) -> Vec<Day> {
    timeline.series.first().map(|first| first.points.iter().map(|point| point.day).collect()).unwrap_or_default()
}

impl<'a> Plot<'a> {
    /// Opens the picture and draws its axes, up to `most` in lines of `step`.
    pub(super) fn open(kind: &str, heading: Heading<'_>, timeline: &'a Timeline, (most, step): (f64, f64)) -> Self {
        let mut picture =
            Picture::open(&format!("{kind} chart-timeline"), heading.id, (WIDTH, HEIGHT), heading.title, heading.description);
        picture.stripes();
        let days = days(timeline);
        // The numbers of the marked changes stand above the plot.
        let top = if annotated(timeline).is_empty() { 10.0 } else { 10.0 + BADGE };
        let frame = Frame { left: LEFT, top, width: WIDTH - LEFT - 12.0, height: HEIGHT - 32.0 - top, places: days.len(), most };
        frame.values(&mut picture, step, |value| axis(timeline.unit, value));
        frame.names(&mut picture, &marks(&days, timeline.step));
        Self { picture, frame, timeline, days, step }
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        self.days.len()
    }

    /// The value of a series at a place.
    pub(super) fn value(&self, series: usize, place: usize) -> Option<f64> {
        self.timeline.series[series].points.get(place).and_then(|point| point.value)
    }

    /// Greys the places at which no series knows anything.
    pub(super) fn void(&mut self) {
        let all = 0..self.timeline.series.len();
        let timeline = self.timeline;
        let is_void = |place: usize| {
            all.clone().all(|series| timeline.series[series].points.get(place).is_none_or(|point| point.value.is_none()))
        };
        self.frame.cover(&mut self.picture, "void", "", is_void);
    }

    /// Stripes the places that may still be restated.
    pub(super) fn provisional(&mut self) {
        let striped = self.picture.striped();
        let timeline = self.timeline;
        let frame = self.frame;
        frame.cover(&mut self.picture, "provisional", &striped, |place| is_provisional(timeline, place));
    }

    /// Draws what lies over the series and ends the picture. `tops` are the heights of the values, by series and place.
    pub(super) fn close(mut self, tops: &[Vec<Option<f64>>]) -> String {
        let notes = annotated(self.timeline);
        let (frame, unit) = (self.frame, self.timeline.unit);
        frame.edges(&mut self.picture, self.step, |value| axis(unit, value));
        self.changes(&notes);
        self.picture.group("places", "");
        for place in 0..self.days.len() {
            let more = self.place(place, &notes, tops);
            let corner = (self.frame.x(place) - self.frame.step() / 2.0, self.frame.top);
            self.picture.rect("column", corner, (self.frame.step(), self.frame.height), &more);
        }
        self.picture.end_group();
        self.picture.close()
    }

    /// A line where each change begins, with its number.
    fn changes(&mut self, notes: &[(usize, &Annotation)]) {
        let mut last = f64::MIN;
        for (number, (place, _)) in notes.iter().enumerate() {
            let x = self.frame.x(*place) - self.frame.step() / 2.0;
            let badge = x.max(last + BADGE).min(self.frame.left + self.frame.width);
            self.picture.line("annotation", (x, self.frame.top), (x, self.frame.bottom()));
            self.picture.disc("annotation-badge", (badge, self.frame.top - 9.0), 7.5, "");
            self.picture.label("annotation-number", (badge, self.frame.top - 5.5), "middle", &(number + 1).to_string());
            last = badge;
        }
    }

    /// The attributes of a place: its days, the values of all series in their order, and the heights of their points.
    fn place(&self, place: usize, notes: &[(usize, &Annotation)], tops: &[Vec<Option<f64>>]) -> String {
        let day = self.days[place];
        let mut more = format!(r#" data-place="" data-day="{day}""#);
        if self.timeline.step != Step::Day {
            let _ = write!(more, r#" data-to="{}""#, last_day(day, self.timeline.step));
        }
        let all = 0..self.timeline.series.len();
        let texts = all.map(|series| self.value(series, place).map_or(String::new(), |value| full(self.timeline.unit, value)));
        let texts: Vec<String> = texts.collect();
        if texts.iter().any(|text| !text.is_empty()) {
            let heights = tops.iter().map(|tops| tops.get(place).copied().flatten().map_or(String::new(), at));
            let _ = write!(more, r#" data-text="{}" data-at="{}""#, texts.join("|"), heights.collect::<Vec<_>>().join("|"));
        }
        if is_provisional(self.timeline, place) {
            more.push_str(r#" data-provisional="""#);
        }
        let said: Vec<&str> = notes.iter().filter(|(at, _)| *at == place).map(|(_, note)| note.text.as_str()).collect();
        if !said.is_empty() {
            let _ = write!(more, r#" data-note="{}""#, escape(&said.join(" ")));
        }
        more
    }
}

fn is_provisional(timeline: &Timeline, place: usize) -> bool {
    timeline.series.iter().any(|one| one.points.get(place).is_some_and(|point| point.provisional))
}
