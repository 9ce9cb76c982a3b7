//! Points of teams and of people: how regularly AI tools are used, and how long pull requests take.

use super::{Studied, binomial_interval, middle};
use crate::delivery::PullTruth;
use crate::names;
use crate::truth::{Length, Truth};
use std::collections::BTreeSet;

/// Points that a piece of the middle line is made of, at least.
const LEAST_POINTS: usize = 8;
const MOST_PIECES: usize = 5;

/// A point, as it is rounded to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct PointTruth {
    /// The team's slug, which is all that reports of usage tell of it, or the person's name.
    pub label: String,
    /// Days of use per working day, in percent with a decimal.
    pub used: f64,
    /// The median cycle time in hours with a decimal.
    pub cycle: f64,
}

/// A piece of the middle line: medians of neighbouring points, and the interval of the upper one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PieceTruth {
    /// Use.
    pub used: f64,
    /// Cycle time.
    pub cycle: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The middle line of points, by their use: as many pieces as have eight points each, at most five; one alone is no line.
#[must_use]
pub fn middle_line(points: &[PointTruth]) -> Vec<PieceTruth> {
    let pieces = (points.len() / LEAST_POINTS).min(MOST_PIECES);
    if pieces < 2 {
        return Vec::new();
    }
    let mut sorted = points.to_vec();
    sorted.sort_by(|one, two| one.used.total_cmp(&two.used));
    let piece = |place: usize| {
        let part = &sorted[place * sorted.len() / pieces..(place + 1) * sorted.len() / pieces];
        let cycles: Vec<f64> = part.iter().map(|point| point.cycle).collect();
        let (low, high) = binomial_interval(&cycles)?;
        let used = middle(&part.iter().map(|point| point.used).collect::<Vec<f64>>())?;
        Some(PieceTruth { used, cycle: middle(&cycles)?, low, high })
    };
    (0..pieces).filter_map(piece).collect()
}

impl Studied {
    fn point(&self, label: String, counts: impl Fn(usize, &PullTruth) -> bool) -> Option<PointTruth> {
        let own: Vec<&(usize, PullTruth)> = self.now().filter(|(person, it)| counts(*person, it)).collect();
        let people: BTreeSet<usize> = own.iter().map(|(person, _)| *person).collect();
        let used: usize = people.iter().map(|person| self.used_days(*person)).sum();
        let seconds = Length::of(own.iter().map(|(_, it)| it.cycle_seconds()).collect()).median?;
        let of = self.workdays() * people.len();
        (of > 0).then(|| PointTruth { label, used: tenths(100 * used.min(of), of), cycle: tenths_of_hours(seconds) })
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of days")]
fn tenths(part: usize, whole: usize) -> f64 {
    (part as f64 / whole as f64 * 10.0).round() / 10.0
}

#[expect(clippy::cast_precision_loss, reason = "seconds far below 2^52")]
fn tenths_of_hours(seconds: i64) -> f64 {
    (seconds as f64 / 360.0).round() / 10.0
}

impl Truth {
    pub(super) fn points_of_people(&self, studied: &Studied) -> Vec<PointTruth> {
        let people: BTreeSet<usize> = studied.now().map(|(person, _)| *person).collect();
        let point = |person: usize| studied.point(self.0.people[person].name.clone(), |author, _| author == person);
        people.into_iter().filter_map(point).collect()
    }

    pub(super) fn points_of_teams(&self, studied: &Studied) -> Vec<PointTruth> {
        let teams = 0..usize::try_from(self.0.config.teams).unwrap_or(0);
        let point = |(_, slug): (String, String)| studied.point(slug.clone(), |_, it| self.is_of_team(it, &slug));
        teams.map(names::team).filter_map(point).collect()
    }
}
