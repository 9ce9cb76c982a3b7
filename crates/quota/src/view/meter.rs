//! One meter as it is to be shown now: a period that has ended says nothing any more.

use super::Thresholds;
use crate::{Limit, Meter, Milli, Unit};
use tacho_domain::Instant;

/// How near the end of what is included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Below the thresholds, or nothing to measure against.
    #[default]
    Ok,
    /// At the warning or above it.
    Warn,
    /// At the critical share or above it.
    Critical,
    /// More than is included.
    Over,
}

impl Level {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Critical => "critical",
            Self::Over => "over",
        }
    }
}

/// A meter at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterView {
    /// Stable name: `premium_interactions`.
    pub id: String,
    /// What a person calls it.
    pub label: String,
    /// What it counts.
    pub unit: Unit,
    /// What is used; `None` since its period ended, for nobody has told yet how the new one goes.
    pub used: Option<Milli>,
    /// How much is included.
    pub limit: Limit,
    /// The share used, in thousandths of a per cent; `None` without a limit, or with nothing known.
    pub percent: Option<Milli>,
    /// What is used beyond the limit.
    pub overage: Milli,
    /// Whether use beyond the limit goes on.
    pub overage_permitted: Option<bool>,
    /// When the count begins again, or began.
    pub resets_at: Option<Instant>,
    /// How long a rolling period is, in minutes.
    pub window_minutes: Option<u32>,
    /// How near the end.
    pub level: Level,
}

impl MeterView {
    /// The meter as it stands at `now`.
    #[must_use]
    pub fn of(meter: &Meter, thresholds: Thresholds, now: Instant) -> Self {
        let ended = meter.is_over_by(now);
        let percent = meter.percent().filter(|_| !ended);
        Self {
            id: meter.id.clone(),
            label: meter.label.clone(),
            unit: meter.unit,
            used: (!ended).then_some(meter.used()),
            limit: meter.limit(),
            percent,
            overage: if ended { Milli(0) } else { meter.overage() },
            overage_permitted: meter.overage_permitted,
            resets_at: meter.resets_at,
            window_minutes: meter.window_minutes,
            level: percent.map_or(Level::Ok, |percent| level(percent, meter.overage(), thresholds)),
        }
    }

    /// Whether its period has ended, so that the number of before was put away.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.used.is_none()
    }

    /// What is left of the limit; nothing beyond it, `None` without one.
    #[must_use]
    pub fn left(&self) -> Option<Milli> {
        let Limit::Of(limit) = self.limit else { return None };
        self.used.map(|used| Milli((limit.0 - used.0).max(0)))
    }
}

/// Amounts decide what is over, since shares are rounded down.
fn level(percent: Milli, overage: Milli, thresholds: Thresholds) -> Level {
    let at_least = |threshold: u8| percent >= Milli::whole(i64::from(threshold));
    match () {
        () if overage.0 > 0 => Level::Over,
        () if at_least(thresholds.critical()) => Level::Critical,
        () if at_least(thresholds.warn()) => Level::Warn,
        () => Level::Ok,
    }
}
