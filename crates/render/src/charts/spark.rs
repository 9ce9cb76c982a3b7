//! The small line beside a number. It repeats what the number's chart or table says, so screen readers skip it.

use super::frame::runs;
use crate::svg::{Picture, block};

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 28.0;

/// Draws a bar per value: what one person did has too many gaps for a line. Empty where nothing is known.
#[must_use]
pub fn spark_bars(values: &[Option<f64>]) -> String {
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    if most <= 0.0 {
        return String::new();
    }
    let places = f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX));
    let step = WIDTH / places;
    let mut left = 0.0;
    let mut course = String::new();
    for value in values {
        if let Some(value) = value.filter(|value| *value > 0.0) {
            let height = (HEIGHT * value / most).max(1.5);
            course.push_str(&block((left, HEIGHT - height), ((step * 0.75).max(0.8), height)));
        }
        left += step;
    }
    // One shape of all bars: a table of fifty members has a picture in each row.
    let mut picture = Picture::decoration("spark", WIDTH, HEIGHT);
    picture.shape("bar", &course);
    picture.close()
}

/// Draws values from 0 to the largest; unknown days are gaps. Empty where nothing is known.
#[must_use]
pub fn spark(values: &[Option<f64>]) -> String {
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    if values.iter().all(Option::is_none) {
        return String::new();
    }
    let mut picture = Picture::decoration("spark", WIDTH, HEIGHT);
    let last = u32::try_from(values.len().saturating_sub(1)).unwrap_or(u32::MAX).max(1);
    let x = |place: usize| f64::from(u32::try_from(place).unwrap_or(u32::MAX)) * (WIDTH - 4.0) / f64::from(last) + 2.0;
    let y = |value: f64| HEIGHT - 2.0 - (HEIGHT - 4.0) * if most > 0.0 { value / most } else { 0.0 };
    for (from, to) in runs(values.len(), |place| values[place].is_some()) {
        let mut line: Vec<(f64, f64)> = (from..=to).filter_map(|place| Some((x(place), y(values[place]?)))).collect();
        if let [only] = line[..] {
            // A lone day gets a dash of its own, else it would have no length to be seen by.
            line = vec![(only.0 - 1.5, only.1), (only.0 + 1.5, only.1)];
        }
        picture.path("line", &line);
    }
    picture.close()
}
