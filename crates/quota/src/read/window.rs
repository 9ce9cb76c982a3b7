//! Rolling limits of which a vendor tells only the share used: how they are named.

use super::misread::Misread;
use crate::{Limit, Meter, Milli, Unit};
use tacho_domain::Instant;

/// The limits that several vendors have: length in minutes, id, what a person calls it.
const LENGTHS: [(u32, &str, &str); 2] = [(300, "five_hour", "5 hours"), (10_080, "seven_day", "7 days")];

/// A rolling limit's share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    /// What is used, in per cent; may be above 100.
    pub(super) used: Milli,
    /// When it begins again.
    pub(super) resets_at: Option<Instant>,
    /// How long it is.
    pub(super) minutes: Option<u32>,
}

/// A rolling limit's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) id: String,
    pub(super) label: String,
}

impl Name {
    pub(super) fn new(id: &str, label: &str) -> Self {
        Self { id: id.to_owned(), label: label.to_owned() }
    }

    /// The name of a limit of that length; one that is a little off is a vendor's rounding (299 minutes).
    pub(super) fn of_length(minutes: u32) -> Self {
        let near = LENGTHS.iter().find(|(length, ..)| minutes.abs_diff(*length) * 50 <= *length);
        match near {
            Some((_, id, label)) => Self::new(id, label),
            None => Self { id: format!("minutes_{minutes}"), label: length_in_words(minutes) },
        }
    }

    /// The same limit for one model or feature only.
    pub(super) fn of(self, scope: &str) -> Self {
        let slug: String = scope.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
        Self { id: format!("{}_{slug}", self.id), label: format!("{scope}, {}", self.label) }
    }
}

fn length_in_words(minutes: u32) -> String {
    let (count, unit) = match minutes {
        _ if minutes.is_multiple_of(1_440) => (minutes / 1_440, "day"),
        _ if minutes.is_multiple_of(60) => (minutes / 60, "hour"),
        _ => (minutes, "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

impl Share {
    /// The meter of that share: of 100.
    ///
    /// # Errors
    /// When less than nothing is used.
    pub(super) fn meter(self, name: &Name) -> Result<Meter, Misread> {
        let Self { used, resets_at, minutes } = self;
        let mut meter = Meter::new(&name.id, &name.label, Unit::Percent, used, Limit::Of(Milli::whole(100)))?;
        meter.resets_at = resets_at;
        meter.window_minutes = minutes;
        Ok(meter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_named_by_its_length() {
        let named = [300, 299, 10_080, 10_079, 60, 1_440, 43_200, 90, 0].map(|minutes| Name::of_length(minutes).label);
        assert_eq!(named, ["5 hours", "5 hours", "7 days", "7 days", "1 hour", "1 day", "30 days", "90 minutes", "0 days"]);
        assert_eq!(Name::of_length(300).of("GPT-5 Spark"), Name::new("five_hour_gpt_5_spark", "GPT-5 Spark, 5 hours"));
    }
}
