//! What charts over time share: the plot's place, value lines, day names, stripes over provisional days.

use crate::svg::{Picture, width_of};

/// Where the plot is inside the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// How many places there are from left to right.
    pub(super) places: usize,
    /// The value at the upper edge.
    pub(super) most: f64,
}

impl Frame {
    /// The lower edge.
    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// The width of a place.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand places at most")]
    pub(super) fn step(&self) -> f64 {
        self.width / self.places.max(1) as f64
    }

    /// The middle of a place.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand places at most")]
    pub(super) fn x(&self, place: usize) -> f64 {
        self.left + (place as f64 + 0.5) * self.step()
    }

    /// The height of a value.
    pub(super) fn y(&self, value: f64) -> f64 {
        self.bottom() - self.height * (value / self.most)
    }

    /// Draws the value lines with their names.
    pub(super) fn values(&self, picture: &mut Picture, step: f64, name: impl Fn(f64) -> String) {
        // Counted in whole steps: adding up tenths would drift.
        let mut steps = 0.0;
        while steps * step <= self.most + step / 2.0 {
            let value = steps * step;
            let y = self.y(value);
            let class = if steps == 0.0 { "base" } else { "grid" };
            picture.line(class, (self.left, y), (self.left + self.width, y));
            picture.label("tick", (self.left - 8.0, y + 4.0), "end", &name(value));
            steps += 1.0;
        }
    }

    /// Repeats the names at the right end, over what is drawn: where the page is narrow and shows the newest end, those on the
    /// left are out of sight.
    pub(super) fn edges(&self, picture: &mut Picture, step: f64, name: impl Fn(f64) -> String) {
        let mut steps = 1.0;
        while steps * step <= self.most + step / 2.0 {
            let value = steps * step;
            let place = (self.left + self.width - 3.0, self.y(value) + 13.0);
            picture.label("tick edge", place, "end", &name(value));
            steps += 1.0;
        }
    }

    /// Names the places below the plot.
    pub(super) fn names(&self, picture: &mut Picture, marks: &[(usize, String)]) {
        for (place, name) in marks {
            let x = self.x(*place);
            picture.line("base", (x, self.bottom()), (x, self.bottom() + 4.0));
            // A name at the right end would be cut by the picture's edge.
            let half = width_of(name, 14.0) / 2.0;
            let x = x.min(self.left + self.width + 12.0 - half);
            picture.label("tick", (x, self.bottom() + 18.0), "middle", name);
        }
    }

    /// Marks the picture as dense where its points stand nearer than `least`: thinner lines; as packed where they touch.
    pub(super) fn mark_dense(&self, picture: &mut Picture, least: f64) {
        if self.step() < 2.0 {
            picture.class("packed");
        } else if self.step() < least {
            picture.class("dense");
        }
    }

    /// Covers runs of places where `covered` holds, from edge to edge.
    pub(super) fn cover(&self, picture: &mut Picture, class: &str, fill: &str, covered: impl Fn(usize) -> bool) {
        for (from, to) in runs(self.places, covered) {
            let x = self.x(from) - self.step() / 2.0;
            let right = self.x(to) + self.step() / 2.0;
            picture.rect(class, (x, self.top), (right - x, self.height), fill);
        }
    }
}

/// The runs of neighbouring places where `inside` holds, as first and last place.
pub(super) fn runs(places: usize, inside: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for place in (0..places).filter(|place| inside(*place)) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == place => *last = place,
            _ => runs.push((place, place)),
        }
    }
    runs
}
